# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Text of unknown length, as part of a line that has bounds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

_INDEXED_BELOW = 2**63  # Elasticsearch's long


@dataclass(frozen=True)
class Limits:
    """How long a text is at most in a line, in bytes as JSON writes it, and how many entries a list has."""

    text_bytes: int = 1024  # an Elasticsearch keyword of ECS is not indexed beyond 1,024 characters
    entries: int = 100


class Texts:
    """Cut texts and lists to the limits of a line."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits

    def __call__(self, value: str) -> str:
        return _cut(value, self.limits.text_bytes)

    def short(self, value: str) -> str:
        return _cut(value, self.limits.text_bytes // 4)

    def several(self, values: Sequence[str]) -> list[str]:
        return [self(value) for value in values[: self.limits.entries]]

    def of_json(self, value: object) -> str:
        return self(json.dumps(value, default=str))

    def plain(self, value: object) -> bool | int | float | str:
        """Return a number as it is, and all else as text: an index gives a field one type, and refuses objects where it met texts."""
        if isinstance(value, (bool, int, float)) and abs(value) < _INDEXED_BELOW:  # neither is NaN
            return value
        return self(value) if isinstance(value, str) else self.of_json(value)


def _cut(value: str, most_bytes: int) -> str:
    """Shorten a text that JSON would write in more bytes, and say so by three dots."""
    if len(value) * 12 <= most_bytes:  # a character beyond U+FFFF becomes two escapes of six bytes
        return value
    kept = value[:most_bytes]
    while (size := len(json.dumps(kept)) - 2) > (room := most_bytes if len(kept) == len(value) else most_bytes - 3):
        kept = kept[: min(len(kept) - 1, len(kept) * room // size)]
    return kept if len(kept) == len(value) else kept + "..."
