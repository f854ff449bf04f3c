# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Landing: the outcome of a dispatch becomes what follows for each of its cases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ansible_collections.eventops.infra.plugins.plugin_utils.executions import Execution
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import Transaction
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import ENDED, FAILED, OPEN, PARTLY_FAILED, SUCCEEDED, UNTAKEN, Case, Dispatch

from ..engine.performed import Performed
from ..policy.case_life import on_failure, on_success, subject_of
from ..policy.decisions import Decision, Unmatched, Wait
from ..policy.settings import CasePolicy, Policy
from .carrying_out import carry_out
from .outcome import Failed, Outcome, Succeeded, Untaken, judge, rows


@dataclass(frozen=True)
class Landing:
    """Take the outcome of a dispatch into the store; `random` gives the jitter."""

    policy: Policy
    random: Callable[[], float]

    def __call__(self, tx: Transaction, dispatch: Dispatch, executions: Sequence[Execution], performed: Performed | None, now: float) -> None:
        tx.put_executions(rows(dispatch.uuid, executions))
        # One for all: what failed together is tried again together, in one run.
        random = self.random()
        outcomes = []
        for share in dispatch.shares:
            case = tx.case(share.case_id)
            # Its hosts when it was sent: an event that joined meanwhile may have named others.
            outcome = judge(share.hosts, executions, performed, dispatch.playbooks)
            outcomes.append(outcome)
            if case.dispatch == dispatch.uuid:
                ran_at = case.ran_at if isinstance(outcome, Untaken) else now
                self._follow(tx, replace(case, dispatch=None, ran_at=ran_at, updated_at=now), outcome, random, now)
        tx.save_dispatch(replace(dispatch, state=ENDED, outcome=_in_words(outcomes), result=_result(outcomes), ended_at=now))

    def _follow(self, tx: Transaction, case: Case, outcome: Outcome, random: float, now: float) -> None:
        if not case.in_flight:
            tx.save_case(case, "")  # closed while it ran; what the run did is in its executions
            return
        policy = self.policy.of(subject_of(case))
        decision = _decision(case, outcome, random, now, policy)
        if case.again and not isinstance(decision, Wait):  # after a wait it goes out with the newest data anyway
            why = "an event joined while it ran: once more, with the newest data"
            # What a person approved was the data of before.
            tx.save_case(replace(case, state=OPEN, reason="", attempt=0, again=False, decided_by="", due_at=now), why)
        else:
            carry_out(tx, case, decision, policy, now)


def _decision(case: Case, outcome: Outcome, random: float, now: float, policy: CasePolicy) -> Decision:
    match outcome:
        case Untaken():
            return Unmatched("no rule of the ruleset took it")
        case Failed(why):
            return on_failure(case, why, now, random, policy)
        case _:
            return on_success(case, now, policy)


def _result(outcomes: Sequence[Outcome]) -> str:
    kinds = {type(outcome) for outcome in outcomes}
    if Failed in kinds:
        return PARTLY_FAILED if Succeeded in kinds else FAILED
    return SUCCEEDED if Succeeded in kinds else UNTAKEN


def _in_words(outcomes: Sequence[Outcome]) -> str:
    """Tell each different outcome once, with how many cases had it where they differ."""
    told = [_words(outcome) for outcome in outcomes]
    counts = {words: told.count(words) for words in dict.fromkeys(told)}
    return "; ".join(words if len(counts) == 1 else f"{number} of {len(told)} {words}" for words, number in counts.items())


def _words(outcome: Outcome) -> str:
    match outcome:
        case Succeeded():
            return "succeeded"
        case Failed(why):
            return f"failed: {why}"
        case Untaken():
            return "no rule took it"
