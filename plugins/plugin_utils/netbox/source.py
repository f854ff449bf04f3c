# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The source, put together: the door for webhooks, the watcher of the change log, and what is written back."""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import timedelta
from typing import TYPE_CHECKING

from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import ConfigurationError
from ansible_collections.eventops.infra.plugins.plugin_utils.keeper import Keeper
from ansible_collections.eventops.infra.plugins.plugin_utils.receiver.serving import serve

from .beginning import Beginning
from .change_log import ChangeLog
from .consequences import Consequences
from .errors import NetBoxError
from .feedback import Reporter
from .following import Follower
from .hints import Hints
from .narration import Narrator
from .objects import INCLUDABLE, Objects
from .own_changes import OwnFields
from .recollection import Recollection
from .settings import Feedback, Settings
from .telling import Teller
from .watching import Watcher

if TYPE_CHECKING:
    from .client import NetBox

logger = logging.getLogger(__name__)

_UNREACHABLE_PAUSE_SECONDS = 10.0


async def run(settings: Settings, keeper: Keeper) -> None:
    """Follow a NetBox until cancelled.

    Raises ConfigurationError when NetBox does not know a filter, OSError when the door cannot be opened.
    """
    from .client import NetBox  # loads pynetbox, whose absence is a mistake that is said with the others

    netbox = NetBox(settings.access)
    objects = Objects(netbox, settings.paths, settings.filters, settings.parts_read)
    consequences = Consequences(netbox, objects, settings.object_types)
    watched = tuple(dict.fromkeys([*settings.object_types, *consequences.causes]))
    place = Recollection(timedelta(seconds=settings.remembered_seconds))
    left_out = frozenset(part for part in INCLUDABLE if part not in settings.include)
    teller = Teller(f"netbox:{settings.access.url}", settings.connection, left_out)
    narrator = Narrator(teller, settings.ready, settings.ready_within_seconds, _own(settings.feedback), frozenset(settings.filters))
    log = ChangeLog(netbox, watched)
    follower = Follower(keeper, place, log, objects, narrator, consequences, settings.object_types, time.time)
    hints = Hints(keeper, watched, settings.overlap_seconds, time.time)
    beginning = Beginning(settings, place, log, objects, follower, hints, time.time)
    watcher = Watcher(settings, keeper, place, log, beginning, follower, hints, time.time)
    if settings.feedback is not None:
        await keeper.follow_cases()
    try:
        async with asyncio.TaskGroup() as group:
            if settings.door is not None:
                group.create_task(serve(settings.door, hints, remembered=None), name="eventops netbox door")
            group.create_task(_watch(settings, netbox, watcher), name="eventops netbox watcher")
            if settings.feedback is not None:
                reporter = Reporter(settings.feedback, keeper, netbox, settings.access.url)
                group.create_task(reporter.run(), name="eventops netbox feedback")
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None  # the first one ended the group
    finally:
        netbox.close()


async def _watch(settings: Settings, netbox: NetBox, watcher: Watcher) -> None:
    await _introduce(settings, netbox)
    await watcher.run()


async def _introduce(settings: Settings, netbox: NetBox) -> None:
    """Ask NetBox what it is, and whether it knows the filters: it would ignore others, and everything would be ours. Until it answers, nothing is done."""
    said = False
    while True:
        try:
            status, unknown = await netbox.status(), await _unknown_filters(settings, netbox)
            break
        except NetBoxError as error:
            logger.log(logging.INFO if said else logging.ERROR, "netbox: %s; nothing is known of it until it answers", error)
            said = True
            await asyncio.sleep(_UNREACHABLE_PAUSE_SECONDS)
    if unknown:
        raise ConfigurationError(unknown)
    logger.info("netbox: %s is version %s", settings.access.url, status.get("netbox-version", "unknown"))
    if settings.door is not None and status.get("rq-workers-running") == 0:
        logger.warning("netbox: no worker of NetBox is running (manage.py rqworker), so it sends no webhooks; changes are found by its change log alone")


async def _unknown_filters(settings: Settings, netbox: NetBox) -> list[tuple[str, str]]:
    found = [(object_type, await netbox.unknown_filters(settings.paths[object_type], query)) for object_type, query in settings.filters.items()]
    return [(f"filters ({object_type})", text) for object_type, text in found if text]


def _own(feedback: Feedback | None) -> OwnFields:
    return OwnFields() if feedback is None else OwnFields(feedback.custom_field, frozenset((feedback.tags or {}).values()))
