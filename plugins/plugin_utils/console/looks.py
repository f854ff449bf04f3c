# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One look for all who ask within a second: what needs no token must not be a way to keep the store busy."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")

KEPT_SECONDS = 1.0


@dataclass(slots=True)
class _Look:
    task: asyncio.Task
    until: float = math.inf  # while it is being taken, it is the newest that can be had


class Looks:
    """The last look of each name, and those that are being taken. A look that failed is not kept.

    :param clock: says what time it is, in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._looks: dict[str, _Look] = {}

    async def look(self, name: str, take: Callable[[], Awaitable[T]]) -> T:
        """Return what `take` returned within the last second; take another look when nobody has. Raises what `take` raises."""
        known = self._looks.get(name)
        if known is None or self._clock() >= known.until:
            known = self._looks[name] = _Look(asyncio.ensure_future(self._take(name, take)))
        return await asyncio.shield(known.task)  # whoever goes away takes it from nobody else

    def forget(self) -> None:
        """Have everybody who asks from now on look anew: something was changed."""
        self._looks.clear()

    async def _take(self, name: str, take: Callable[[], Awaitable[T]]) -> Any:
        mine, until = asyncio.current_task(), -math.inf
        try:
            taken = await take()
            until = self._clock() + KEPT_SECONDS
            return taken
        finally:
            known = self._looks.get(name)
            if known is not None and known.task is mine:
                known.until = until
