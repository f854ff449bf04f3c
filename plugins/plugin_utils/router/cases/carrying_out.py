# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Carry a decision of the policy out: the case's new state with its reason, and the event that it calls for."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import Transaction
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import (
    AWAITING_APPROVAL,
    EXHAUSTED,
    OBSERVED,
    RESOLVED,
    SUPPRESSED,
    UNMATCHED,
    VERIFYING,
    WAITING,
    Case,
)

from ..policy.case_life import stays_live
from ..policy.decisions import Ask, Decision, Exhaust, Observe, Resolve, Suppress, Unmatched, Verify, Wait
from ..policy.settings import CasePolicy
from .own_events import announce, raise_exhausted, raise_unresolved


def carry_out(tx: Transaction, case: Case, decision: Decision, policy: CasePolicy, now: float) -> None:
    """Write down what a decision makes of a case."""
    case = replace(case, updated_at=now, waits_for="")
    match decision:
        case Resolve(why):
            resolved = replace(case, state=RESOLVED, reason=why, live=False)
            tx.save_case(resolved, why)
            announce(tx, "resolved", resolved, policy, now)
        case Verify(until, why):
            tx.save_case(replace(case, state=VERIFYING, reason=why, due_at=until), why)
        case Wait(until, why, waits_for):
            # What waits for no time is due when it is lifted.
            due = case.due_at if until is None else until
            tx.save_case(replace(case, state=WAITING, reason=why, waits_for=waits_for, due_at=due, again=False), why)
        case Ask(until, why):
            asking = replace(case, state=AWAITING_APPROVAL, reason=why, due_at=until)
            tx.save_case(asking, why)
            announce(tx, "updated", asking, policy, now)
        case Observe(why):
            tx.save_case(replace(case, state=OBSERVED, reason=why, live=stays_live(case.type)), why)
        case Suppress(why):
            suppressed = replace(case, state=SUPPRESSED, reason=why, live=stays_live(case.type))
            tx.save_case(suppressed, why)
            if decision.unresolved:
                raise_unresolved(tx, suppressed, tx.event(case.event_row).event.hosts, now)
        case Unmatched(why):
            tx.save_case(replace(case, state=UNMATCHED, reason=why, live=False), why)
        case Exhaust(why):
            exhausted = replace(case, state=EXHAUSTED, reason=why, live=stays_live(case.type))
            tx.save_case(exhausted, why)
            raise_exhausted(tx, exhausted, now)
        case _:
            raise TypeError(f"no way to carry out {decision!r}")
