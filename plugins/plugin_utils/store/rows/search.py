# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Find cases by what people ask for, among a million.

The fields that list few cases are counted, up to a limit, by their indexes: the rarest tells where to look. When all are common, the
newest cases that have the values of one of them soon have the others, too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from ansible_collections.eventops.infra.plugins.plugin_utils.event import KINDS, SEVERITIES

from ..values import FINAL, UNFINISHED, Case, CaseQuery
from .agenda import Agenda
from .case_columns import as_case, case_statements
from .words import literal, matching

_SQL = case_statements(Path(__file__).with_suffix(".sql"))
_FEW = 20_000
_LISTS = ("ids", "dedup_keys", "hosts", "names", "types", "states", "severities", "kinds")
_MOST_VALUES = 50  # SQLite takes 500 parts of a statement


class Search(Agenda):
    """See `interface.Transaction`."""

    def find_cases(self, query: CaseQuery) -> list[Case]:
        values: dict[str, object] = {"limit": query.limit, "most": _FEW}
        if query.without_types:
            values["without_types"] = query.without_types
        values |= {name: json.dumps(getattr(query, name)) for name in _LISTS if getattr(query, name)}
        values |= {name: getattr(query, name) for name in ("live", "updated_after", "before_id") if getattr(query, name) is not None}
        if query.text:
            values["text"] = f"%{literal(query.text)}%"
            if self.has_words and (words := matching(self._connection, query.text)) is not None:
                values["words"] = words
        asked = [name for name in values if f"filter_{name}" in _SQL]
        filters = " AND ".join(_SQL[f"filter_{name}"] for name in asked) or "1"
        sql = self._among_few(asked, values) or _among_newest(query, values) or _SQL["of_all"]
        return [as_case(row) for row in self._do(sql.replace("{filters}", filters), values).fetchall()]

    def _among_few(self, asked: list[str], values: dict[str, object]) -> str | None:
        counts = [(self._count(name, values), name) for name in asked if _lists(name, values)]
        number, rarest = min(counts, default=(_FEW, ""))
        return _SQL["of_few"].replace("{listed}", _SQL[f"listed_{rarest}"]) if number < _FEW else None

    def _count(self, name: str, values: dict[str, object]) -> int:
        return self._do(_SQL["count"].replace("{listed}", _SQL[f"listed_{name}"]), values).fetchone()[0]


def _lists(name: str, values: dict[str, object]) -> bool:
    """Tell whether the cases that have what was asked for are listed anywhere."""
    if name == "text":
        return "words" in values
    return bool(values["live"]) if name == "live" else f"listed_{name}" in _SQL


def _among_newest(query: CaseQuery, values: dict[str, object]) -> str | None:
    """Choose the field whose values are gone through one by one."""
    for field in ("name", "type", "class"):
        given = list(_values_of(query, field))
        if 0 < len(given) <= _MOST_VALUES or (given and field == "class"):
            for number, each in enumerate(given):
                values |= {f"{name}{number}": value for name, value in each.items()}
            newest = _SQL[f"newest_of_{field}"]
            return _SQL["of_few"].replace("{listed}", " UNION ALL ".join(newest.replace("{number}", str(number)) for number in range(len(given))))
    return None


def _values_of(query: CaseQuery, field: str) -> Iterator[dict[str, str]]:
    if field == "name":
        yield from ({"name": name} for name in query.names)
    elif field == "type":
        yield from ({"type": type_} for type_ in query.types)
    elif query.kinds or query.severities or query.states:
        classes = product(query.kinds or KINDS, query.severities or SEVERITIES, query.states or sorted(FINAL | UNFINISHED))
        yield from ({"kind": kind, "severity": severity, "state": state} for kind, severity, state in classes)
