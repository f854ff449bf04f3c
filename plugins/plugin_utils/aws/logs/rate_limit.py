# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How often the logs of one place are searched: AWS takes few such requests a second, and people search there, too."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

# FilterLogEvents: 5 requests a second for a region of an account, which cannot be raised ("Throttling in CloudWatch Logs", AWS Knowledge Center).
PER_SECOND = 4
_AT_ONCE = 3


class RateLimit:
    """So many requests a second, and some at once: `async with` waits until one more may be made. What nobody used for a moment may be used at once."""

    def __init__(
        self,
        per_second: float | None = None,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._pause = 1 / (per_second or PER_SECOND)
        self._now = now
        self._sleep = sleep
        self._next = 0.0
        self._at_once = asyncio.Semaphore(_AT_ONCE)

    async def __aenter__(self) -> None:
        await self._at_once.acquire()
        try:
            now = self._now()
            start = max(self._next, now - _AT_ONCE * self._pause)
            self._next = start + self._pause
            if start > now:
                await self._sleep(start - now)
        except BaseException:
            self._at_once.release()
            raise

    async def __aexit__(self, *raised: object) -> None:
        self._at_once.release()
