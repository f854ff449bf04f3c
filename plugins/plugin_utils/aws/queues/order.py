# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The order of a FIFO queue: of a group, nothing is kept before what came before it.

SQS hands out nothing of a group while a part of it is in somebody's hands (Amazon SQS Developer Guide, "FIFO queue delivery logic"), for as long as
it is invisible. What is here holds when that time has run out, too, and within what came together.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING

from .message import Message

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


def behind(messages: Sequence[Message], left: Collection[Message]) -> list[Message]:
    """Return the messages that come after one of their group that is left in the queue, whatever is to become of them."""
    stopped: set[str] = set()
    found = []
    for message in messages:
        if message.group in stopped:
            found.append(message)
        elif message.group is not None and message in left:
            stopped.add(message.group)
    return found


class LeftBehind:
    """The messages that were left in the queue: what comes after one in its group has to wait until it has come again.

    :param patience_seconds: how long it is waited for when it is visible again. Somebody may have taken it out of the queue.
    :param now: returns seconds, from any point.
    """

    def __init__(self, patience_seconds: float, now: Callable[[], float]) -> None:
        self._patience_seconds = patience_seconds
        self._now = now
        self._left: dict[str, dict[int, float]] = {}  # of each group the numbers, and when they are visible again

    def note(self, message: Message, until: float) -> None:
        """Note that a message was left, and until when it is invisible."""
        if message.group is not None:
            self._left.setdefault(message.group, {})[message.sequence] = until

    def settled(self, messages: Iterable[Message]) -> None:
        """Note that messages are kept: what came after them may go on."""
        for message in messages:
            self._forget(message.group, message.sequence)

    def behind(self, messages: Sequence[Message]) -> list[Message]:
        """Return the messages that come after one that was left and is not among them."""
        over = self._now() - self._patience_seconds
        for group, number in [(group, number) for group, left in self._left.items() for number, until in left.items() if until <= over]:
            self._forget(group, number)
        come = {(message.group, message.sequence) for message in messages}
        absent = {group: [number for number in left if (group, number) not in come] for group, left in self._left.items()}
        return [message for message in messages if any(number < message.sequence for number in absent.get(message.group, ()))]

    def seconds_left(self, message: Message) -> float:
        """Return for how long what a message comes after is invisible."""
        before = (until for number, until in self._left.get(message.group, {}).items() if number < message.sequence)
        return max(0.0, max(before, default=0.0) - self._now())

    def _forget(self, group: str | None, number: int) -> None:
        left = self._left.get(group, {})
        left.pop(number, None)
        if not left:
            self._left.pop(group, None)


class Turns:
    """Who has messages of a group waits for all who had some of it before, in the order in which turns are asked for, so that nobody waits in a circle."""

    def __init__(self) -> None:
        self._last: dict[str, asyncio.Future[None]] = {}

    def of(self, messages: Sequence[Message]) -> AbstractAsyncContextManager[None]:
        """Have the turn of all groups of some messages. The place in the order is that of the call, not of a wait."""
        return self.of_all(dict.fromkeys(message.group for message in messages if message.group is not None))

    @asynccontextmanager
    async def of_all(self, groups: Collection[str]) -> AsyncIterator[None]:
        """Have the turn of some groups, of whatever kind."""
        before = [self._last[group] for group in groups if group in self._last]
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._last.update(dict.fromkeys(groups, mine))
        try:
            for each in before:
                await asyncio.shield(each)
            yield
        finally:
            mine.set_result(None)
            for group in groups:
                if self._last.get(group) is mine:
                    del self._last[group]
