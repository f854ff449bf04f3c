# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A store with a long past, written through the store as the router would have written it, and what deciding costs on it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from ansible_collections.eventops.infra.plugins.plugin_utils.attributes import event_from_attributes
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Snapshot
from ansible_collections.eventops.infra.plugins.plugin_utils.router.cases.correlation import Correlation
from ansible_collections.eventops.infra.plugins.plugin_utils.router.cases.flight import Planned
from ansible_collections.eventops.infra.plugins.plugin_utils.router.cases.look import Traffic
from ansible_collections.eventops.infra.plugins.plugin_utils.router.cases.planning import Planner
from ansible_collections.eventops.infra.plugins.plugin_utils.router.engine.rule_reads import RuleReads
from ansible_collections.eventops.infra.plugins.plugin_utils.router.policy.settings import CasePolicy, Coalesce, MaxUnhealthy, Policy
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import Transaction, accept
from ansible_collections.eventops.infra.plugins.plugin_utils.store.sqlite import SqliteStore
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import DISPATCHED, ENDED, OPEN, RESOLVED, Case, Dispatch, Share

OLD = "Old"  # the name of the alerts of the past
_AT_ONCE = 2000
_AGE_SECONDS = 30 * 86_400


def write_history(path: Path, cases: int, *, hosts: int) -> None:
    """Make a store with cases that were opened, dispatched and resolved a month ago, by an event each."""
    store = SqliteStore(path)
    try:
        for first in range(0, cases, _AT_ONCE):
            store.run_now(_past(range(first, min(first + _AT_ONCE, cases)), hosts, time.time() - _AGE_SECONDS))
    finally:
        store.close()


def count_rows(path: Path) -> dict[str, int]:
    """Count the rows of each table of a store that nobody has open."""
    connection = sqlite3.connect(path)
    try:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")]
        counts = {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}
    finally:
        connection.close()
    return {table: number for table, number in counts.items() if number}


def _past(numbers: range, hosts: int, then: float) -> Callable[[Transaction], None]:
    def write(tx: Transaction) -> None:
        events = [_event(number, f"host-{number % hosts + 1:03}") for number in numbers]
        rows = accept(events, child="hook", received_at=then)(tx)
        tx.mark_all_handled([(row, _case(tx, event, row, then)) for event, row in zip(events, rows)])

    return write


def _event(number: int, host: str, name: str = OLD) -> Event:
    data = {"name": name, "fingerprint": str(number), "summary": f"{host} did not answer", "labels": {"team": "web", "site": "fra-1"}}
    attributes = {"type": "alert.firing", "id": f"{name}-{number}", "hosts": [host], "severity": "error", "data": data}
    return event_from_attributes(attributes, source="hook", received_at="2025-01-31T12:00:00Z", new_id=str)


def _case(tx: Transaction, event: Event, row: int, then: float) -> int:
    opened = Case(
        dedup_key=event.dedup_key,
        kind="incident",
        type=event.type,
        name=OLD,
        subject=event.subject,
        severity=event.severity,
        hosts=event.hosts,
        child="hook",
        state=OPEN,
        mode="enforce",
        opened_at=then,
        updated_at=then,
        due_at=then,
        rank=then,
        event_row=row,
    )
    case = tx.add_case(opened, "alert.firing from hook")
    dispatch = Dispatch(uuid=f"00000000-0000-4000-8000-{row:012}", attempt=1, hosts=event.hosts, shares=(Share(case.id, event.hosts),), planned_at=then)
    tx.add_dispatch(dispatch)
    sent = replace(case, state=DISPATCHED, attempt=1, dispatch=dispatch.uuid)
    tx.save_case(sent, "attempt 1")
    tx.save_dispatch(replace(dispatch, state=ENDED, outcome="succeeded", ended_at=then + 12))
    over = replace(sent, state=RESOLVED, reason="the monitor says that it is over", dispatch=None, ran_at=then + 12, updated_at=then + 60, live=False)
    tx.save_case(over, "the monitor says that it is over")
    return case.id


def decision_seconds(path: Path, alerts: int, *, hosts: int) -> list[float]:
    """Give a store new alerts, one after the other; return what each took from its acceptance on disk to its dispatch on disk.

    That is what the router does before the engine; it waits for no others of the same kind here.
    """
    inventory = Snapshot({f"host-{number:03}": {} for number in range(1, hosts + 1)})
    policy = Policy(CasePolicy(mode="enforce", max_unhealthy=MaxUnhealthy(1.0), coalesce=Coalesce(window=0)))
    reads = RuleReads(frozenset(), everything=False)
    correlate, plan = Correlation(inventory, policy, reads), Planner(policy, reads, False)
    store = SqliteStore(path)
    taken = []
    try:
        for number in range(alerts):
            new = _event(number, f"host-{number % hosts + 1:03}", name="New")
            store.run_now(accept([new], child="hook", received_at=time.time()))
            began = time.perf_counter()
            rows = store.run_now(lambda tx: tx.unhandled_events(200))
            store.run_now(partial(correlate, rows=rows, now=time.time()))
            traffic = Traffic(time.time(), True, lambda policy: True, True)
            planned = store.run_now(partial(plan, inventory=inventory, traffic=traffic, now=time.time()))
            taken.append(time.perf_counter() - began)
            assert isinstance(planned, Planned), planned
            store.run_now(lambda tx, dispatch=planned.dispatch: tx.save_dispatch(replace(dispatch, state=ENDED, outcome="succeeded", ended_at=time.time())))
    finally:
        store.close()
    return taken
