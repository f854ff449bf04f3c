# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Wait for an effect, not for a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")

_LOOK_SECONDS = 0.05


class NotSeen(Exception):
    """What should have happened was not seen; the message says what."""


async def until(look: Callable[[], Found], what: str, seconds: float, require: Callable[[], None] = lambda: None) -> Found:
    """Return what a function returns as soon as that is true.

    Args:
        look: asked every 50 ms.
        what: what is waited for, for the message.
        seconds: how long to wait.
        require: raises when there is nothing left to wait for.

    Raises:
        NotSeen: it did not come true in time.
    """
    deadline = time.monotonic() + seconds
    while not (found := look()):
        require()
        if time.monotonic() > deadline:
            raise NotSeen(f"{what}: not within {seconds:g} s")
        await asyncio.sleep(_LOOK_SECONDS)
    return found
