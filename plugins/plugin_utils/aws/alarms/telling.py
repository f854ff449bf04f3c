# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Events of changes: each goes through the adapter `cloudwatch_alarm`, as if SNS had brought it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters import cloudwatch_alarm
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.received import reason_beside, received, word_for
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Place
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.following import Telling
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.payload import message_of
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.settings import Settings
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.around import Around
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.default_rules import DEFAULT_HOSTS
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.own_sources import source_of_alarms
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.polling.asking import Asker
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.polling.hosts import with_exact_names
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.polling.moment import as_text
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event, InvalidEvent

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Announcement:
    """A change that is told, the entry by whose settings, and the details of the alarm."""

    telling: Telling
    settings: Settings
    details: Mapping[str, Any]


class Teller:
    """Makes the events of one place."""

    def __init__(self, place: Place, around: Around, asker: Asker) -> None:
        self.source = source_of_alarms(place)
        self._place = place
        self._around = around
        self._asker = asker

    async def events(self, announcements: Sequence[Announcement]) -> list[Event]:
        """Make events; the hosts of all are looked up together."""
        if not announcements:
            return []
        inventory = await self._around.keeper.inventory.fresh()
        moment = as_text(int(self._around.now() * 1000))

        def read(names: Any) -> list[Event]:
            context = AdapterContext(self.source, moment, self._around.new_id, inventory, names=names)
            return [self._event(each, context) for each in announcements]

        return [with_exact_names(event, inventory) for event in await self._asker.read_hosts(read)]

    def _event(self, announcement: Announcement, context: AdapterContext) -> Event:
        telling, settings = announcement.telling, announcement.settings
        message = message_of(telling.change, announcement.details, self._place.region)
        adapted = {"hosts": self._around.hosts or DEFAULT_HOSTS, "severity": settings.severity, "insufficient_data": settings.insufficient_data}
        try:
            (event,) = cloudwatch_alarm.adapt({"payload": message}, settings=adapted, context=context)
        except InvalidEvent as error:
            logger.error("cloudwatch: %s (%s): %s; it is kept as event.received", settings.where, self._place, error)
            event = received({"payload": message}, str(error), context, word_for(error))
            return replace(event, id=self._id(telling, None), extra=reason_beside(event))
        return self._around.labels.given_to(replace(event, id=self._id(telling, event.id), extra={}))

    def _id(self, telling: Telling, adapted: str | None) -> str:
        change = telling.change
        id_ = adapted or f"{change.name}/{change.state}/{as_text(change.at)}"
        return f"{id_}/deleted" if telling.is_gone else id_ if telling.again is None else f"{id_}/after {as_text(telling.again)}"
