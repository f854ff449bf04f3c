# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Accepted events."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from ansible_collections.eventops.infra.plugins.plugin_utils.batches import batches
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event

from ..event_text import read, written
from ..interface import NewEvent
from ..statements import statements
from ..values import EventRow, EventSize
from .connected import Connected

_SQL = statements(Path(__file__).with_suffix(".sql"))
# In one statement. SQLite before 3.32 takes 999 values.
MOST_AT_ONCE = 128
# So much text of events is looked at together, and one event more, so that a few large ones do not fill the memory.
_MOST_BYTES = 4_000_000


class Events(Connected):
    """See `interface.Transaction`."""

    def insert_event(self, event: Event, *, child: str, received_at: float) -> int | None:
        return self.insert_events([(child, event.source, event.id, event.type, event.dedup_key, written(event), received_at)])[0]

    def insert_events(self, events: Sequence[NewEvent]) -> list[int | None]:
        rows: list[int | None] = []
        for some in batches(events, MOST_AT_ONCE):
            rows += self._insert(some)
        return rows

    def _insert(self, events: Sequence[NewEvent]) -> list[int | None]:
        cursor = self._connection.execute(_insert(len(events)), [value for event in events for value in event])
        if not cursor.rowcount:
            return [None] * len(events)
        # One writer: the rows of one statement follow each other.
        after_last = cursor.lastrowid + 1
        first = after_last - cursor.rowcount
        return list(range(first, after_last)) if cursor.rowcount == len(events) else self._new_rows(events, first)

    def _new_rows(self, events: Sequence[NewEvent], first: int) -> list[int | None]:
        """Find out which of the events were known: those whose row is older, and those that stood among them twice."""
        rows, seen = [], set()
        for child, source, event_id, *_others in events:
            (row,) = self._do(_SQL["known"], (child, source, event_id)).fetchone()
            rows.append(row if row >= first and row not in seen else None)
            seen.add(row)
        return rows

    def unhandled_events(self, limit: int) -> list[EventRow]:
        (text,) = self._do(_SQL["unhandled"], {"limit": limit, "most_bytes": _MOST_BYTES}).fetchone()
        if text is None:
            return []
        return [EventRow(id_, child, Event.from_stored(event), received_at, case_id) for id_, child, event, received_at, case_id in json.loads(text)]

    def event(self, row: int) -> EventRow:
        found = self._do(_SQL["event"], (row,)).fetchone()
        if found is None:
            raise KeyError(f"the store has no event {row}")
        return _event_row(found)

    def event_bytes(self, row: int) -> int:
        found = self._do(_SQL["bytes"], (row,)).fetchone()
        if found is None:
            raise KeyError(f"the store has no event {row}")
        return found[0]

    def events_of(self, case_id: int, limit: int) -> list[EventRow]:
        return [_event_row(row) for row in self._do(_SQL["of_case"], (case_id, limit))]

    def event_sizes_of(self, case_id: int, limit: int) -> list[EventSize]:
        return [EventSize(*row) for row in self._do(_SQL["sizes_of_case"], (case_id, limit))]

    def mark_handled(self, row: int, case_id: int | None) -> None:
        self._unwritten.handle(row, case_id)

    def mark_all_handled(self, rows: Iterable[tuple[int, int | None]]) -> None:
        for row, case_id in rows:
            self._unwritten.handle(row, case_id)


def _event_row(row: Sequence) -> EventRow:
    id_, child, body, received_at, case_id = row
    return EventRow(id_, child, read(body), received_at, case_id)


@cache
def _insert(number: int) -> str:
    return _SQL["insert"].replace("{rows}", ", ".join(["(?, ?, ?, ?, ?, ?, ?)"] * number))
