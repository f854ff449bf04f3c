# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The agenda: which cases are ready, late or due, and what the whole of them looks like."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..values import AWAITING_APPROVAL, VERIFYING, Case
from .case_columns import case_statements
from .cases import Cases

_SQL = case_statements(Path(__file__).with_suffix(".sql"))
_READY, _READY_OF_TYPES, _READY_ALIKE, _READY_OF_ANY_NAME = (
    _SQL[name].replace("{free}", _SQL["free"]) for name in ("ready", "ready_of_types", "ready_alike", "ready_of_any_name")
)
_AFTER_ANY_TEXT = "\U0010ffff"


class Agenda(Cases):
    """See `interface.Transaction`."""

    def ready_cases(self, now: float, limit: int, *, types: str = "", like: Case | None = None, any_name: bool = False) -> list[Case]:
        values = {"now": now, "limit": limit}
        if like is not None:
            if not like.type.startswith(types):
                return []
            alike = {name: getattr(like, name) for name in ("type", "name", "mode", "attempt", "decided_by", "id")}
            return self._cases(_READY_OF_ANY_NAME if any_name else _READY_ALIKE, values | alike)
        if types:
            return self._cases(_READY_OF_TYPES, values | {"first_type": types, "last_type": types + _AFTER_ANY_TEXT})
        return self._cases(_READY, values)

    def lifted_cases(self, waits_for: str, limit: int, after_id: int = 0) -> list[Case]:
        return self._cases(_SQL["lifted"], (waits_for, after_id, limit))

    def overdue_cases(self, now: float, limit: int) -> list[Case]:
        return self._cases(_SQL["due_of_state"], (VERIFYING, now, limit))

    def expired_approvals(self, now: float, limit: int) -> list[Case]:
        return self._cases(_SQL["due_of_state"], (AWAITING_APPROVAL, now, limit))

    def next_due(self, now: float) -> float | None:
        return self._value(_SQL["next_due"], {"now": now})

    def unfinished_cases(self) -> list[Case]:
        return self._cases(_SQL["unfinished"])

    def count_unfinished(self) -> dict[str, int]:
        return dict(self._do(_SQL["count_unfinished"]))

    def oldest_waiting(self) -> float | None:
        return self._value(_SQL["oldest_waiting"])

    def count_unhealthy_hosts(self) -> int:
        return self._value(_SQL["count_unhealthy_hosts"])

    def unhealthy_hosts(self) -> list[str]:
        return [host for (host,) in self._do(_SQL["unhealthy_hosts"])]

    def open_hosts(self) -> dict[str, dict]:
        found: dict[str, dict] = {host: {} for (hosts,) in self._do(_SQL["open_hosts"]) for host in json.loads(hosts)}
        for hosts, connections in self._do(_SQL["open_connections"]):
            declared = json.loads(connections)
            found.update((host, declared[host]) for host in json.loads(hosts) if host in declared)
        return found

    def last_run(self, dedup_key: str, *, but: int) -> float | None:
        return self._value(_SQL["last_run"], (dedup_key, but))

    def _cases(self, sql: str, values: Sequence | Mapping = ()) -> list[Case]:
        """Return the cases that a statement lists: most of what waits for something is known, and need not be read."""
        (ids,) = self._do(_SQL["in_one_row"].replace("{listed}", sql), values).fetchone()
        return self.cases([int(each) for each in ids.split(",")]) if ids else []

    def _value(self, sql: str, values: Sequence | Mapping = ()):
        return self._do(sql, values).fetchone()[0]
