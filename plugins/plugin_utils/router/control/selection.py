# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which cases a person means: one by its id, the one that follows a problem, or all that match."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import Transaction
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import (
    AWAITING_APPROVAL,
    EXHAUSTED,
    FINAL,
    OPEN,
    RESOLVED,
    UNFINISHED,
    VERIFYING,
    WAITING,
    Case,
    CaseQuery,
)

from ..cases.own_events import announce
from ..policy.case_life import subject_of
from ..policy.matching import matches
from ..policy.settings import Policy
from . import people
from .intervention import Intervention, UnknownCase

DECISIONS = {
    "approve": people.approve,
    "reject": people.reject,
    "resolve": people.resolve,
    "suppress": people.suppress,
    "retry": people.retry,
    "annotate": people.annotate,
}
# Of the cases that match, those that a decision is for; one that is named by its id or its key has to allow it, or the answer says why it does not.
_STATES_MEANT = {
    "approve": frozenset({AWAITING_APPROVAL}),
    "reject": frozenset({AWAITING_APPROVAL}),
    "resolve": UNFINISHED | FINAL,
    "suppress": UNFINISHED,
    "retry": frozenset({OPEN, WAITING, VERIFYING, EXHAUSTED}),
    "annotate": UNFINISHED | FINAL,
}
_PAGE = 500


@dataclass(frozen=True, slots=True)
class ByCaseId:
    """The case with this id."""

    case_id: int


@dataclass(frozen=True, slots=True)
class ByDedupKey:
    """The case that events with this key join."""

    dedup_key: str


@dataclass(frozen=True, slots=True)
class ByMatch:
    """Every case that events still join, that matches (see policy/matching.py), and in a state that the decision is for."""

    match: Mapping[str, object]


Selection = ByCaseId | ByDedupKey | ByMatch


def decide(
    tx: Transaction, decision: str, selection: Selection, policy: Policy, *, by: str, why: str, now: float, seen: int | None = None
) -> list[Intervention[Case]]:
    """Carry a person's decision, one of DECISIONS, out for every case that is meant, and tell of it where the policy asks for that.

    All of them, or none: where one does not allow it, NotPossible or UnknownCase is raised. `seen` is for approvals (people.approve).
    """
    more = {} if seen is None else {"seen": seen}
    done = [DECISIONS[decision](tx, case_id, by=by, why=why, now=now, **more) for case_id in list(_meant(tx, decision, selection))]
    for each in done:
        if each.changed and each.after.state == RESOLVED != each.before.state:
            announce(tx, "resolved", each.after, policy.of(subject_of(each.after)), now)
    return done


def _meant(tx: Transaction, decision: str, selection: Selection) -> Iterator[int]:
    match selection:
        case ByCaseId(case_id):
            yield case_id
        case ByDedupKey(dedup_key):
            found = tx.live_case(dedup_key)
            if found is not None:
                yield found.id
            elif decision != "resolve":  # nothing is left to resolve, which is what was asked for
                raise UnknownCase(dedup_key)
        case ByMatch(match):
            yield from (case.id for case in _live_cases(tx) if _is_meant(case, decision) and matches(match, subject_of(case)))


def _live_cases(tx: Transaction) -> Iterator[Case]:
    before = None
    while page := tx.find_cases(CaseQuery(live=True, before_id=before, limit=_PAGE)):
        yield from page
        before = page[-1].id


def _is_meant(case: Case, decision: str) -> bool:
    return case.state in _STATES_MEANT[decision] and not (decision == "retry" and people.is_held_back(case))
