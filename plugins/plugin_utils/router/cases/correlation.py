# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Correlation: an accepted event opens a case, joins one, or closes one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ansible_collections.eventops.infra.plugins.plugin_utils.declared import hosts_of
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event, kind_of
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Snapshot
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import Transaction
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import (
    EXHAUSTED,
    FINAL,
    MAINTENANCE,
    OBSERVED,
    OPEN,
    PAUSE,
    SCHEDULE,
    SUPPRESSED,
    Case,
    EventRow,
)

from ..engine.rule_reads import RuleReads
from ..policy.case_life import FIRING, INCIDENT, RESOLVED_ALERT, goes_out_again, rank, stays_live, subject_of
from ..policy.decisions import Observe, Open, Resolve, Suppress
from ..policy.settings import CasePolicy, Policy
from .admission import admitted, name_of, subject_of_event
from .carrying_out import carry_out
from .own_events import announce, raise_unresolved


@dataclass(frozen=True)
class Correlation:
    """What correlating depends on beside the events: the inventory, the policy, and what rules read of an event."""

    inventory: Snapshot
    policy: Policy
    reads: RuleReads

    def __call__(self, tx: Transaction, rows: Sequence[EventRow], now: float) -> int:
        """Write down what accepted events mean for their cases; return how many cases were opened."""
        batch = _Batch(tx, self, now)
        tx.look_for_live(key for row in rows for key in _keys(row.event))
        for row in rows:
            batch.take(row)
        return batch.close()


class _Batch:
    """Events that are correlated in one transaction. A monitor repeats itself: a case that many of them join is written once."""

    def __init__(self, tx: Transaction, by: Correlation, now: float) -> None:
        self._tx = tx
        self._inventory = by.inventory
        self._policy = by.policy
        self._reads = by.reads
        self._now = now
        self._joined: dict[int, Case] = {}  # not written yet
        self._handled: list[tuple[int, int | None]] = []
        self._opened = 0

    def take(self, row: EventRow) -> None:
        """Follow one event."""
        event = row.event
        case = self._live_case(event)
        if event.type == RESOLVED_ALERT:
            case_id = self._close(case)
        elif case is None:
            case_id = self._open(row)
        elif self._begins_anew(case, row):
            # What stood in the way of acting is gone: the host has come into the inventory, or the mode is another.
            self._save(replace(case, live=False, updated_at=self._now))
            case_id = self._open(row)
        else:
            case_id = self._join(case, row)
        self._handled.append((row.id, case_id))

    def close(self) -> int:
        """Write what is left; return how many cases were opened."""
        for case in self._joined.values():
            self._tx.save_case(case, "")
        self._tx.mark_all_handled(self._handled)
        return self._opened

    def _live_case(self, event: Event) -> Case | None:
        """Find the case that an event joins: of its key and its type, so that nobody's event changes what another case does."""
        type_ = FIRING if event.type == RESOLVED_ALERT else event.type
        for key in _keys(event):
            case = self._tx.live_case(key)
            if case is not None and case.type == type_:
                return self._joined.get(case.id, case)
        return None

    def _save(self, case: Case) -> None:
        self._joined.pop(case.id, None)
        self._tx.save_case(case, "")

    def _begins_anew(self, case: Case, row: EventRow) -> bool:
        if case.state not in FINAL or case.state == EXHAUSTED or case.decided_by:
            return False
        return isinstance(self._decision(row)[0], Open)

    def _decision(self, row: EventRow) -> tuple[Open | Observe | Suppress, tuple[str, ...], CasePolicy]:
        hosts, policy = self._about(row)
        return admitted(row.event, self._inventory, policy.mode), hosts, policy

    def _about(self, row: EventRow) -> tuple[tuple[str, ...], CasePolicy]:
        hosts = hosts_of(row.event, self._inventory)
        return hosts, self._policy.of(subject_of_event(row.event, hosts, row.child))

    def _open(self, row: EventRow) -> int:
        event, now = row.event, self._now
        decision, hosts, policy = self._decision(row)
        state, why = _beginning(decision, event)
        taken = self._tx.live_case(event.dedup_key)
        case = self._tx.add_case(
            Case(
                dedup_key=event.dedup_key if taken is None else _own_key(event),
                kind=kind_of(event.type),
                type=event.type,
                name=name_of(event),
                subject=event.subject,
                severity=event.severity,
                hosts=hosts,
                child=row.child,
                state=state,
                reason="" if state == OPEN else why,
                mode=policy.mode,
                opened_at=now,
                updated_at=now,
                due_at=now,
                rank=rank(event.severity, now, policy),
                event_row=row.id,
                live=state == OPEN or stays_live(event.type),
                connections=_declared(event),
            ),
            why,
        )
        self._opened += 1
        if isinstance(decision, Suppress) and decision.unresolved:
            raise_unresolved(self._tx, case, event.hosts, now)
        elif state == OPEN:
            announce(self._tx, "opened", case, policy, now)
        return case.id

    def _join(self, case: Case, row: EventRow) -> int:
        event = row.event
        hosts, policy = self._about(row)
        # A person approved a case for its hosts and, where the data says what to do, for its data.
        is_decided_on = case.state in FINAL or self._is_the_same(case, row, hosts)
        joined = replace(
            case,
            count=case.count + 1,
            updated_at=self._now,
            event_row=row.id,
            child=row.child,
            name=name_of(event),
            subject=event.subject,
            severity=event.severity,
            hosts=hosts,
            connections=_declared(event),
            mode=policy.mode,
            rank=min(case.rank, rank(event.severity, case.opened_at, policy)),
            again=case.again or (case.in_flight and goes_out_again(case)),
            decided_by=case.decided_by if is_decided_on else "",
        )
        is_about_another = case.waits_for in (PAUSE, MAINTENANCE) and subject_of(joined) != subject_of(case)
        if is_about_another or case.waits_for == SCHEDULE:
            # What holds it may not mean it any more, and each event has a time of its own.
            joined = replace(joined, state=OPEN, reason="", waits_for="", due_at=self._now)
            self._tx.save_case(joined, f"it is about something else, or another time, now: {event.type} from {event.source}")
        self._joined[case.id] = joined
        if policy.announce and (joined.severity, joined.hosts) != (case.severity, case.hosts) and case.state not in FINAL:
            announce(self._tx, "updated", joined, policy, self._now)
        return case.id

    def _is_the_same(self, case: Case, row: EventRow, hosts: tuple[str, ...]) -> bool:
        if not case.decided_by:
            return True
        if hosts != case.hosts or name_of(row.event) != case.name or _declared(row.event) != case.connections:
            return False
        before = self._tx.event(case.event_row)
        if case.kind == INCIDENT:
            return self._reads.are_alike(before, row)  # a monitor says the same in other words and numbers
        return before.event.data == row.event.data

    def _close(self, case: Case | None) -> int | None:
        if case is None:
            return None  # the end of something that was never a case, or that is one no more
        why = "the monitor says that it is over"
        if case.state in FINAL:
            # It stays what became of it; the next alert is a new case.
            self._save(replace(case, live=False, updated_at=self._now, reason=f"{case.reason}; later {why}"))
        else:
            self._joined.pop(case.id, None)
            carry_out(self._tx, replace(case, due_at=self._now, again=False), Resolve(why), self._policy.of(subject_of(case)), self._now)
        return case.id


def _keys(event: Event) -> tuple[str, str]:
    """Return the keys under which an event's case may live: its own since another case had the plain one, which may be over."""
    return event.dedup_key, _own_key(event)


def _own_key(event: Event) -> str:
    """Return the key of a case whose event's key is that of a case about something else. No sender can write it: it holds a control character."""
    type_ = FIRING if event.type == RESOLVED_ALERT else event.type
    return f"{event.dedup_key}\t({type_})"


def _declared(event: Event) -> dict:
    """Return the hosts that an event says how to reach."""
    return {host: variables for host, variables in event.connections.items() if variables}


def _beginning(decision: Open | Observe | Suppress, event: Event) -> tuple[str, str]:
    if isinstance(decision, Open):
        return OPEN, f"{event.type} from {event.source}"
    return (OBSERVED if isinstance(decision, Observe) else SUPPRESSED), decision.why
