# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Correlation: an accepted event opens a case, joins one, or closes one."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event, kind_of
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Snapshot
from ansible_collections.eventops.infra.plugins.plugin_utils.intake import RECEIVED, UNREAD
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import Transaction
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import (
    EXHAUSTED,
    FINAL,
    OBSERVED,
    OPEN,
    RESOLVED,
    SUPPRESSED,
    Case,
    EventRow,
)

from ..config import PolicyConfig
from ..policy import case_life as policy
from .own_events import raise_unresolved


def admitted(event: Event, inventory: Snapshot, mode: str) -> policy.Open | policy.Observe | policy.Suppress:
    """Decide whether a case with this as its newest event is acted upon."""
    return policy.admit(event.type, event.hosts, inventory.resolve_all(event.hosts), mode, event.extra.get(UNREAD) if event.type == RECEIVED else None)


@dataclass(frozen=True)
class Correlation:
    """What correlating depends on beside the event: the inventory, the mode and the policy."""

    inventory: Snapshot
    mode: str
    config: PolicyConfig

    def __call__(self, tx: Transaction, row: EventRow, now: float) -> None:
        """Write down what one accepted event means for its case."""
        case = tx.live_case(row.event.dedup_key)
        if row.event.type == policy.RESOLVED_ALERT:
            case_id = _close(tx, case, now)
        elif case is None:
            case_id = self._open(tx, row, now)
        elif case.state in FINAL and isinstance(self._decision(row.event), policy.Open) and case.state != EXHAUSTED:
            # What stood in the way of acting is gone: the host has come into the inventory, or the mode is another.
            tx.save_case(replace(case, live=False, updated_at=now), "")
            case_id = self._open(tx, row, now)
        else:
            case_id = self._join(tx, case, row, now)
        tx.mark_handled(row.id, case_id)

    def _decision(self, event: Event) -> policy.Open | policy.Observe | policy.Suppress:
        return admitted(event, self.inventory, self.mode)

    def _open(self, tx: Transaction, row: EventRow, now: float) -> int:
        event = row.event
        decision = self._decision(event)
        state, why = _beginning(decision, event)
        case = tx.add_case(
            Case(
                dedup_key=event.dedup_key,
                kind=kind_of(event.type),
                type=event.type,
                subject=event.subject,
                severity=event.severity,
                hosts=self.inventory.resolve_all(event.hosts),
                child=row.child,
                state=state,
                reason="" if state == OPEN else why,
                mode=self.mode,
                opened_at=now,
                updated_at=now,
                due_at=now,
                rank=policy.rank(event.severity, now, self.config),
                event_row=row.id,
                live=state == OPEN or policy.stays_live(event.type),
            ),
            why,
        )
        if isinstance(decision, policy.Suppress) and decision.unresolved:
            raise_unresolved(tx, case, event.hosts, now)
        return case.id

    def _join(self, tx: Transaction, case: Case, row: EventRow, now: float) -> int:
        event = row.event
        joined = replace(
            case,
            count=case.count + 1,
            updated_at=now,
            event_row=row.id,
            child=row.child,
            subject=event.subject,
            severity=event.severity,
            hosts=self.inventory.resolve_all(event.hosts),
            rank=min(case.rank, policy.rank(event.severity, case.opened_at, self.config)),
            again=case.again or (case.in_flight and policy.goes_out_again(case)),
        )
        tx.save_case(joined, f"event {row.id} joined")
        return case.id


def _beginning(decision: policy.Open | policy.Observe | policy.Suppress, event: Event) -> tuple[str, str]:
    if isinstance(decision, policy.Open):
        return OPEN, f"{event.type} from {event.source}"
    return (OBSERVED if isinstance(decision, policy.Observe) else SUPPRESSED), decision.why


def _close(tx: Transaction, case: Case | None, now: float) -> int | None:
    if case is None:
        return None  # the end of something that was never a case, or that is one no more
    why = "the monitor says that it is over"
    if case.state in FINAL:
        # It stays what became of it; the next alert is a new case.
        tx.save_case(replace(case, live=False, updated_at=now, reason=f"{case.reason}; later {why}"), why)
    else:
        tx.save_case(replace(case, state=RESOLVED, reason=why, live=False, updated_at=now, due_at=now, again=False), why)
    return case.id
