# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ends of cases about things of AWS, as short as a test can read them."""

from __future__ import annotations

from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event
from ansible_collections.eventops.infra.plugins.plugin_utils.store.finished import Finished
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import Case


def an_event(type_: str = "alert.firing", source: str = "aws:cloudwatch:production:eu-central-1", **data: Any) -> Event:
    """Return an event."""
    return Event("e", source, type_, "cpu", "2026-01-31T12:00:00Z", "error", (), "k", {"name": "cpu", **data}, {})


def an_end(state: str = "resolved", *, number: int = 1, opened: float = 100.0, ended: float = 142.0, event: Event | None = None, **data: Any) -> Finished:
    """Return the end of a case."""
    event = event or an_event(**data)
    times = {"opened_at": opened, "updated_at": ended, "due_at": 0.0, "rank": 0.0}
    case = Case("k", "incident", event.type, "cpu", "error", (), "cloudwatch", state, "enforce", **times, event_row=1, id=number + 1000)
    return Finished(number, case, event)
