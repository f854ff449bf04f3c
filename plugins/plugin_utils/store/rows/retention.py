# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Delete what is older than is to be kept."""

from __future__ import annotations

import json
import time as clock
from pathlib import Path

from ..statements import statements
from ..values import HISTORY_DELETED, Change
from .cases import Cases

_SQL = statements(Path(__file__).with_suffix(".sql"))
_OF_CASES = ("delete_shares", "delete_executions", "delete_dispatches", "delete_history", "delete_hosts", "delete_endings")


class Retention(Cases):
    """See `interface.Transaction`."""

    def delete_before(self, time: float, limit: int) -> int:
        cases = self._list("old_cases", time=time, limit=limit)
        if cases:
            self._delete_cases(cases)
        events = self._list("old_events", time=time, limit=limit - len(cases)) if len(cases) < limit else []
        if events:
            self._do(_SQL["delete_events"], {"events": json.dumps(events)})
        number = len(cases) + len(events)
        if number:
            self.changes.append(Change(clock.time(), HISTORY_DELETED, details={"number": number, "before": time}))
        return number

    def _delete_cases(self, cases: list[int]) -> None:
        ids = json.dumps(cases)
        values = {"cases": ids, "dispatches": json.dumps(self._list("dispatches", cases=ids)), "events": json.dumps(self._list("events", cases=ids))}
        for name in _OF_CASES:
            self._do(_SQL[name], values)
        if self.has_words:
            self._do(_SQL["delete_words"], values)
        self._do(_SQL["defer_foreign_keys"])
        for name in ("delete_cases", "delete_events", "part_from_cases"):
            self._do(_SQL[name], values)
        for case_id in cases:
            self._known.forget(case_id)

    def _list(self, name: str, **values: object) -> list:
        return json.loads(self._do(_SQL[name], values).fetchone()[0])
