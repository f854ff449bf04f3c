# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The probe as a whole: all targets, their schedule, and the inventory that they may come from."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import ConfigurationError, Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.alert import MONITOR
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.checks import Checks
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.inventory_targets import HostVars, all_targets
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.scheduler import Scheduler
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.settings import Settings
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.target import Target
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.watched import Watched

logger = logging.getLogger(__name__)


class Monitor:
    """Watch targets and put what is to be said about them on a queue.

    :param queue: has `put`, and may have `inventory` and `confirm_with`.
    :param source: the attribute `source` of the events.
    """

    def __init__(self, settings: Settings, queue: Any, *, source: str) -> None:
        self._settings = settings
        self._queue = queue
        self._source = source
        self._hostvars: HostVars = {}
        self._targets: dict[str, Target] = {}
        self._watched: dict[str, Watched] = {}
        self._leaving: dict[str, Watched] = {}
        self._checks = Checks(settings.max_concurrent)
        self._scheduler = Scheduler(self._perform)

    async def run(self) -> None:
        """Watch until cancelled.

        :raises ConfigurationError: when the inventory has mistakes at the start; later ones are logged, and change nothing that is watched.
        """
        self._hostvars = await self._read_inventory()
        mistakes = Mistakes()
        if self._settings.inventory_checks is not None and not self._hostvars:
            mistakes.add("inventory_checks", "needs hosts, but the inventory has none; name an inventory, with `inventory` where there is no router")
        self._targets = await asyncio.to_thread(all_targets, self._settings, self._hostvars, mistakes)
        mistakes.raise_if_any()
        async with self._checks:
            self._watch(self._targets)
            if hasattr(self._queue, "confirm_with"):
                self._queue.confirm_with(self.confirm)
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._scheduler.run(), name="probe::schedule")
                    if self._settings.needs_inventory:
                        tasks.create_task(self._follow_inventory(), name="probe::inventory")
            except BaseExceptionGroup as group:
                raise _first(group) from group  # whose text says what happened

    async def confirm(self, event: Mapping[str, Any]) -> str | None:
        """Answer whether the problem of an event is over: "resolved", "firing", or None for an event that is none of this probe's."""
        data = event.get("data")
        if not isinstance(data, Mapping) or data.get("monitor") != MONITOR:
            return None
        watched = self._watched.get(event.get("dedup_key", ""))
        return None if watched is None else await watched.answer()

    async def _perform(self, key: str) -> None:
        watched = self._watched.get(key)
        if watched is None:
            return
        await watched.check()
        if self._watched.get(key) is watched:  # else it was taken off the list meanwhile
            settings = self._settings
            await watched.announce(repeat_seconds=settings.repeat_seconds, resolve_at_start=settings.resolve_at_start)

    def _watch(self, targets: Mapping[str, Target]) -> None:
        for key in self._watched.keys() - targets.keys():
            self._leaving[key] = self._watched.pop(key)
        for key, target in targets.items():
            known = self._watched.get(key) or self._leaving.pop(key, None)
            if known is None:
                known = Watched(target, self._checks.run, self._queue.put, self._source)
            known.target = target
            self._watched[key] = known
        self._scheduler.plan({key: target.interval for key, target in targets.items()})

    async def _follow_inventory(self) -> None:
        while True:
            await asyncio.sleep(self._settings.defaults.interval)
            await self._take_inventory_in()
            for key, watched in list(self._leaving.items()):
                if await watched.farewell() and self._leaving.get(key) is watched:
                    del self._leaving[key]

    async def _take_inventory_in(self) -> None:
        try:
            hostvars = await self._read_inventory()
        except Exception as error:
            logger.warning("the inventory cannot be read, what was watched stays watched: %s", error)
            return
        if hostvars is self._hostvars:
            return
        self._hostvars = hostvars
        mistakes = Mistakes()
        targets = await asyncio.to_thread(all_targets, self._settings, hostvars, mistakes)
        try:
            mistakes.raise_if_any()
        except ConfigurationError as error:
            logger.error("the inventory has mistakes, so nothing that was watched is left out:\n%s", error)
            targets = self._targets | targets
        if targets != self._targets:
            self._targets = targets
            self._watch(targets)

    async def _read_inventory(self) -> HostVars:
        if not self._settings.needs_inventory:
            return {}
        inventory = getattr(self._queue, "inventory", None)
        return {} if inventory is None else await inventory.hostvars()


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
