# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Find cases by what people ask for."""

from __future__ import annotations

import json
from pathlib import Path

from ..values import Case, CaseQuery
from .case_columns import as_case, case_statements
from .connected import Connected

_SQL = case_statements(Path(__file__).with_suffix(".sql"))
_LISTS = ("ids", "states", "kinds", "types", "names", "severities", "hosts", "dedup_keys")
_AFTER_ALL = 2**62


class Search(Connected):
    """See `interface.Transaction`."""

    def find_cases(self, query: CaseQuery) -> list[Case]:
        values = {
            **{name: json.dumps(getattr(query, name)) if getattr(query, name) else None for name in _LISTS},
            "live": query.live,
            "updated_after": query.updated_after,
            "text": f"%{_literal(query.text)}%" if query.text else None,
            "before_id": _AFTER_ALL if query.before_id is None else query.before_id,
            "limit": query.limit,
        }
        return [as_case(row) for row in self._do(_SQL["newest"].replace("{filters}", _SQL["filters"]), values)]


def _literal(text: str) -> str:
    r"""Escape what LIKE takes for a pattern, with \ as the escape."""
    return text.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
