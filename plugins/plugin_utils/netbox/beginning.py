# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where in the change log the source begins to read: on from where it was, or on a first start from the place that is configured."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from .change import Change, Key, time_of
from .change_log import ChangeLog
from .following import Follower
from .hints import Hints
from .object_types import HOST_TYPES
from .objects import Objects
from .recollection import BEGINNING, Recollection, not_in_the_future
from .schema import ALL, NOW
from .settings import Settings

logger = logging.getLogger(__name__)


class Beginning:
    """Finds the place to read from.

    :param place: how far the change log has been read.
    :param hints: what webhooks have said by then.
    :param now: returns seconds since the epoch.
    """

    def __init__(
        self,
        settings: Settings,
        place: Recollection,
        log: ChangeLog,
        objects: Objects,
        follower: Follower,
        hints: Hints,
        now: Callable[[], float],
    ) -> None:
        self._settings = settings
        self._place = place
        self._log = log
        self._objects = objects
        self._follower = follower
        self._hints = hints
        self._newest: list[Change | None] = []  # when now was: what fails after that is tried again later, and nothing between is lost
        self._now = now

    async def find(self) -> None:
        """Find the place, and get to know what is there already. Raises NetBoxError, IntakeUnavailable."""
        if self._place.time is not None:
            await self._tell_of_gap()
        elif self._settings.start == ALL:
            await self._meet(BEGINNING, ())
            await self._keep_place(BEGINNING, (), ())
        else:
            await self._begin_after(None if self._settings.start == NOW else time_of(self._settings.start))

    async def _begin_after(self, time: datetime | None) -> None:
        """Begin with what is newer than a time; None: than now."""
        if not self._newest:
            self._newest = [await self._log.newest(time)]
        (newest,) = self._newest
        until = time or (newest.time if newest is not None else BEGINNING)
        place = time or not_in_the_future(until, self._now())
        # They are not newer, and will be read again for what appears late.
        rows: dict[int, Change] = {}
        if newest is not None:
            rows[newest.id] = newest
            async for page in self._log.since(place - timedelta(seconds=self._settings.overlap_seconds), until):
                rows.update((change.id, change) for change in page)
        # A sender that was answered is not to find that nothing came of it, however long NetBox did not answer us.
        hinted = await self._hinted(time)
        await self._meet(place, {change.key for change in hinted})
        await self._keep_place(place, rows.values(), hinted)

    async def _hinted(self, time: datetime | None) -> list[Change]:
        """Return the changes that webhooks have told of by now, with what these objects went through since."""
        changes = [change for change in await self._log.of(self._hints.due(), time) if self._place.is_new(change)]
        first: dict[Key, Change] = {}
        for change in self._hints.confirmed_by(changes):
            first.setdefault(change.key, change)
        return [change for change in changes if change.key in first and change.time >= first[change.key].time]

    async def _meet(self, place: datetime, told_of: Collection[Key]) -> None:
        """Get to know the hosts that are there, and whatever the filters could not be asked about once it is gone."""
        for object_type in self._settings.object_types:
            if object_type in HOST_TYPES or self._objects.has_filters(object_type):

                def has_rested(thing: Mapping[str, Any], object_type: str = object_type) -> bool:
                    return (object_type, thing["id"]) not in told_of and _has_rested(thing, place)

                async for page in self._objects.census(object_type):
                    await self._follower.meet(object_type, page, has_rested=has_rested)

    async def _keep_place(self, time: datetime, rows: Iterable[Change], told: Sequence[Change]) -> None:
        rows = list(rows)
        await self._follower.follow(told, remember=self._place.noting(rows, time))
        self._place.note(rows, time)

    async def _tell_of_gap(self) -> None:
        """Say how much may be missing, where NetBox has deleted rows that were never read."""
        place, oldest = self._place, await self._log.oldest()
        if place.time in (None, BEGINNING) or (oldest is not None and oldest.time <= place.time):
            return
        if oldest is None:
            logger.error("netbox: the change log is empty, though it was read up to %s before: what was changed since then may have been missed", place.time)
        elif oldest.id > place.newest_id + 1:
            logger.error(
                "netbox: up to %d changes between %s and %s have been missed: NetBox has deleted them from its change log (CHANGELOG_RETENTION)",
                oldest.id - place.newest_id - 1,
                place.time.isoformat(),
                oldest.time.isoformat(),
            )


def _has_rested(thing: Mapping[str, Any], place: datetime) -> bool:
    """Tell whether an object has not changed since the place that is read on from: what it was before its next change is known then."""
    try:
        return time_of(thing["last_updated"]) <= place
    except (KeyError, TypeError, ValueError):
        return False
