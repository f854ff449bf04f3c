# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Storing: the messages that came together become events in the store, all in one transaction; what cannot be kept is sorted out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.received import LATE
from ansible_collections.eventops.infra.plugins.plugin_utils.batches import batches
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event
from ansible_collections.eventops.infra.plugins.plugin_utils.intake import EventRefused, IntakeUnavailable
from ansible_collections.eventops.infra.plugins.plugin_utils.keeper import Keeper

from .common_patience import CommonPatience
from .message import Message
from .newest import Newest, alarm_of, alarms_of, to_remember, too_late
from .order import LeftBehind, Turns, behind
from .reading import Reader, Reading
from .unread import LEAST, Unread

_FORGOTTEN_AT_ONCE = 500


@dataclass(slots=True)
class Stored:
    """What became of some messages: `kept` are to be deleted, `left` cannot be kept now, each with the reason.

    `aside` are those of `kept` that are not kept as what they say, each with the reason.
    `later` come after one of these, `waiting` after one that was left before, and has not come again.
    """

    kept: list[Message] = field(default_factory=list)
    aside: dict[Message, str] = field(default_factory=dict)
    left: dict[Message, str] = field(default_factory=dict)
    later: list[Message] = field(default_factory=list)
    waiting: list[Message] = field(default_factory=list)


@dataclass(slots=True)
class _Plan:
    stored: Stored = field(default_factory=Stored)
    events: list[Event] = field(default_factory=list)
    owners: dict[int, Message] = field(default_factory=dict)  # by what identifies an event object

    def keep(self, message: Message, events: Sequence[Event]) -> None:
        self.stored.kept.append(message)
        self.events.extend(events)
        self.owners.update((id(event), message) for event in events)


class Storing:
    """Puts messages of one queue into the store.

    :param reader: reads messages, and makes the events that they are put aside as.
    :param patience: is told when the store cannot be written.
    :param max_receives: how often a message is received that cannot be kept, before it is put aside. Where that will not change by waiting, it is at once.
    """

    def __init__(self, keeper: Keeper, reader: Reader, left_behind: LeftBehind, patience: CommonPatience, max_receives: int) -> None:
        self._keeper = keeper
        self._newest = Newest(keeper)
        self._turns = Turns()
        self._reader = reader
        self._left_behind = left_behind
        self._patience = patience
        self._max_receives = max_receives

    async def store(self, messages: Sequence[Message]) -> Stored:
        """Keep the events of messages, for as long as that takes, and say what is to become of each message.

        Raises ConfigurationError where the keeper does.
        """
        waiting = self._left_behind.behind(messages)
        readings = await self._reader.read([message for message in messages if message not in waiting])
        alarms = alarms_of(event for reading in readings for event in reading.events)
        async with self._turns.of_all(alarms):
            return await self._stored(readings, alarms, waiting)

    async def forget(self, now: datetime) -> None:
        """Forget alarms whose newest change is so old that nothing comes after it too late, unless this queue tells of them now.

        Raises IntakeUnavailable.
        """
        for alarms in batches(await self._newest.old(now), _FORGOTTEN_AT_ONCE):
            async with self._turns.of_all(alarms):
                await self._newest.forget_old(alarms, now)

    async def _stored(self, readings: Sequence[Reading], alarms: Sequence[str], waiting: list[Message]) -> Stored:
        refused: dict[Message, Unread] = {}
        shortenings: dict[Message, int] = {}
        while True:
            try:
                told = await self._newest.told(alarms) if alarms else {}
                plan = self._planned(readings, refused, shortenings, told)
                if plan.events:
                    await self._keeper.keep(plan.events, to_remember(plan.events))
            except IntakeUnavailable as error:
                await self._patience.failed(error)
            except EventRefused as error:
                message = plan.owners[id(error.event)]
                if message in plan.stored.aside:
                    shortenings[message] = shortenings.get(message, 0) + 1
                else:
                    refused[message] = Unread(str(error))
            else:
                self._patience.well()
                plan.stored.waiting = waiting
                return plan.stored

    def _planned(self, readings: Sequence[Reading], refused: dict[Message, Unread], shortenings: dict[Message, int], told: dict[str, str]) -> _Plan:
        plan = _Plan()
        reasons = {reading.message: reading.unread or refused.get(reading.message) for reading in readings}
        # What not even its reason can be kept of stays where it is.
        left = {
            message: unread.reason
            for message, unread in reasons.items()
            if unread and (shortenings.get(message, 0) > LEAST or (message.receives < self._max_receives and not unread.lasts))
        }
        plan.stored.later = later = behind([reading.message for reading in readings], left)
        plan.stored.left = {message: reason for message, reason in left.items() if message not in later}
        for reading in readings:
            message = reading.message
            if message in left or message in later:
                continue
            if unread := reasons[message]:
                plan.stored.aside[message] = unread.reason
                plan.keep(message, [self._reader.put_aside(message, unread, shortenings.get(message, 0))])
            elif reason := too_late(reading.events, told):
                # Under its own name: where it is there already, and only comes again, it is known.
                aside = self._reader.put_aside(message, Unread(reason, LATE), shortenings.get(message, 0))
                plan.stored.aside[message] = reason
                plan.keep(message, [replace(aside, id=reading.events[0].id, source=reading.events[0].source)])
            else:
                told |= {alarm: event.time for event in reading.events if (alarm := alarm_of(event)) is not None}
                plan.keep(message, reading.events)
        return plan
