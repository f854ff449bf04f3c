# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How many requests there may be in a time: a bucket that fills steadily and lets some come at once."""

from __future__ import annotations

import time
from collections.abc import Callable


class TokenBucket:
    """A bucket of tokens, of which each request takes one.

    :param per_second: how many tokens are added.
    :param burst: how many it holds, at least 1; it is full at first.
    :param clock: returns seconds that only grow.
    """

    def __init__(self, per_second: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._burst = burst
        self._clock = clock
        self._tokens = float(burst)
        self._counted_at = clock()

    def take(self) -> float:
        """Take a token and return 0; where there is none, return in how many seconds there will be one."""
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._counted_at) * self._per_second)
        self._counted_at = now
        if self._tokens < 1:
            return (1 - self._tokens) / self._per_second
        self._tokens -= 1
        return 0.0
