# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Log lines by polling: every entry at every place that it looks at."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Place
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.around import Around
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs.rate_limit import RateLimit
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs.settings import Settings
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs.watching import Watch


async def run(entries: Sequence[tuple[Settings, Sequence[Place]]], around: Around) -> None:
    """Search logs until cancelled; `entries` are those of `logs`, each with the places that it looks at."""
    rate_limits: dict[Place, RateLimit] = {}
    async with asyncio.TaskGroup() as group:
        for settings, places in entries:
            for place in places:
                watch = Watch(place, settings, around, rate_limits.setdefault(place, RateLimit()))
                group.create_task(watch.run(), name=f"eventops {settings.where} {place}")
