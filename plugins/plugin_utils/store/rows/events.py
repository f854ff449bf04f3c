# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Accepted events."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event

from ..statements import statements
from ..values import EventRow
from .connected import Connected

_SQL = statements(Path(__file__).with_suffix(".sql"))


class Events(Connected):
    """See `interface.Transaction`."""

    def insert_event(self, event: Event, *, child: str, received_at: float) -> int | None:
        # ASCII only: a lone surrogate in a sender's text cannot be written as UTF-8, but can as \ud800.
        body = json.dumps(event.to_mapping(), ensure_ascii=True, separators=(",", ":"), default=str)
        cursor = self._do(_SQL["insert"], (child, event.source, event.id, event.type, event.dedup_key, body, received_at))
        return cursor.lastrowid if cursor.rowcount else None

    def unhandled_events(self, limit: int) -> list[EventRow]:
        return [_event_row(row) for row in self._do(_SQL["unhandled"], (limit,))]

    def event(self, row: int) -> EventRow:
        return _event_row(self._one(_SQL["event"], "event", row))

    def events_of(self, case_id: int, limit: int) -> list[EventRow]:
        return [_event_row(row) for row in self._do(_SQL["of_case"], (case_id, limit))]

    def mark_handled(self, row: int, case_id: int | None) -> None:
        self._do(_SQL["mark_handled"], (case_id, row))

    def mark_all_handled(self, rows: Iterable[tuple[int, int | None]]) -> None:
        self._do_all(_SQL["mark_handled"], ((case_id, row) for row, case_id in rows))


def _event_row(row: Sequence) -> EventRow:
    id_, child, body, received_at, case_id = row
    return EventRow(id=id_, child=child, event=Event.from_stored(json.loads(body)), received_at=received_at, case_id=case_id)
