# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The messages that are in hand: how long each is still invisible to others, and the renewal of that while they wait for the store.

SQS counts from when it gave a message, which is a little before the answer is here; and no message is invisible for more than 12 hours after that (Amazon
SQS Developer Guide, "Amazon SQS visibility timeout").
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from .message import Message

# What is left when it is renewed, of the whole: there is time to try again once or twice.
_RENEWED_AT = 0.5
_LONGEST_SECONDS = 12 * 3600


@dataclass(slots=True)
class _Hold:
    message: Message
    given_at: float
    until: float


class InHand:
    """Which messages are in hand, by their receipts. Times are seconds from any point.

    :param visibility_seconds: for how long they are invisible when they are given, and again when that is renewed.
    """

    def __init__(self, visibility_seconds: float, now: Callable[[], float]) -> None:
        self._visibility = visibility_seconds
        self._now = now
        self._holds: dict[str, _Hold] = {}
        self._taken = asyncio.Event()

    def __iter__(self) -> Iterator[Message]:
        return iter([hold.message for hold in self._holds.values()])

    def take(self, messages: Iterable[Message]) -> None:
        """Take messages that were given just now."""
        now = self._now()
        for message in messages:
            self._holds[message.receipt] = _Hold(message, now, now + self._visibility)
        self._taken.set()

    def let_go(self, messages: Iterable[Message]) -> None:
        """Have them no longer."""
        for message in messages:
            self._holds.pop(message.receipt, None)

    def seconds_left(self, message: Message) -> float:
        """Return for how long a message stays invisible."""
        hold = self._holds.get(message.receipt)
        return max(0.0, hold.until - self._now()) if hold else 0.0

    def due(self) -> list[Message]:
        """Return the messages whose invisibility is to be renewed now."""
        now = self._now()
        return [hold.message for hold in self._holds.values() if self._due_at(hold) <= now]

    def renewed(self, messages: Sequence[Message], at: float) -> None:
        """Note that messages are invisible for the whole time again, from a time on."""
        for message in messages:
            if hold := self._holds.get(message.receipt):
                hold.until = at + self._visibility

    async def wait_for_due(self) -> None:
        """Return when there may be messages whose invisibility is to be renewed."""
        while not self._holds:
            self._taken.clear()
            await self._taken.wait()
        next_due = min(map(self._due_at, self._holds.values()))
        # Not for ever: it may be that none can be renewed any more.
        await asyncio.sleep(min(max(next_due - self._now(), 0.0), self._visibility * (1 - _RENEWED_AT)))

    def _due_at(self, hold: _Hold) -> float:
        if hold.until + self._visibility > hold.given_at + _LONGEST_SECONDS:
            return hold.given_at + 2 * _LONGEST_SECONDS  # that AWS would refuse: it comes again, and is known then
        return hold.until - self._visibility * _RENEWED_AT
