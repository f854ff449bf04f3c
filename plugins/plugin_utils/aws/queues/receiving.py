# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Receiving: many receivers of one queue, of which one alone asks while there is nothing."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.errors import AWS_ERRORS
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.patience import FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, Patience

from .message import Message
from .queue import Queue


class Receivers:
    """The receivers of one queue. A request costs money, whether it brings something or not: the others join the first while it finds messages.

    :param handle: takes what came; what it does first, up to its first wait, it does in the order in which messages came.
    :param patience: that of the first receiver, which speaks for all.
    :param new_id: makes an identifier.
    """

    def __init__(
        self, queue: Queue, number: int, handle: Callable[[list[Message]], Awaitable[None]], patience: Patience, new_id: Callable[[], str]
    ) -> None:
        self._queue = queue
        self._number = number
        self._handle = handle
        self._patience = patience
        self._new_id = new_id
        self._is_busy = asyncio.Event()

    async def run(self) -> None:
        """Receive until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._first(), name="eventops sqs receiver 1")
            for number in range(2, self._number + 1):
                group.create_task(self._other(), name=f"eventops sqs receiver {number}")

    async def _first(self) -> None:
        attempt_id = self._new_id()
        while True:
            try:
                messages = await self._queue.receive(attempt_id)
            except AWS_ERRORS as error:
                self._is_busy.clear()
                await self._patience.failed(error)
                continue
            self._patience.well()
            attempt_id = self._new_id()
            if messages:
                self._is_busy.set()
                await self._handle(messages)
            else:
                self._is_busy.clear()

    async def _other(self) -> None:
        attempt_id, failures = self._new_id(), 0
        while True:
            await self._is_busy.wait()
            try:
                messages = await self._queue.receive(attempt_id)
            except AWS_ERRORS:
                # The first one fails, too, and says so, or this was one request too many at a time.
                await asyncio.sleep(random.random() * min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** min(failures, 10)))
                failures += 1
                continue
            attempt_id, failures = self._new_id(), 0
            if messages:
                await self._handle(messages)
            else:
                self._is_busy.clear()
