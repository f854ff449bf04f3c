# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Delete what is older than is to be kept."""

from __future__ import annotations

import time as clock
from pathlib import Path

from ..statements import statements
from ..values import HISTORY_DELETED, Change
from . import words
from .cases import Cases

_SQL = statements(Path(__file__).with_suffix(".sql"))


class Retention(Cases):
    """See `interface.Transaction`."""

    def delete_before(self, time: float, limit: int) -> int:
        cases = self._do(_SQL["old_cases"], {"time": time, "limit": limit}).fetchall()
        for (case_id,) in cases:
            self._delete_case(case_id)
        events = self._do(_SQL["old_events"], {"time": time, "limit": limit - len(cases)}).fetchall()
        self._do_all(_SQL["delete_event"], [{"id": id_} for (id_,) in events])
        number = len(cases) + len(events)
        if number:
            self.changes.append(Change(clock.time(), HISTORY_DELETED, details={"number": number, "before": time}))
        return number

    def _delete_case(self, case_id: int) -> None:
        dispatches = [{"uuid": uuid} for (uuid,) in self._do(_SQL["dispatches_of_case"], (case_id,))]
        self._do(_SQL["delete_shares"], (case_id,))
        self._do_all(_SQL["delete_executions"], dispatches)  # another case may have a share in the same dispatch
        self._do_all(_SQL["delete_dispatch"], dispatches)
        self._do(_SQL["delete_history"], (case_id,))
        self._do(_SQL["delete_hosts"], (case_id,))
        events = [{"id": id_} for (id_,) in self._do(_SQL["events_of_case"], (case_id,))]
        self._do(_SQL["part_from_events"], (case_id,))
        if self.has_words:
            words.delete(self._do, self.case(case_id))
        self._do(_SQL["delete_case"], (case_id,))
        self._do_all(_SQL["delete_event"], events)  # the event that another case reads now stays
        self._known.forget(case_id)
