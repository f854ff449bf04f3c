# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Watching the log groups of one entry at one place: each is searched at intervals, on its own."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from urllib.parse import quote

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Place
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.around import Around
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs.groups import Groups
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs.rate_limit import RateLimit
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs.searching import Search
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs.settings import Settings
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs.telling import Teller
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.polling.asking import Asker, Refused
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.polling.beginning import NOW, start_of

logger = logging.getLogger(__name__)

_LISTED_SECONDS = 300.0  # how long it takes to see that there is a new group
# PutLogEvents takes lines that are up to 14 days old, also into a group that has just been created.
_OLDEST_LINE = 14 * 86_400_000


class Watch:
    """Watches one place for one entry, until cancelled.

    :param rate_limit: of the searches at the place.
    """

    def __init__(self, place: Place, settings: Settings, around: Around, rate_limit: RateLimit) -> None:
        self._where = f"{settings.where} {place}"
        self._root = f"logs/{quote(place.account, safe='')}/{place.region}/{settings.key}/"
        self._settings = settings
        self._around = around
        self._asker = Asker(around, place, self._where)
        self._groups = Groups(self._asker, around.now)
        self._teller = Teller(place, settings, around, self._asker)
        self._rate_limit = rate_limit
        self._kept: dict[str, str] = {}
        self._begun: int | None = None  # of a prefix, in milliseconds

    async def run(self) -> None:
        """Watch; what fails is tried again until it works."""
        self._kept = await self._asker.recall(self._root)
        async with asyncio.TaskGroup() as tasks:
            following: dict[str, asyncio.Task] = {}
            if self._settings.groups:
                for group in self._settings.groups:
                    following[group] = tasks.create_task(self._follow(group, None), name=f"eventops {self._where} {group}")
                return
            while True:
                found, now = await self._groups.beginning_with(self._settings.prefix)
                await self._begin(now)
                for group in [group for group in following if group not in found]:
                    following.pop(group).cancel()
                    await self._forget(group)
                for group, created in found.items():
                    if group not in following:
                        following[group] = tasks.create_task(self._follow(group, created), name=f"eventops {self._where} {group}")
                await asyncio.sleep(max(_LISTED_SECONDS if found else 0.0, self._settings.interval_seconds))

    async def _begin(self, now: int) -> None:
        """Remember since when this prefix is watched: groups that are created later are searched from then on. `now` is AWS's time."""
        key = f"begun/{self._settings.prefix}"
        if key not in self._kept:
            self._kept[key] = json.dumps(start_of(self._settings.start, now))
            await self._asker.keep([], {self._root + key: self._kept[key]})
        self._begun = json.loads(self._kept[key])

    async def _follow(self, group: str, created: int | None) -> None:
        settings, where = self._settings, f"{self._where} {group}"
        search = Search(group, settings, self._root, self._asker, self._teller, self._around.now, self._rate_limit)
        if (position := self._kept.get(f"position/{group}")) is not None:
            search.resume(position, self._kept.get(f"seen/{group}"))
        said = ""
        while True:
            began = time.monotonic()
            try:
                if not search.has_begun:
                    await self._begin_search(search, group, created)
                await search.look()
            except Refused as refused:
                level = logging.INFO if said == refused.failure.kind else logging.ERROR
                logger.log(level, "cloudwatch: %s: %s; tried again until it works", where, refused)
                said = refused.failure.kind
                self._around.keeper.trouble(where, str(refused))
            else:
                if said:
                    logger.warning("cloudwatch: %s: works again", where)
                    said = ""
                    self._around.keeper.trouble(where, None)
            await asyncio.sleep(max(0.0, settings.interval_seconds - (time.monotonic() - began)))

    async def _begin_search(self, search: Search, group: str, created: int | None) -> None:
        start = self._begun
        if start is None:  # a group that is named
            start = start_of(self._settings.start, int(self._around.now() * 1000))
            if self._settings.start == NOW:
                await search.begin_now(start)
                return
        if start == 0 and created is None:
            created = await self._groups.created(group)
        await search.begin(max(start, created - _OLDEST_LINE) if created else start)

    async def _forget(self, group: str) -> None:
        """Forget a group that was deleted."""
        logger.info("cloudwatch: %s: %s is no more", self._where, group)
        self._around.keeper.trouble(f"{self._where} {group}", None)
        for key in (f"position/{group}", f"seen/{group}"):
            self._kept.pop(key, None)
        await self._asker.keep([], {f"{self._root}position/{group}": None, f"{self._root}seen/{group}": None})
