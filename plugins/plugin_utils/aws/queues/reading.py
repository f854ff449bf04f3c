# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reading messages with the hosts that the inventory and AWS know."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.errors import AWS_ERRORS
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Place
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.around import Around
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.controller import kept_away_from_controller
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.directory import Known
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event, InvalidEvent
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Snapshot
from ansible_collections.eventops.infra.plugins.plugin_utils.timestamp import from_epoch
from ansible_collections.eventops.infra.plugins.plugin_utils.turn import Turn

from .common_patience import CommonPatience
from .contents import events_of, ids_of, settings_of_kinds
from .message import Message
from .settings import QueueSettings
from .unread import Unread, put_aside

logger = logging.getLogger(__name__)

_MOST_CHARACTERS = 200_000  # of the messages that are read in one go, while nobody else is heard


@dataclass(frozen=True, slots=True)
class Reading:
    """A message with its events, or with the reason why it cannot be kept as what it says."""

    message: Message
    events: Sequence[Event] = ()
    unread: Unread | None = None


class Reader:
    """Reads the messages of one queue.

    :param source: what events have as their source whose sender names none.
    :param patience: is told when AWS does not say which host is meant.
    """

    def __init__(self, settings: QueueSettings, place: Place, around: Around, source: str, patience: CommonPatience) -> None:
        self._settings = settings
        self._place = place
        self._around = around
        self._source = source
        self._kinds = settings_of_kinds(around.hosts)
        self._patience = patience

    async def read(self, messages: Sequence[Message]) -> list[Reading]:
        """Read messages, for as long as it takes until AWS says which hosts they are about."""
        inventory = await self._around.keeper.inventory.fresh()
        readings: list[Reading] = []
        turn = Turn()
        for some in _parts(messages):
            readings.extend(await self._read(some, inventory))
            await turn.give_way()
        return readings

    async def _read(self, messages: Sequence[Message], inventory: Snapshot) -> list[Reading]:
        def read(names: Any) -> list[Reading]:
            return [self._reading(message, self._context(message, inventory, names)) for message in messages]

        known: Known = {}
        while True:
            try:
                readings = await self._around.directory.read(self._place, read, known)
            except AWS_ERRORS as error:
                await self._patience.failed(error)
            else:
                self._patience.well()
                return readings

    def put_aside(self, message: Message, unread: Unread, shortening: int) -> Event:
        """Make the event that a message is put aside as."""
        return put_aside(message, self._settings.name, unread, self._context(message, Snapshot()), shortening=shortening)

    def _reading(self, message: Message, context: AdapterContext) -> Reading:
        settings = self._settings
        try:
            events = events_of(
                message,
                adapter=settings.adapter,
                settings=settings.adapter_settings or {},
                kinds=self._kinds,
                context=context,
                envelopes=settings.envelopes,
            )
        except InvalidEvent as error:
            return Reading(message, unread=Unread.of(error))
        except Exception as error:  # a mistake of ours, which one message must not make one of all others
            logger.exception("cloudwatch: %s: message %s", self._source, message.id)
            return Reading(message, unread=Unread(f"reading it failed: {type(error).__name__}"))
        return Reading(message, [kept_away_from_controller(self._around.labels.given_to(event), context.inventory) for event in events])

    def _context(self, message: Message, inventory: Snapshot, names: Any = None) -> AdapterContext:
        more = {} if names is None else {"names": names}
        return AdapterContext(self._source, from_epoch(self._around.now()), ids_of(message.id), inventory, **more)


def _parts(messages: Sequence[Message]) -> Iterator[list[Message]]:
    part: list[Message] = []
    for message in messages:
        if part and sum(len(each.body) for each in part) + len(message.body) > _MOST_CHARACTERS:
            yield part
            part = []
        part.append(message)
    if part:
        yield part
