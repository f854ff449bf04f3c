# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Dispatches, their cases' shares, and what their playbooks did."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import astuple
from pathlib import Path

from ..statements import statements
from ..values import DISPATCH_ENDED, DISPATCH_PLANNED, ENDED, Change, Dispatch, ExecutionRow, Share
from .connected import Connected

_SQL = statements(Path(__file__).with_suffix(".sql"))


class Dispatches(Connected):
    """See `interface.Transaction`."""

    def add_dispatch(self, dispatch: Dispatch) -> None:
        begun = (dispatch.uuid, dispatch.attempt, json.dumps(dispatch.hosts), dispatch.planned_at)
        self._do(_SQL["insert"], (*begun, *_course(dispatch)))
        self._do_all(
            _SQL["insert_share"], [(dispatch.uuid, share.case_id, json.dumps(share.hosts), place) for place, share in enumerate(dispatch.shares)]
        )
        self.changes.append(Change(dispatch.planned_at, DISPATCH_PLANNED, dispatch=dispatch))

    def save_dispatch(self, dispatch: Dispatch) -> None:
        before = self.dispatch(dispatch.uuid)
        self._do(_SQL["update"], (*_course(dispatch), dispatch.uuid))
        if dispatch.state == ENDED != before.state:
            time = dispatch.planned_at if dispatch.ended_at is None else dispatch.ended_at
            self.changes.append(Change(time, DISPATCH_ENDED, dispatch.outcome, dispatch=dispatch))

    def dispatch(self, uuid: str) -> Dispatch:
        row = self._do(_SQL["dispatch"], (uuid,)).fetchone()
        if row is None:
            raise KeyError(f"the store has no dispatch {uuid}")
        return self._whole(row)

    def unfinished_dispatches(self) -> list[Dispatch]:
        return [self._whole(row) for row in self._do(_SQL["unfinished"]).fetchall()]

    def dispatches_of(self, case_id: int) -> list[Dispatch]:
        return [self._whole(row) for row in self._do(_SQL["of_case"], (case_id,)).fetchall()]

    def put_executions(self, rows: Iterable[ExecutionRow]) -> None:
        for row in rows:
            self._do(_SQL["put_execution"], astuple(row))

    def executions(self, uuid: str) -> list[ExecutionRow]:
        return [ExecutionRow(*row) for row in self._do(_SQL["executions"], (uuid,))]

    def _whole(self, row: Sequence) -> Dispatch:
        uuid, attempt, hosts, planned_at, *course = row
        shares = tuple(Share(case_id, tuple(json.loads(own))) for case_id, own in self._do(_SQL["shares"], (uuid,)))
        return Dispatch(uuid, attempt, tuple(json.loads(hosts)), shares, planned_at, *course)


def _course(dispatch: Dispatch) -> tuple:
    """Return what becomes of a dispatch after it was planned, in the order of its fields."""
    return (dispatch.state, dispatch.outcome, dispatch.result, dispatch.interruptions, dispatch.playbooks, dispatch.ended_at)
