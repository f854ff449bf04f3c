# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Endings of cases that a source of ours wants to hear of, until it has. They are written down with the case: see cases.py."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ..event_text import read
from ..finished import Finished
from ..statements import statements
from ..values import ExecutionRow
from .cases import Cases
from .dispatches import Dispatches

_SQL = statements(Path(__file__).with_suffix(".sql"))


class Endings(Dispatches, Cases):
    """See `interface.Transaction`."""

    def follow(self, child: str) -> None:
        self._do(_SQL["follow"], (child,))
        self._followers = None

    def finished(self, child: str, limit: int, after_id: int = 0) -> list[Finished]:
        found = []
        for id_, case_id, state, reason, mode, attempt, ended_at, body in self._do(_SQL["of_child"], (child, after_id, limit)).fetchall():
            case = replace(self.case(case_id), state=state, reason=reason, mode=mode, attempt=attempt, updated_at=ended_at)
            found.append(Finished(id_, case, read(body), self._last_run(case_id)))
        return found

    def forget_finished(self, child: str, ids: Sequence[int]) -> None:
        if ids:
            self._do(_SQL["forget"], (child, json.dumps(list(ids))))

    def _last_run(self, case_id: int) -> tuple[ExecutionRow, ...]:
        """Return what the last dispatch of a case that ran did on the case's own hosts."""
        for dispatch in reversed(self.dispatches_of(case_id)):
            own = {host for share in dispatch.shares if share.case_id == case_id for host in share.hosts}
            if rows := [row for row in self.executions(dispatch.uuid) if row.host in own]:
                return tuple(rows)
        return ()
