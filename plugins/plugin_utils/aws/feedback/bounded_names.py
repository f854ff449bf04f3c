# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The names of alerts as a dimension: so many different ones, as each makes a metric that AWS has its price for; all others are one."""

from __future__ import annotations

import re
from collections.abc import Iterable

MOST, OTHER = 50, "other"

# Dimensions have ASCII without control characters, 1 to 1024 of them, some of which are no spaces (Amazon CloudWatch API Reference, Dimension).
_LONGEST = 255
_UNWRITABLE = re.compile(r"[^ -~]")


class BoundedNames:
    """The names that have a metric of their own: those that came first.

    :param known: those of earlier lives.
    """

    def __init__(self, known: Iterable[str] = (), most: int = MOST) -> None:
        self._known = dict.fromkeys(known)
        self._most = most

    def __len__(self) -> int:
        return len(self._known)

    def __iter__(self):
        return iter(self._known)

    def of(self, name: str) -> str:
        """Return what a name is as a dimension."""
        written = _UNWRITABLE.sub("_", name)[:_LONGEST].strip().lstrip(":") or OTHER
        if written in self._known:
            return written
        if len(self._known) >= self._most:
            return OTHER
        self._known[written] = None
        return written
