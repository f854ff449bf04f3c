# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Alarms by polling, for people without rights to EventBridge: one watch for each place, whichever entries look at it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Place
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.settings import Settings
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.watching import Watch
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.around import Around


async def run(entries: Sequence[tuple[Settings, Sequence[Place]]], around: Around) -> None:
    """Watch alarms until cancelled; `entries` are those of `alarms`, each with the places that it looks at."""
    by_place: dict[Place, list[Settings]] = {}
    for entry, places in entries:
        for place in places:
            by_place.setdefault(place, []).append(entry)
    async with asyncio.TaskGroup() as group:
        for place, settings in by_place.items():
            group.create_task(Watch(place, settings, around).run(), name=f"eventops alarms {place}")
