# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A case as a row, and back. The columns have the names of the fields."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from ..statements import statements
from ..values import Case

NAMES = tuple(field.name for field in fields(Case))
_HOSTS, _AGAIN, _LIVE, _CONNECTIONS = map(NAMES.index, ("hosts", "again", "live", "connections"))


def case_statements(file: Path) -> dict[str, str]:
    """Read statements in which {columns} stands for the columns of a case and {of_case} for the same of the alias `c`."""
    columns = ", ".join(NAMES)
    of_case = ", ".join(f"c.{name}" for name in NAMES)
    return {name: sql.replace("{columns}", columns).replace("{of_case}", of_case) for name, sql in statements(file).items()}


def column(case: Case, name: str) -> object:
    """Return what is written in one column."""
    value = getattr(case, name)
    if name == "hosts":
        return json.dumps(value)
    if name == "connections":
        return json.dumps(value) if value else ""
    return None if name == "id" and not value else value


def as_case(row: Sequence) -> Case:
    """Make the case of a row."""
    values = list(row)
    values[_HOSTS] = tuple(json.loads(values[_HOSTS]))
    values[_AGAIN] = bool(values[_AGAIN])
    values[_LIVE] = bool(values[_LIVE])
    values[_CONNECTIONS] = json.loads(values[_CONNECTIONS] or "{}")
    return Case(*values)
