# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A function that waits to be run in a transaction, and whoever waits for its result."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress


class Work:
    """A function, and the future of its caller: one of asyncio on `loop`, or one that a thread waits for."""

    __slots__ = ("failure", "function", "future", "loop", "result")

    def __init__(self, function: Callable, future: asyncio.Future | Future, loop: asyncio.AbstractEventLoop | None) -> None:
        self.function = function
        self.future = future
        self.loop = loop
        self.result: object = None
        self.failure: BaseException | None = None

    def is_wanted(self) -> bool:
        """Tell whether the caller still waits; a thread that does cannot stop from here on."""
        if self.loop is None:
            return self.future.set_running_or_notify_cancel()
        return not self.future.cancelled()

    def settle(self) -> None:
        """Give the caller the result or the failure. To be called on its loop, if it has one."""
        if self.loop is not None and self.future.done():
            return  # it has gone away meanwhile
        if self.failure is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.failure)


def answer(works: Iterable[Work]) -> None:
    """Give all callers what became of their functions, waking each event loop once."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Work]] = {}
    for work in works:
        if work.loop is None:
            work.settle()
        else:
            by_loop.setdefault(work.loop, []).append(work)
    for loop, theirs in by_loop.items():
        with suppress(RuntimeError):  # the loop was closed: nobody waits there any more
            loop.call_soon_threadsafe(_settle_all, theirs)


def _settle_all(works: Iterable[Work]) -> None:
    for work in works:
        work.settle()
