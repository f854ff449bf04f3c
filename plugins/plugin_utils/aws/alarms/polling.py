# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Alarms by polling, for people without rights to EventBridge: one watch for each place, whichever entries look at it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Place
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.settings import Settings
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.watching import Watch
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.around import Around


async def run(
    entries: Sequence[tuple[Settings, Sequence[Place]]], around: Around, *, hosts: Sequence[Any] | None = None, labels: Sequence[Mapping[str, Any]] = ()
) -> None:
    """Watch alarms until cancelled.

    :param entries: the entries of `alarms`, each with the places that it looks at.
    :param hosts: the rules by which hosts are found; None: those of the adapter `cloudwatch_alarm`.
    :param labels: what is added to the labels of alarms by their names.
    """
    by_place: dict[Place, list[Settings]] = {}
    for settings, places in entries:
        for place in places:
            by_place.setdefault(place, []).append(settings)
    async with asyncio.TaskGroup() as group:
        for place, its in by_place.items():
            group.create_task(Watch(place, its, around, hosts, labels).run(), name=f"eventops alarms {place}")
