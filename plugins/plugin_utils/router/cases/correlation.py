# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Correlation: an accepted event opens a case, joins one, or closes one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event, kind_of
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Snapshot
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import Transaction
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import (
    EXHAUSTED,
    FINAL,
    OBSERVED,
    OPEN,
    SUPPRESSED,
    Case,
    EventRow,
)

from ..policy.case_life import FIRING, INCIDENT, RESOLVED_ALERT, goes_out_again, rank, stays_live, subject_of
from ..policy.decisions import Observe, Open, Resolve, Suppress
from ..policy.settings import Policy
from .admission import admitted, name_of, subject_of_event
from .carrying_out import carry_out
from .own_events import announce, raise_unresolved


@dataclass(frozen=True)
class Correlation:
    """What correlating depends on beside the event: the inventory and the policy."""

    inventory: Snapshot
    policy: Policy

    def __call__(self, tx: Transaction, row: EventRow, now: float) -> bool:
        """Write down what one accepted event means for its case; return whether it opened one."""
        event = row.event
        case = self._live_case(tx, event)
        opened = False
        if event.type == RESOLVED_ALERT:
            case_id = self._close(tx, case, now)
        elif case is None:
            case_id, opened = self._open(tx, row, now), True
        elif self._begins_anew(case, row):
            # What stood in the way of acting is gone: the host has come into the inventory, or the mode is another.
            tx.save_case(replace(case, live=False, updated_at=now), "")
            case_id, opened = self._open(tx, row, now), True
        else:
            case_id = self._join(tx, case, row, now)
        tx.mark_handled(row.id, case_id)
        return opened

    def _live_case(self, tx: Transaction, event: Event) -> Case | None:
        """Find the case that an event joins: of its key and its type, so that nobody's event changes what another case does."""
        case = tx.live_case(event.dedup_key)
        type_ = FIRING if event.type == RESOLVED_ALERT else event.type
        return case if case is None or case.type == type_ else tx.live_case(_own_key(event))

    def _begins_anew(self, case: Case, row: EventRow) -> bool:
        if case.state not in FINAL or case.state == EXHAUSTED or case.decided_by:
            return False
        return isinstance(self._decision(row)[0], Open)

    def _decision(self, row: EventRow) -> tuple[Open | Observe | Suppress, tuple[str, ...], object]:
        event = row.event
        hosts = self.inventory.resolve_all(event.hosts)
        policy = self.policy.of(subject_of_event(event, hosts, row.child))
        return admitted(event, self.inventory, policy.mode), hosts, policy

    def _open(self, tx: Transaction, row: EventRow, now: float) -> int:
        event = row.event
        decision, hosts, policy = self._decision(row)
        state, why = _beginning(decision, event)
        taken = tx.live_case(event.dedup_key)
        case = tx.add_case(
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
            ),
            why,
        )
        if isinstance(decision, Suppress) and decision.unresolved:
            raise_unresolved(tx, case, event.hosts, now)
        elif state == OPEN:
            announce(tx, "opened", case, policy, now)
        return case.id

    def _join(self, tx: Transaction, case: Case, row: EventRow, now: float) -> int:
        event = row.event
        hosts = self.inventory.resolve_all(event.hosts)
        policy = self.policy.of(subject_of_event(event, hosts, row.child))
        # A person approved a case for its hosts and, where the data says what to do, for its data.
        is_decided_on = case.state in FINAL or _is_the_same(tx, case, event, hosts)
        joined = replace(
            case,
            count=case.count + 1,
            updated_at=now,
            event_row=row.id,
            child=row.child,
            name=name_of(event),
            subject=event.subject,
            severity=event.severity,
            hosts=hosts,
            mode=policy.mode,
            rank=min(case.rank, rank(event.severity, case.opened_at, policy)),
            again=case.again or (case.in_flight and goes_out_again(case)),
            decided_by=case.decided_by if is_decided_on else "",
        )
        tx.save_case(joined, f"event {row.id} joined")
        if policy.announce and (joined.severity, joined.hosts) != (case.severity, case.hosts) and case.state not in FINAL:
            announce(tx, "updated", joined, policy, now)
        return case.id

    def _close(self, tx: Transaction, case: Case | None, now: float) -> int | None:
        if case is None:
            return None  # the end of something that was never a case, or that is one no more
        why = "the monitor says that it is over"
        if case.state in FINAL:
            # It stays what became of it; the next alert is a new case.
            tx.save_case(replace(case, live=False, updated_at=now, reason=f"{case.reason}; later {why}"), why)
        else:
            carry_out(tx, replace(case, due_at=now, again=False), Resolve(why), self.policy.of(subject_of(case)), now)
        return case.id


def correlate_all(tx: Transaction, correlate: Correlation, rows: Sequence[EventRow], now: float) -> int:
    """Correlate events in one transaction; return how many opened a case."""
    return sum([correlate(tx, row, now) for row in rows])


def _own_key(event: Event) -> str:
    """Return the key of a case whose event's key is that of a case about something else."""
    type_ = FIRING if event.type == RESOLVED_ALERT else event.type
    return f"{event.dedup_key} ({type_})"


def _is_the_same(tx: Transaction, case: Case, event: Event, hosts: tuple[str, ...]) -> bool:
    if not case.decided_by:
        return True
    if hosts != case.hosts or name_of(event) != case.name:
        return False
    return case.kind == INCIDENT or tx.event(case.event_row).event.data == event.data


def _beginning(decision: Open | Observe | Suppress, event: Event) -> tuple[str, str]:
    if isinstance(decision, Open):
        return OPEN, f"{event.type} from {event.source}"
    return (OBSERVED if isinstance(decision, Observe) else SUPPRESSED), decision.why
