# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What wakes the router: rung by whoever has something for it, from any thread."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress


class Bell:
    """An asyncio.Event that other threads may set, and that is waited for up to a point in time."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._rung = asyncio.Event()

    def ring(self, *_why: object) -> None:
        """Wake the one who waits; also usable as a task's done callback."""
        if threading.get_ident() == self._thread:
            self._rung.set()  # no system call: it is rung for every event that comes in
        else:
            self._loop.call_soon_threadsafe(self._rung.set)

    def reset(self) -> None:
        """Forget that it was rung, before looking for what there is to do."""
        self._rung.clear()

    async def wait(self, at_most_seconds: float | None) -> None:
        """Wait until it is rung, or until the time is over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(at_most_seconds):
                await self._rung.wait()
