# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A dispatch from its plan to its outcome, as transactions: what is written down before the engine acts and after."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ansible_collections.eventops.infra.plugins.plugin_utils.executions import Execution
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Snapshot
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import Transaction
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import (
    DISPATCHED,
    ENDED,
    EXHAUSTED,
    OBSERVED,
    OPEN,
    RESOLVED,
    RUNNING,
    SUPPRESSED,
    UNMATCHED,
    VERIFYING,
    WAITING,
    Case,
    Dispatch,
    EventRow,
)

from ..config import PolicyConfig
from ..engine.engine import Performed
from ..policy import case_life as policy
from .correlation import admitted
from .outcome import Failed, Outcome, Succeeded, Untaken, judge, rows
from .own_events import raise_exhausted, raise_unresolved

_PAGE = 200  # cases that are looked at together for one whose hosts are free


@dataclass(frozen=True)
class Planned:
    """A dispatch that is written down and may be put."""

    dispatch: Dispatch
    case: Case
    row: EventRow


def plan(tx: Transaction, inventory: Snapshot, mode: str, now: float) -> Planned | None:
    """Choose the next case and write its dispatch down; None when nothing is due.

    A case is about the hosts that its newest event names and that the inventory has now. In mode observe nothing is planned, and what was open
    before the mode was changed is only written down.
    """
    busy = _busy(tx)
    for case in list(_ready(tx, now)):
        row = tx.event(case.event_row)
        hosts = inventory.resolve_all(row.event.hosts)
        decision = admitted(row.event, inventory, mode)
        if not isinstance(decision, policy.Open):
            decide(tx, case, decision, now)
        elif policy.is_free(hosts, busy):
            return _planned(tx, replace(case, hosts=hosts), row, now)
        elif hosts != case.hosts:
            tx.save_case(replace(case, hosts=hosts), "")
    return None


def anything_due(tx: Transaction, now: float) -> bool:
    """Tell whether `plan` would find something: a case that is due and whose hosts nothing, also of an earlier life, works on."""
    busy = _busy(tx)
    return any(policy.is_free(case.hosts, busy) for case in _ready(tx, now))


def _ready(tx: Transaction, now: float) -> Iterator[Case]:
    """Go through the cases that are due, the most urgent first, a page at a time."""
    seen = 0
    while page := tx.ready_cases(now, _PAGE, seen):
        yield from page
        seen += len(page)


def begun(uuid_: str, now: float, playbooks: int) -> Callable[[Transaction], None]:
    """Make the transaction that says that a rule took the event and the engine has begun to act, with so many playbooks to come."""

    def write(tx: Transaction) -> None:
        dispatch = tx.dispatch(uuid_)
        # Another life that finds the first of them ended must know whether there was to be a second.
        tx.save_dispatch(replace(dispatch, playbooks=dispatch.playbooks + playbooks))
        for case in _cases(tx, dispatch):
            if case.dispatch == uuid_ and case.state == DISPATCHED:
                tx.save_case(replace(case, state=RUNNING, updated_at=now), "a rule took it, its actions run")

    return write


def suppress(planned: Planned, why: str, now: float) -> Callable[[Transaction], None]:
    """Make the transaction that takes a planned dispatch back for good."""

    def write(tx: Transaction) -> None:
        tx.save_dispatch(replace(planned.dispatch, state=ENDED, outcome=why, ended_at=now))
        case = tx.case(planned.case.id)
        live = policy.stays_live(case.type)
        tx.save_case(replace(case, state=SUPPRESSED, reason=why, live=live, dispatch=None, updated_at=now), why)

    return write


def interrupted(dispatch: Dispatch) -> Callable[[Transaction], Dispatch]:
    """Make the transaction that counts an interruption of a dispatch."""

    def write(tx: Transaction) -> Dispatch:
        counted = replace(dispatch, interruptions=dispatch.interruptions + 1, playbooks=0)
        tx.save_dispatch(counted)
        return counted

    return write


@dataclass(frozen=True)
class Landing:
    """Take the outcome of a dispatch into the store; `random` gives the jitter."""

    policy: PolicyConfig
    random: Callable[[], float]

    def __call__(self, tx: Transaction, dispatch: Dispatch, executions: Sequence[Execution], performed: Performed | None, now: float) -> None:
        tx.put_executions(rows(dispatch.uuid, executions))
        told = []
        for case in _cases(tx, dispatch):
            # Its hosts when it was sent: an event that joined meanwhile may have named others.
            outcome = judge(dispatch.hosts, executions, performed, dispatch.playbooks)
            told.append(_in_words(outcome))
            if case.dispatch == dispatch.uuid:
                self._follow(tx, replace(case, dispatch=None, updated_at=now), outcome, now)
        tx.save_dispatch(replace(dispatch, state=ENDED, outcome="; ".join(dict.fromkeys(told)), ended_at=now))

    def _follow(self, tx: Transaction, case: Case, outcome: Outcome, now: float) -> None:
        if not case.in_flight:
            tx.save_case(case, "")  # closed while it ran; what the run did is in its executions
            return
        decision = self._decision(case, outcome, now)
        if case.again and not isinstance(decision, policy.Wait):  # after a wait it goes out with the newest data anyway
            why = "an event joined while it ran: once more, with the newest data"
            tx.save_case(replace(case, state=OPEN, reason="", attempt=0, again=False, due_at=now), why)
        else:
            decide(tx, case, decision, now)

    def _decision(self, case: Case, outcome: Outcome, now: float) -> object:
        match outcome:
            case Untaken():
                return policy.Unmatched("no rule of the ruleset took it")
            case Failed(why):
                return policy.on_failure(case, why, now, self.random(), self.policy)
            case _:
                return policy.on_success(case, now, self.policy)


def decide(tx: Transaction, case: Case, decision: object, now: float) -> None:
    """Carry a decision of the policy out: the case's new state with its reason, and the event that it calls for."""
    case = replace(case, updated_at=now)
    match decision:
        case policy.Resolve(why):
            tx.save_case(replace(case, state=RESOLVED, reason=why, live=False), why)
        case policy.Verify(until, why):
            tx.save_case(replace(case, state=VERIFYING, reason=why, due_at=until), why)
        case policy.Wait(until, why):
            tx.save_case(replace(case, state=WAITING, reason=why, due_at=until, again=False), why)
        case policy.Observe(why):
            tx.save_case(replace(case, state=OBSERVED, reason=why, live=policy.stays_live(case.type)), why)
        case policy.Suppress(why):
            suppressed = replace(case, state=SUPPRESSED, reason=why, live=policy.stays_live(case.type))
            tx.save_case(suppressed, why)
            if decision.unresolved:
                raise_unresolved(tx, suppressed, tx.event(case.event_row).event.hosts, now)
        case policy.Unmatched(why):
            tx.save_case(replace(case, state=UNMATCHED, reason=why, live=False), why)
        case policy.Exhaust(why):
            exhausted = replace(case, state=EXHAUSTED, reason=why, live=policy.stays_live(case.type))
            tx.save_case(exhausted, why)
            raise_exhausted(tx, exhausted, now)
        case _:
            raise TypeError(f"no way to carry out {decision!r}")


def _planned(tx: Transaction, case: Case, row: EventRow, now: float) -> Planned:
    dispatch = Dispatch(
        uuid=str(uuid.uuid4()),
        attempt=case.attempt + 1,
        hosts=policy.target_hosts(case.hosts),
        case_ids=(case.id,),
        planned_at=now,
    )
    tx.add_dispatch(dispatch)
    sent = replace(case, state=DISPATCHED, reason="", attempt=dispatch.attempt, dispatch=dispatch.uuid, updated_at=now, again=False)
    tx.save_case(sent, f"attempt {dispatch.attempt} to {', '.join(dispatch.hosts)}, as {dispatch.uuid}")
    return Planned(dispatch, sent, tx.event(case.event_row))


def _busy(tx: Transaction) -> frozenset[str]:
    return frozenset(host for dispatch in tx.unfinished_dispatches() for host in dispatch.hosts)


def replan(tx: Transaction, dispatch: Dispatch, inventory: Snapshot, mode: str, now: float) -> Planned | None:
    """Read back a dispatch of an earlier life that was cut off, to put it once more under its own uuid.

    None when it may not go out again: its case is over, is about other hosts now, or the engine ended too often with it.
    """
    (case,) = _cases(tx, dispatch)
    row = tx.event(case.event_row)
    hosts = policy.target_hosts(inventory.resolve_all(row.event.hosts))
    is_still_its_own = case.dispatch == dispatch.uuid and case.in_flight and hosts == dispatch.hosts
    decision = admitted(row.event, inventory, mode)
    if is_still_its_own and not isinstance(decision, policy.Open):
        decide(tx, replace(case, dispatch=None), decision, now)
    return Planned(dispatch, case, row) if is_still_its_own and isinstance(decision, policy.Open) and policy.goes_on(dispatch.interruptions) else None


def _cases(tx: Transaction, dispatch: Dispatch) -> Iterable[Case]:
    return [tx.case(case_id) for case_id in dispatch.case_ids]


def _in_words(outcome: Outcome) -> str:
    match outcome:
        case Succeeded():
            return "succeeded"
        case Failed(why):
            return f"failed: {why}"
        case Untaken():
            return "no rule took it"
