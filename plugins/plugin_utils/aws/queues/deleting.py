# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Deleting what the store has: up to ten messages a request, of several receivings together, while the next ones are received."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.errors import AWS_ERRORS
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.patience import Patience

from .in_hand import InHand
from .message import Message
from .queue import MOST_AT_ONCE, Queue

logger = logging.getLogger(__name__)

_MOST_WAITING = 500  # receipts; with more than that, nothing is received until some are deleted


class Deleter:
    """Deletes messages of one queue.

    A message that cannot be deleted in the time that it is invisible comes again, is known to the store, and is deleted then.

    :param patience: is told of failures.
    :param at_once: how many requests may be on their way at the same time.
    """

    def __init__(self, queue: Queue, in_hand: InHand, patience: Patience, at_once: int) -> None:
        self._queue = queue
        self._in_hand = in_hand
        self._patience = patience
        self._free = asyncio.Semaphore(at_once)
        self._waiting: deque[Message] = deque()
        self._came, self._has_room = asyncio.Event(), asyncio.Event()
        self._has_room.set()
        self._requests: set[asyncio.Task[None]] = set()
        self._failure: Exception | None = None

    async def add(self, messages: Sequence[Message]) -> None:
        """Have messages deleted soon. Waits while too many are waiting."""
        self._waiting.extend(messages)
        self._came.set()
        if len(self._waiting) > _MOST_WAITING:
            self._has_room.clear()
        await self._has_room.wait()

    async def run(self) -> None:
        """Delete until cancelled."""
        while True:
            await self._came.wait()
            await self._free.acquire()
            if self._failure is not None:
                self._free.release()
                await self._be_patient()
                continue
            if some := self._some():
                request = asyncio.create_task(self._delete(some), name="eventops sqs delete")
                self._requests.add(request)
                request.add_done_callback(self._requests.discard)
            else:
                self._free.release()
                if not self._requests:
                    self._patience.well()  # what could not be deleted is in hand no longer

    async def finish(self) -> None:
        """When `run` has ended, delete what is left, unless that fails."""
        if self._requests:
            await asyncio.wait(self._requests)
        while self._failure is None and (some := self._some()):
            await self._delete(some)

    def cancel(self) -> None:
        """End the requests that are on their way."""
        for request in self._requests:
            request.cancel()

    async def _be_patient(self) -> None:
        if self._requests:
            await asyncio.wait(self._requests)  # which fail for the same reason
        failure, self._failure = self._failure, None
        if failure is not None:
            await self._patience.failed(failure)

    def _some(self) -> list[Message]:
        some: list[Message] = []
        while self._waiting and len(some) < MOST_AT_ONCE:
            message = self._waiting.popleft()
            if self._in_hand.seconds_left(message):
                some.append(message)
            else:
                # Its receipt may be of no use, and others may have it by now.
                logger.info("cloudwatch: %s: message %s could not be deleted in time; it comes again, and is known then", self._queue.source, message.id)
                self._in_hand.let_go([message])
        if not self._waiting:
            self._came.clear()
        if len(self._waiting) <= _MOST_WAITING:
            self._has_room.set()
        return some

    async def _delete(self, messages: list[Message]) -> None:
        try:
            again = await self._queue.delete(messages)
        except AWS_ERRORS as error:
            self._failure = error
            again = messages
        else:
            self._patience.well()
        finally:
            self._free.release()
        self._in_hand.let_go(message for message in messages if message not in again)
        self._waiting.extendleft(reversed(again))
        if again:
            self._came.set()
