# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When each target is checked: every target at its own interval, evenly spread, never twice at once."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import logging
import math
from collections.abc import Awaitable, Callable, Mapping

logger = logging.getLogger(__name__)

_COMPLAINT_SECONDS = 60.0


def first_due(position: int, count: int, interval: float, now: float) -> float:
    """Spread the first checks of `count` targets over their interval, so that they do not start in a herd; the first starts at once."""
    return now + interval * position / count


def next_due(due: float, interval: float, now: float) -> float:
    """Return the next beat after now; beats that passed while a check took its time are left out, not made up for."""
    return due + interval * max(1, math.floor((now - due) / interval) + 1)


class Scheduler:
    """Call `perform` with each key at its interval.

    :param perform: checks one target; how many run at once is its business. What it raises ends the scheduler.
    """

    def __init__(self, perform: Callable[[str], Awaitable[None]]) -> None:
        self._perform = perform
        self._intervals: dict[str, float] = {}
        self._due: dict[str, float] = {}
        self._queue: list[tuple[float, str]] = []
        self._running: set[str] = set()
        self._changed = asyncio.Event()
        self._complained_at = -math.inf

    def plan(self, intervals: Mapping[str, float]) -> None:
        """Set what is to be checked, and how often (seconds); those that were planned before keep their beat."""
        now = asyncio.get_running_loop().time()
        added = [key for key in intervals if key not in self._intervals]
        for key, due in list(self._due.items()):
            if key not in intervals:
                del self._due[key]
            elif intervals[key] < self._intervals[key]:
                self._set_due(key, min(due, now + intervals[key]))
        self._intervals = dict(intervals)
        for position, key in enumerate(added):
            if key not in self._running:
                self._set_due(key, first_due(position, len(added), intervals[key], now))
        self._changed.set()

    async def run(self) -> None:
        """Keep to the plan until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                self._changed.clear()
                pause = self._start_due(tasks)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._changed.wait()

    def _start_due(self, tasks: asyncio.TaskGroup) -> float | None:
        """Start what is due, and return the seconds until the next is; None when nothing is planned."""
        now = asyncio.get_running_loop().time()
        while self._queue:
            due, key = self._queue[0]
            if due > now and self._due.get(key) == due:
                return due - now
            heapq.heappop(self._queue)
            if self._due.get(key) == due:  # else it was planned anew since
                del self._due[key]
                self._running.add(key)
                tasks.create_task(self._perform_one(key, due), name=f"probe::{key}")
        return None

    async def _perform_one(self, key: str, due: float) -> None:
        await self._perform(key)
        self._running.discard(key)
        interval = self._intervals.get(key)
        if interval is not None:
            now = asyncio.get_running_loop().time()
            self._set_due(key, next_due(due, interval, now))
            self._complain(key, now - due - interval, now)
            self._changed.set()

    def _set_due(self, key: str, due: float) -> None:
        self._due[key] = due
        heapq.heappush(self._queue, (due, key))

    def _complain(self, key: str, late_seconds: float, now: float) -> None:
        if late_seconds > 1 and now - self._complained_at > _COMPLAINT_SECONDS:
            self._complained_at = now
            logger.warning(
                "checks take longer than their interval (%s by %.1f s): raise interval or max_concurrent, or lower timeout", key, late_seconds
            )
