# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The events that the router raises itself: `case.exhausted` and `case.unresolved`.

They enter the store like any other event, in the same transaction as what they tell of, so neither can be without the other.
Nothing here counts as about a host: `hosts` is empty, and the case's own are in `data.hosts`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import Transaction
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import Case
from ansible_collections.eventops.infra.plugins.plugin_utils.timestamp import from_epoch

from ..policy.case_life import raises_events

# The sender of our own events. No child can have this name: it is not a name that the configuration allows.
ROUTER = "eventops:router"


def raise_exhausted(tx: Transaction, case: Case, now: float) -> None:
    """Tell that a case's attempts are used up, once per case."""
    if raises_events(case):
        _raise(tx, "case.exhausted", case, case.hosts, now)


def raise_unresolved(tx: Transaction, case: Case, named: Sequence[str], now: float) -> None:
    """Tell that none of the hosts that an event names is in the inventory."""
    if raises_events(case):
        _raise(tx, "case.unresolved", case, named, now)


def _raise(tx: Transaction, type_: str, case: Case, hosts: Sequence[str], now: float) -> None:
    event = tx.event(case.event_row).event
    tx.insert_event(
        Event(
            id=f"{type_}/{case.id}",
            source=ROUTER,
            type=type_,
            subject=case.subject,
            time=from_epoch(now),
            severity=case.severity,
            hosts=(),
            dedup_key=f"{type_}/{case.id}",
            data=_story(tx, case, hosts, event.data),
            extra={},
        ),
        child=ROUTER,
        received_at=now,
    )


def _story(tx: Transaction, case: Case, hosts: Sequence[str], data: Mapping) -> dict:
    return {
        "case": case.id,
        "name": data.get("name", ""),
        "type": case.type,
        "subject": case.subject,
        "hosts": list(hosts),
        "attempts": case.attempt,
        "reason": case.reason,
        "summary": data.get("summary", ""),
        "opened_at": from_epoch(case.opened_at),
        "history": [{"time": from_epoch(row.time), "from": row.from_state, "to": row.to_state, "why": row.why} for row in tx.history(case.id)],
    }
