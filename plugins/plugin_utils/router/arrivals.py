# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Arrivals: when cases were opened of late, by which a burst is told from a case that comes alone."""

from __future__ import annotations

from collections import deque

_REMEMBERED_SECONDS = 1.0


class Arrivals:
    """The cases that were opened within the last second. Times are seconds since the epoch."""

    def __init__(self) -> None:
        self.last = 0.0  # when a case was opened last
        self._recent: deque[tuple[float, int]] = deque()

    def note(self, opened: int, now: float) -> None:
        """Note that so many cases were opened."""
        if opened:
            self.last = now
            self._recent.append((now, opened))
            self._forget(now)

    def alone(self, now: float) -> bool:
        """Tell whether at most one was opened within the last second."""
        self._forget(now)
        return sum(opened for _time, opened in self._recent) <= 1

    def _forget(self, now: float) -> None:
        while self._recent and self._recent[0][0] < now - _REMEMBERED_SECONDS:
            self._recent.popleft()
