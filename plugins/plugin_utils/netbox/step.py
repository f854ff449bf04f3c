# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A step: events and what is remembered with them, on their way to the keeper, some at a time."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event
from ansible_collections.eventops.infra.plugins.plugin_utils.intake import EventRefused
from ansible_collections.eventops.infra.plugins.plugin_utils.keeper import Keeper
from ansible_collections.eventops.infra.plugins.plugin_utils.turn import Turn

from .acquaintances import Acquaintances
from .change import Change, Key
from .known import Known
from .recollection import Recollection

logger = logging.getLogger(__name__)

_AT_ONCE = 100  # events: senders wait while they are written
_HEAVY = ("config_context", "local_context_data", "comments", "interfaces", "ip_addresses")


class Step:
    """Events and what is remembered with them, on their way to the keeper, some at a time."""

    def __init__(self, keeper: Keeper, place: Recollection, acquaintances: Acquaintances) -> None:
        self._keeper = keeper
        self._place = place
        self._acquaintances = acquaintances
        self._events: list[Event] = []
        self.told: set[tuple[int, Key]] = set()
        self.known: dict[Key, Known | None] = {}
        self._rows: list[Change] = []
        self._noted: set[int] = set()  # rows that were handed in as done with
        self._turn = Turn()

    async def add(self, key: Key, events: Iterable[Event], known: Known | None, rows: Iterable[Change] = ()) -> None:
        """Add what is told of an object; `rows` are done with by that. Raises IntakeUnavailable."""
        self._events += events
        self.known[key] = known
        self._rows += rows
        if len(self._events) >= _AT_ONCE:
            await self.end((), {}, None)
        await self._turn.give_way()

    async def end(self, rows: Sequence[Change], remember: Mapping[str, str | None], read_on_to: datetime | None) -> None:
        """Hand all in, and with it that these rows are done with, too. Raises IntakeUnavailable."""
        rows = list({row.id: row for row in (*self._rows, *rows) if row.id not in self._noted}.values())
        remember = {**remember, **self._place.noting(rows, read_on_to), **self._acquaintances.noting(self.known)}
        if self._events or remember:
            await _keep(self._keeper, self._events, remember)
        self._place.note(rows, read_on_to)
        self._noted.update(row.id for row in rows)
        self._acquaintances.note(self.known)
        self._events, self.known, self._rows = [], {}, []


async def _keep(keeper: Keeper, events: Sequence[Event], remember: Mapping[str, str | None]) -> None:
    """Hand events in; one that is too large goes without what is large in it, and holds up no other."""
    events = list(events)
    shortened: set[str] = set()
    while True:
        try:
            await keeper.keep(events, remember)
            return
        except EventRefused as refused:
            place = next(number for number, event in enumerate(events) if event is refused.event)
            if events[place].id in shortened:
                logger.error("netbox: an event cannot be taken and is left out: %s", refused)
                del events[place]
            else:
                shortened.add(events[place].id)
                events[place] = _shortened(events[place])


def _shortened(event: Event) -> Event:
    thing = event.data["object"]
    data = {**event.data, "object": {name: value for name, value in thing.items() if name not in _HEAVY}, "before": None, "after": None}
    return replace(event, data={**data, "left_out": [*(f"object.{name}" for name in _HEAVY if name in thing), "before", "after"]})
