# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Log lines by polling: every entry at every place that it looks at."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Place
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.around import Around
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs.settings import Settings
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs.watching import Watch

# FilterLogEvents: 5 requests a second for a region of an account, in most regions, and others ask, too.
_AT_ONCE = 3


async def run(entries: Sequence[tuple[Settings, Sequence[Place]]], around: Around) -> None:
    """Search logs until cancelled; `entries` are those of `logs`, each with the places that it looks at."""
    at_once: dict[Place, asyncio.Semaphore] = {}
    async with asyncio.TaskGroup() as group:
        for settings, places in entries:
            for place in places:
                limit = at_once.setdefault(place, asyncio.Semaphore(_AT_ONCE))
                group.create_task(Watch(place, settings, around, limit).run(), name=f"eventops {settings.where} {place}")
