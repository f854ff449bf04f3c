# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The intake of a queue, put together: received, read, kept, and only then deleted."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from datetime import UTC, datetime

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.errors import AWS_ERRORS, failure_of
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.patience import Patience
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Place
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.around import Around
from ansible_collections.eventops.infra.plugins.plugin_utils.batches import batches
from ansible_collections.eventops.infra.plugins.plugin_utils.intake import IntakeUnavailable

from .common_patience import CommonPatience
from .deleting import Deleter
from .in_hand import InHand
from .message import Message
from .order import LeftBehind, Turns
from .queue import MOST_AT_ONCE, Queue
from .reading import Reader
from .receiving import Receivers
from .redrive import say_what_is_taken_earlier
from .renewing import Renewer
from .settings import QueueSettings
from .storing import Stored, Storing
from .unread import pause_seconds

logger = logging.getLogger(__name__)

_ENDS_WITHIN_SECONDS = 5
_FORGETS_EVERY_SECONDS = 24 * 3600


async def run(settings: QueueSettings, place: Place, around: Around) -> None:
    """Take in the messages of a queue until cancelled; what is in hand then is given back."""
    intake = _Intake(settings, place, around)
    try:
        await intake.run()
    except ExceptionGroup as failures:
        raise _first_of(failures) from None  # it ended the group
    finally:
        await intake.give_back()


def _first_of(failures: Exception) -> Exception:
    return _first_of(failures.exceptions[0]) if isinstance(failures, ExceptionGroup) else failures


class _Intake:
    def __init__(self, settings: QueueSettings, place: Place, around: Around) -> None:
        def patience(what: str = "") -> Patience:
            return Patience(f"{settings.where}{what}", place, around.keeper, around.clients)

        self._settings = settings
        self._queue = Queue(settings, place, around.clients)
        self._in_hand = InHand(settings.visibility_seconds, time.monotonic)
        self._left_behind = LeftBehind(settings.visibility_seconds, time.monotonic)
        self._turns = Turns()
        reader = Reader(settings, place, around, self._queue.source, CommonPatience(patience(" (hosts)")))
        self._storing = Storing(around.keeper, reader, self._left_behind, CommonPatience(patience(" (store)")), settings.max_receives)
        self._deleter = Deleter(self._queue, self._in_hand, patience(" (deleting)"), settings.receivers)
        self._receivers = Receivers(self._queue, settings.receivers, self._take, patience(), around.new_id)
        self._renewer = Renewer(self._queue, self._in_hand, patience(" (visibility)"), settings.visibility_seconds)
        self._now = around.now

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(say_what_is_taken_earlier(self._queue, self._settings), name="eventops sqs redrive")
            group.create_task(self._deleter.run(), name="eventops sqs deleter")
            group.create_task(self._renewer.run(), name="eventops sqs visibility")
            group.create_task(self._receivers.run(), name="eventops sqs receivers")
            group.create_task(self._forget(), name="eventops sqs memory")

    async def give_back(self) -> None:
        """Delete what is kept, and let others have the rest at once, unless AWS takes too long over it."""
        try:
            async with asyncio.timeout(_ENDS_WITHIN_SECONDS):
                await self._deleter.finish()
                rest = list(self._in_hand)
                for some in batches(rest, MOST_AT_ONCE):
                    await self._queue.change_visibility(some, [0] * len(some))
        except AWS_ERRORS as error:  # a timeout is one of them
            logger.warning("cloudwatch: %s: what was in hand comes again when its time has run out: %s", self._queue.source, failure_of(error))
        finally:
            self._deleter.cancel()

    async def _take(self, messages: list[Message]) -> None:
        self._in_hand.take(messages)
        async with self._turns.of(messages):
            stored = await self._storing.store(messages)
            self._left_behind.settled(stored.kept)
            for message, reason in stored.aside.items():
                logger.warning("cloudwatch: %s: message %s is put aside: %s", self._queue.source, message.id, reason)
            if stored.left or stored.waiting:
                await self._leave(stored)
        await self._deleter.add(stored.kept)

    async def _leave(self, stored: Stored) -> None:
        """Leave messages in the queue for a while."""
        pauses: dict[Message, int] = {}
        for message, reason in stored.left.items():
            pauses[message] = pause_seconds(message.receives, self._settings.visibility_seconds)
            self._left_behind.note(message, time.monotonic() + pauses[message])
            logger.warning(
                "cloudwatch: %s: message %s cannot be kept: %s; that was receipt %d, tried again in %d s, put aside with receipt %d",
                self._queue.source,
                message.id,
                reason,
                message.receives,
                pauses[message],
                self._settings.max_receives,
            )
        # Of a group nothing is given while something of it is invisible: they come when what was left comes again.
        pauses.update(dict.fromkeys(stored.later, 0))
        pauses.update((message, math.ceil(self._left_behind.seconds_left(message))) for message in stored.waiting)
        self._in_hand.let_go(pauses)
        try:
            await self._queue.change_visibility(list(pauses), list(pauses.values()))
        except AWS_ERRORS as error:
            logger.warning("cloudwatch: %s: messages that are left come again sooner or later than they should: %s", self._queue.source, failure_of(error))

    async def _forget(self) -> None:
        """Forget, each day, what is remembered of alarms that have been quiet for long: in a cloud they come and go."""
        while True:
            try:
                await self._storing.forget(datetime.fromtimestamp(self._now(), UTC))
            except IntakeUnavailable as error:  # who stores messages says so, too
                logger.info("cloudwatch: %s: nothing is forgotten today: %s", self._queue.source, error)
            await asyncio.sleep(_FORGETS_EVERY_SECONDS)
