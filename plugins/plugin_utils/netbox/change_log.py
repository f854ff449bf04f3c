# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""NetBox's change log: the authority on what was changed.

Its ids and times are given before a transaction commits, so a row may appear behind one that was read long ago: who reads on reads an overlap again. Unknown
query parameters would be ignored there, and everything returned; these are known to work (NetBox 4.0 to 4.6).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ansible_collections.eventops.infra.plugins.plugin_utils.batches import batches
from ansible_collections.eventops.infra.plugins.plugin_utils.turn import Turn

from .access import Query
from .change import Change, Key, as_text, by_type, change_of
from .errors import NoSuchEndpoint

if TYPE_CHECKING:
    from .client import NetBox

# Since 4.1, and before.
_PATHS = ("core/object-changes", "extras/object-changes")
# Not `changed_object`, which NetBox looks up row by row.
_FIELDS = "id,time,user,user_name,request_id,action,changed_object_type,changed_object_id,object_repr,prechange_data,postchange_data"
_PAGE_SIZE = 500  # NetBox allows 1000 unless it is told otherwise
_OBJECTS_AT_ONCE = 50  # so that an address stays short
_NEXT = timedelta(microseconds=1)  # times have no finer parts


class ChangeLog:
    """The change log of one NetBox, as far as it is about some types of objects."""

    def __init__(self, netbox: NetBox, object_types: Iterable[str]) -> None:
        self._netbox = netbox
        self._types: list[tuple[str, str]] = [("changed_object_type", each) for each in object_types]
        self._path = _PATHS[0]

    async def since(self, time: datetime | None, until: datetime | None = None) -> AsyncIterator[list[Change]]:
        """Yield the changes from a time on, in pages, by time; all of them for None. Some come twice, at the edges of pages."""
        before: Query = [] if until is None else [("time_before", as_text(until))]
        async for page in _merged([self._pages([*which, *before], time) for which in self._which()], lambda change: change.time):
            yield page

    async def beyond(self, number: int) -> AsyncIterator[list[Change]]:
        """Yield the changes with higher ids, in pages: those that a clock which was set back has hidden behind a time that was read already."""
        async for page in _merged([self._beyond(which, number) for which in self._which()], lambda change: change.id):
            yield page

    async def of(self, keys: Iterable[Key], time: datetime | None) -> list[Change]:
        """Return the changes of some objects from a time on, by time."""
        found: dict[int, Change] = {}
        for object_type, numbers in by_type(keys).items():
            for some in batches(numbers, _OBJECTS_AT_ONCE):
                which: Query = [("changed_object_type", object_type), *(("changed_object_id", number) for number in some)]
                async for page in self._pages(which, time):
                    found.update((change.id, change) for change in page)
        return sorted(found.values(), key=lambda change: (change.time, change.id))

    async def newest(self, until: datetime | None = None) -> Change | None:
        """Return the newest change of any object, that was made until a time; None when there is none."""
        before: Query = [] if until is None else [("time_before", as_text(until))]
        return next(iter(await self._page([*before, ("ordering", "-time")], 1)), None)

    async def oldest(self) -> Change | None:
        """Return the oldest change that NetBox still has: it deletes those that are older than its `CHANGELOG_RETENTION`."""
        return next(iter(await self._page([("ordering", "time")], 1)), None)

    def _which(self) -> list[Query]:
        """Return the queries that all changes are read by: NetBox takes several types at once since 4.5.3, before that it hears the last one alone."""
        return [self._types] if self._netbox.is_since(4, 6) else [[each] for each in self._types]

    async def _beyond(self, which: Query, number: int) -> AsyncIterator[list[Change]]:
        while page := await self._page([*which, ("id__gt", number), ("ordering", "id")], _PAGE_SIZE):
            yield page
            if len(page) < _PAGE_SIZE:
                return
            number = page[-1].id

    async def _pages(self, which: Query, time: datetime | None) -> AsyncIterator[list[Change]]:
        while True:
            since: Query = [] if time is None else [("time_after", as_text(time))]
            page = await self._page([*which, *since, ("ordering", "time")], _PAGE_SIZE)
            if page:
                yield page
            if len(page) < _PAGE_SIZE:
                return
            # On from the last time, not by an offset: rows that are deleted meanwhile would move others past it.
            time = page[-1].time
            if page[0].time == time:
                # More may have this very time than a page takes; among themselves they have an order by their ids alone.
                async for rest in self._beyond([*which, ("time_after", as_text(time)), ("time_before", as_text(time))], 0):
                    yield rest
                time += _NEXT

    async def _page(self, query: Query, limit: int) -> list[Change]:
        query = [*query, ("fields", _FIELDS)]
        try:
            rows = await self._netbox.page(self._path, query, limit)
        except NoSuchEndpoint:
            # It has been upgraded, or is older than 4.1.
            other = next(path for path in _PATHS if path != self._path)
            rows = await self._netbox.page(other, query, limit)
            self._path = other
        changes, turn = [], Turn()
        for row in rows:
            changes.append(change_of(row))
            await turn.give_way()
        return changes


async def _merged(streams: list[AsyncIterator[list[Change]]], order: Callable[[Change], Any]) -> AsyncIterator[list[Change]]:
    """Yield the changes of several streams of pages, each of which has an order, in that order."""
    waiting: list[list[Change]] = [[] for _stream in streams]
    going_on = list(range(len(streams)))
    while True:
        for number in [number for number in going_on if not waiting[number]]:
            waiting[number] = await anext(streams[number], [])
            if not waiting[number]:
                going_on.remove(number)
        # What a stream that goes on has not shown yet may belong before the rest.
        until = min((order(waiting[number][-1]) for number in going_on), default=None)
        found = sorted((change for page in waiting for change in page if until is None or order(change) <= until), key=order)
        if not found:
            return
        yield found
        waiting = [[change for change in page if until is not None and order(change) > until] for page in waiting]
