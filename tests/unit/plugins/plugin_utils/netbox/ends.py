# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ends of cases, as short as a test can read them."""

from __future__ import annotations

from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event
from ansible_collections.eventops.infra.plugins.plugin_utils.store.finished import Finished
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import Case, ExecutionRow

from .making import VM


def an_end(state: str = "resolved", *, number: int = 1, case: int = 7, reason: str = "", error: str = "", what: str = "ready", **data: Any) -> Finished:
    """Return the end of a case about the virtual machine 1, which took 42 seconds."""
    event = Event(
        id="e",
        source="netbox:https://netbox.example.com",
        type=f"netbox.virtualmachine.{what}",
        subject="web01",
        time="2026-11-20T20:35:00Z",
        severity="info",
        hosts=("web01",),
        dedup_key="k",
        data={"object_type": VM, "object": {"id": 1}, **data},
        extra={},
    )
    times = {"opened_at": 100.0, "updated_at": 142.0, "due_at": 0.0, "rank": 0.0}
    found = Case("k", "change", event.type, "web01", "info", ("web01",), "netbox", state, "enforce", **times, event_row=1, reason=reason, attempt=1, id=case)
    ran = (ExecutionRow(**{**_RAN, "error": error}),) if error else ()
    return Finished(number, found, event, ran)


_RAN: dict[str, Any] = {
    "dispatch": "d",
    "pid": 1,
    "playbook": "p",
    "host": "web01",
    "status": "failed",
    "changed": 0,
    "duration": 1.0,
    "started_at": "2026-11-20T20:35:00Z",
    "ended_at": None,
}
