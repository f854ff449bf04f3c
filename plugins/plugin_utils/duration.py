# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Durations as people write them: a number of seconds, or `30s`, `15m`, `4h`, `90d`, `2w`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_TEXT = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw])")


def duration_schema(*, minimum: float = 0, maximum: float = 315_360_000, default: Any = None) -> Mapping:
    """Make the JSON schema of a duration; limits are in seconds, and hold for numbers only (see `seconds`)."""
    expected = f"a number of seconds from {minimum:g} to {maximum:.0f}, or a text such as 30s, 15m, 4h, 90d"
    schema: dict[str, Any] = {
        "anyOf": [
            {"type": "number", "minimum": minimum, "maximum": maximum},
            {"type": "string", "pattern": r"^\d{1,9}(\.\d+)?\s*[smhdw]$", "expected": expected},
        ],
        "expected": expected,
    }
    return schema if default is None else {**schema, "default": default}


def seconds(value: float | str) -> float:
    """Return a duration in seconds. Raises ValueError when it is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueError(f"must be a number of seconds or a text such as 15m, got {value!r}")
    if not isinstance(value, str):
        return float(value)
    match = _TEXT.fullmatch(value.strip())
    if not match:
        raise ValueError(f"must be a number of seconds or a text such as 15m, got {value!r}")
    return float(match[1]) * _UNITS[match[2]]
