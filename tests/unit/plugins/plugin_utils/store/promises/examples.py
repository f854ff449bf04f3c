# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Events, cases and dispatches to try a store with."""

from __future__ import annotations

from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import OPEN, Case, Dispatch, Share

_A_CASE = {
    "kind": "incident",
    "type": "alert.firing",
    "subject": "web-01",
    "severity": "critical",
    "hosts": ("web-01",),
    "child": "monitors",
    "state": OPEN,
    "mode": "enforce",
    "opened_at": 100.0,
    "updated_at": 100.0,
    "due_at": 100.0,
    "rank": 100.0,
}


def an_event(number: int = 1, **changes) -> Event:
    values = {
        "id": f"event-{number}",
        "source": "test",
        "type": "alert.firing",
        "subject": "web-01",
        "time": "2026-01-31T12:00:00Z",
        "severity": "critical",
        "hosts": ("web-01",),
        "dedup_key": "alert/ServiceDown/web-01",
        "data": {"name": "ServiceDown"},
        "extra": {},
    }
    return Event(**{**values, **changes})


def add_event(tx, number: int = 1, **changes) -> int:
    return tx.insert_event(an_event(number, **changes), child="monitors", received_at=100.0)


def a_case(event_row: int = 1, **changes) -> Case:
    """Make a case that no store has."""
    return Case(**{**_A_CASE, "dedup_key": "alert/ServiceDown/web-01", "event_row": event_row, **changes})


def add_case(tx, number: int = 1, why: str = "opened by the test", **changes) -> Case:
    """Add a case, and an event that it reads; each number is another problem."""
    row = add_event(tx, number)
    case = tx.add_case(Case(**{**_A_CASE, "dedup_key": f"alert/ServiceDown/{number}", "event_row": row, **changes}), why)
    tx.mark_handled(row, case.id)
    return case


def add_dispatch(tx, uuid: str, *cases: Case, planned_at: float = 3.0, **changes) -> Dispatch:
    shares = tuple(Share(case.id, case.target_hosts) for case in cases)
    hosts = tuple(dict.fromkeys(host for share in shares for host in share.hosts))
    dispatch = Dispatch(uuid, 1, hosts, shares, planned_at, **changes)
    tx.add_dispatch(dispatch)
    return dispatch
