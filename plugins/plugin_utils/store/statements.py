# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The store's statements: SQL lives in .sql files, each statement under a `-- name:` line."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent
_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)
_MIGRATION = re.compile(r"^(\d{4})_\w+\.sql$")


@cache
def statements(file: Path) -> dict[str, str]:
    """Read the named statements of a .sql file."""
    parts = _NAME.split(file.read_text(encoding="utf-8"))
    return {name: sql.strip().removesuffix(";") for name, sql in zip(parts[1::2], parts[2::2])}


def migrations(directory: Path = _HERE / "migrations") -> list[tuple[int, str]]:
    """List the migrations as (number, SQL script), in order.

    Raises ValueError when a number is missing or stands twice: a store must never skip a step.
    """
    found = sorted((int(match[1]), path) for path in directory.iterdir() if (match := _MIGRATION.match(path.name)))
    numbers = [number for number, _path in found]
    if numbers != list(range(1, len(numbers) + 1)):
        raise ValueError(f"the migrations in {directory} must be numbered 0001, 0002, ... without gaps, found {numbers}")
    return [(number, path.read_text(encoding="utf-8")) for number, path in found]
