# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Work on the event loop that takes its time, while senders wait for theirs: it lets others have their turn in between."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

_LONGEST_SECONDS = 0.003  # a sender's answer takes a few turns


class Turn:
    """A turn on the event loop, which ends after a few milliseconds where `give_way` is awaited.

    :param now: returns seconds, from any point.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._began = now()

    async def give_way(self) -> None:
        """Let others have their turn, if this one has been long enough."""
        if self._now() - self._began >= _LONGEST_SECONDS:
            await asyncio.sleep(0)
            self._began = self._now()
