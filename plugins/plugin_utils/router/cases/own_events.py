# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The events that the router raises itself: `case.exhausted`, `case.unresolved`, `case.storm`, and those that a policy announces.

They enter the store like any other event, in the same transaction as what they tell of, so neither can be without the other.
Nothing here counts as about a host: `hosts` is empty, and the case's own are in `data.hosts`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import Transaction
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import EXHAUSTED, Case, Storm
from ansible_collections.eventops.infra.plugins.plugin_utils.timestamp import from_epoch

from ..policy.case_life import is_own
from ..policy.settings import CasePolicy

# The sender of our own events. No child can have this name: it is not a name that the configuration allows.
ROUTER = "eventops:router"
_MOST_HOSTS = 1000


def raise_exhausted(tx: Transaction, case: Case, now: float) -> None:
    """Tell that a case's attempts are used up; once more when a person has sent it out again and that did not help either."""
    earlier = sum(row.to_state == EXHAUSTED != row.from_state for row in tx.history(case.id)) - 1
    _raise(tx, "case.exhausted", case, case.hosts, now, f"/{earlier}" if earlier > 0 else "")


def raise_unresolved(tx: Transaction, case: Case, named: Sequence[str], now: float) -> None:
    """Tell that none of the hosts that an event names is in the inventory."""
    _raise(tx, "case.unresolved", case, named, now)


def announce(tx: Transaction, what: str, case: Case, policy: CasePolicy, now: float) -> None:
    """Tell that a case was opened, updated or resolved, where its policy asks for that."""
    if what in policy.announce:
        _raise(tx, f"case.{what}", case, case.hosts, now, f"/{now:.6f}" if what == "updated" else "")


def raise_storm(tx: Transaction, storm: Storm, hosts: Sequence[str], why: str) -> None:
    """Tell that so many hosts fail at once that they are not healed one by one."""
    began = from_epoch(storm.since)
    _insert(
        tx,
        Event(
            id=f"case.storm/{storm.since:.6f}",
            source=ROUTER,
            type="case.storm",
            subject=f"{storm.unhealthy} of {storm.known_hosts} hosts",
            time=began,
            severity="critical",
            hosts=(),
            dedup_key="case.storm",
            data={
                "name": "Storm",
                "reason": why,
                "summary": why,
                "unhealthy": storm.unhealthy,
                "known_hosts": storm.known_hosts,
                "hosts": list(hosts[:_MOST_HOSTS]),
                "since": began,
            },
            extra={},
        ),
        storm.since,
    )


def _raise(tx: Transaction, type_: str, case: Case, hosts: Sequence[str], now: float, suffix: str = "") -> None:
    if is_own(case.type):  # or defeat would follow defeat
        return
    event = tx.event(case.event_row).event
    _insert(
        tx,
        Event(
            id=f"{type_}/{case.id}{suffix}",
            source=ROUTER,
            type=type_,
            subject=case.subject,
            time=from_epoch(now),
            severity=case.severity,
            hosts=(),
            dedup_key=f"{type_}/{case.id}",
            data=_story(tx, case, hosts, event.data, now),
            extra={},
        ),
        now,
    )


def _insert(tx: Transaction, event: Event, now: float) -> None:
    tx.insert_event(event, child=ROUTER, received_at=now)


def _story(tx: Transaction, case: Case, hosts: Sequence[str], data: Mapping, now: float) -> dict:
    return {
        "case": case.id,
        "name": data.get("name", ""),
        "type": case.type,
        "subject": case.subject,
        "hosts": list(hosts),
        "state": case.state,
        "attempts": case.attempt,
        "reason": case.reason,
        "summary": data.get("summary", ""),
        "opened_at": from_epoch(case.opened_at),
        "raised_at": from_epoch(now),
        "history": [
            {"time": from_epoch(row.time), "from": row.from_state, "to": row.to_state, "why": row.why, "by": row.by} for row in tx.history(case.id)
        ],
    }
