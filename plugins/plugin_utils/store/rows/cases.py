# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Cases, one by one, with their hosts and their history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from ..values import CASE_CHANGED, CASE_NOTED, CASE_OPENED, ROUTER, Case, Change, HistoryRow
from .case_columns import NAMES, as_case, case_statements, column
from .connected import Connected

_SQL = case_statements(Path(__file__).with_suffix(".sql"))
_INSERT = _SQL["insert"].replace("{placeholders}", ", ".join("?" * len(NAMES)))
_NEVER_WRITTEN = frozenset({"id", "dedup_key", "kind", "opened_at"})  # what a case is from its first to its last day


class Cases(Connected):
    """See `interface.Transaction`."""

    def add_case(self, case: Case, why: str) -> Case:
        cursor = self._do(_INSERT, [column(case, name) for name in NAMES])
        added = replace(case, id=cursor.lastrowid)
        self._write_hosts(added)
        self._write_history(added, None, added.opened_at, why, ROUTER)
        self._remember(added)
        self.changes.append(Change(added.opened_at, CASE_OPENED, why, case=added))
        return added

    def save_case(self, case: Case, why: str, *, by: str = ROUTER) -> None:
        before = self.case(case.id)
        changed = tuple(name for name in NAMES if name not in _NEVER_WRITTEN and getattr(case, name) != getattr(before, name))
        if changed:
            self._do(_update(changed), [*(column(case, name) for name in changed), case.id])
        if case.hosts != before.hosts:
            self._do(_SQL["delete_hosts"], (case.id,))
            self._write_hosts(case)
        elif _is_unhealthy(case) != _is_unhealthy(before):
            self._do(_SQL["update_unhealthy"], (_is_unhealthy(case), case.id))
        self._remember(case)
        if before.state != case.state:
            self._write_history(case, before.state, case.updated_at, why, by)
            self.changes.append(Change(case.updated_at, CASE_CHANGED, why, by, before.state, case))

    def note(self, case_id: int, why: str, *, by: str, now: float) -> None:
        case = self.case(case_id)
        self._write_history(case, case.state, now, why, by)
        self.changes.append(Change(now, CASE_NOTED, why, by, case.state, case))

    def case(self, case_id: int) -> Case:
        case = self._known_cases.get(case_id)
        if case is None:
            case = self._known_cases[case_id] = as_case(self._one(_SQL["case"], "case", case_id))
        return case

    def live_case(self, dedup_key: str) -> Case | None:
        if dedup_key not in self._known_live:
            row = self._do(_SQL["live"], (dedup_key,)).fetchone()
            self._known_live[dedup_key] = as_case(row) if row else None
            if row:
                self._remember(self._known_live[dedup_key])
        return self._known_live[dedup_key]

    def history(self, case_id: int) -> list[HistoryRow]:
        return [HistoryRow(*row) for row in self._do(_SQL["history"], (case_id,))]

    def _write_hosts(self, case: Case) -> None:
        unhealthy = _is_unhealthy(case)
        self._do_all(_SQL["insert_host"], [(case.id, host, unhealthy) for host in dict.fromkeys(case.target_hosts)])

    def _write_history(self, case: Case, from_state: str | None, time: float, why: str, by: str) -> None:
        self._do(_SQL["insert_history"], (case.id, time, from_state, case.state, why, by))

    def _remember(self, case: Case) -> None:
        self._known_cases[case.id] = case
        known = self._known_live.get(case.dedup_key)
        if case.live:
            self._known_live[case.dedup_key] = case
        elif known is not None and known.id == case.id:
            self._known_live[case.dedup_key] = None


@cache
def _update(changed: Sequence[str]) -> str:
    return _SQL["update"].replace("{changes}", ", ".join(f"{name} = ?" for name in changed))


def _is_unhealthy(case: Case) -> bool:
    return case.live and case.kind == "incident" and bool(case.hosts)
