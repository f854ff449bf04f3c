# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Watching NetBox: the change log is read on at intervals, and looked into at once where a webhook says that something has changed."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from ansible_collections.eventops.infra.plugins.plugin_utils.intake import IntakeUnavailable
from ansible_collections.eventops.infra.plugins.plugin_utils.keeper import Keeper

from .beginning import Beginning
from .change import Change, Key
from .change_log import ChangeLog
from .errors import NetBoxDenied, NetBoxError, NetBoxUnavailable
from .following import Follower
from .hints import Hints
from .recollection import Recollection, not_in_the_future
from .settings import Settings

logger = logging.getLogger(__name__)

_ROUND = 5000  # rows read before their objects are: an object is read once for all of its changes
_LOOKED_AT_ONCE = 200  # held objects in one round, so that many cost NetBox no more than few
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 1.0, 60.0
_DENIED_PAUSE_SECONDS = 300.0  # a person has to do something first


class Watcher:
    """Follows one NetBox until cancelled. All requests are made one after another.

    :param place: how far the change log has been read.
    :param now: returns seconds since the epoch.
    """

    def __init__(
        self,
        settings: Settings,
        keeper: Keeper,
        place: Recollection,
        log: ChangeLog,
        beginning: Beginning,
        follower: Follower,
        hints: Hints,
        now: Callable[[], float],
    ) -> None:
        self._settings = settings
        self._keeper = keeper
        self._place = place
        self._log = log
        self._beginning = beginning
        self._follower = follower
        self._hints = hints
        self._now = now
        self._next_reading = 0.0
        self._looked_at: dict[Key, float] = {}

    async def run(self) -> None:
        """Follow NetBox; what fails is tried again, at growing intervals."""
        await self._place.recall(self._keeper)
        await self._follower.recall()
        await self._hints.recall()
        failures, has_begun = 0, False
        while True:
            try:
                if not has_begun:
                    await self._beginning.find()
                    has_begun = True
                await self._round()
            except (NetBoxError, IntakeUnavailable) as error:
                pause = _pause(error, failures)
                failures += 1
                level = logging.ERROR if failures == 1 or isinstance(error, NetBoxDenied) else logging.INFO
                logger.log(level, "netbox: %s; tried again in %.0f s", error, pause)
                await asyncio.sleep(pause)
            else:
                if failures:
                    logger.warning("netbox: %s answers again, after %d attempts that failed", self._settings.access.url, failures)
                    failures = 0
                await self._rest()

    async def _round(self) -> None:
        if self._now() >= self._next_reading:
            if self._settings.reads_on:
                await self._read_on()
            self._next_reading = self._now() + self._settings.interval_seconds
            await self._look(self._held())
        self._hints.came.clear()
        await self._look(self._hints.due())

    async def _read_on(self) -> None:
        """Tell of all changes since the last time."""
        rows: dict[int, Change] = {}
        pages = 0
        async for page in self._log.since(self._place.since):
            rows.update((change.id, change) for change in page if self._place.is_new(change))
            pages += 1
            if len(rows) >= _ROUND:
                await self._tell(rows, pages)
                rows = {}
        await self._tell(rows, pages)
        async for page in self._log.beyond(self._place.newest_id):
            # Others are read next time, with what is committed before them and after the last reading.
            if hidden := [change for change in page if self._place.is_behind(change)]:
                await self._follower.follow(hidden)

    async def _tell(self, rows: dict[int, Change], pages: int) -> None:
        """Tell of rows that were read in some pages."""
        if not rows:
            return
        read_on_to = max(change.time for change in rows.values())
        if pages > 1:
            rows = {**rows, **await self._committed_meanwhile(rows, read_on_to)}
        await self._follower.follow(_in_order(rows.values()), read_on_to=not_in_the_future(read_on_to, self._now()))

    async def _committed_meanwhile(self, rows: dict[int, Change], read_on_to: datetime) -> dict[int, Change]:
        """Return the rows that were committed between the reading of two pages, on a page that had been read, and come before one of the rows.

        A query sees with a change all that the object went through before. Pages are several queries.
        """
        last: dict[Key, tuple[datetime, int]] = {}
        for change in _in_order(rows.values()):
            last[change.key] = _order(change)
        found: dict[int, Change] = {}
        async for page in self._log.since(read_on_to - timedelta(seconds=self._settings.overlap_seconds), read_on_to):
            for change in page:
                if change.id not in rows and self._place.is_new(change) and change.key in last and _order(change) < last[change.key]:
                    found[change.id] = change
        return found

    async def _look(self, keys: list[Key]) -> None:
        """Tell of the changes of some objects, whatever else there is to be read before; held ones are looked at themselves."""
        if not keys:
            return
        found = await self._log.of(keys, self._place.since)
        new = _in_order(change for change in found if self._place.is_new(change))
        settled = self._hints.settled(keys, found)
        # Where nothing is read on, this is all that is known of how far the change log is.
        read_on_to = not_in_the_future(new[-1].time, self._now()) if new and not self._settings.reads_on else None
        await self._follower.follow(new, keys, remember={hint.name: None for hint in settled}, read_on_to=read_on_to)
        self._hints.forget(settled, keys)

    def _held(self) -> list[Key]:
        """Return held objects to look at, those first that have waited longest for it."""
        held = self._follower.held
        self._looked_at = {key: time for key, time in self._looked_at.items() if key in held}
        keys = sorted(held, key=lambda key: self._looked_at.get(key, 0.0))[:_LOOKED_AT_ONCE]
        self._looked_at.update((key, self._now()) for key in keys)
        return keys

    async def _rest(self) -> None:
        """Wait for the next reading, the next look, or a hint."""
        due = min(self._next_reading, self._hints.next_due or self._next_reading)
        try:
            async with asyncio.timeout(max(0.0, due - self._now())):
                await self._hints.came.wait()
        except TimeoutError:
            return


def _order(change: Change) -> tuple[datetime, int]:
    return change.time, change.id


def _in_order(rows: Iterable[Change]) -> list[Change]:
    return sorted(rows, key=_order)


def _pause(error: Exception, failures: int) -> float:
    if isinstance(error, NetBoxDenied):
        return _DENIED_PAUSE_SECONDS
    pause = min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2 ** min(failures, 10)) * random.uniform(0.9, 1.1)
    asked = error.retry_after_seconds if isinstance(error, NetBoxUnavailable) else None
    return max(pause, min(asked or 0.0, 600.0))
