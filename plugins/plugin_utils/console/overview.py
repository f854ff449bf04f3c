# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the first page shows: each case once, in the list that says best what it is to a person. Every list is bounded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ansible_collections.eventops.infra.plugins.plugin_utils.event import RESERVED_PREFIX
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import Transaction
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import (
    AWAITING_APPROVAL,
    EXHAUSTED,
    OBSERVED,
    OPEN,
    PARKED,
    RESOLVED,
    SUPPRESSED,
    UNMATCHED,
    VERIFYING,
    WAITING,
    Case,
    CaseQuery,
    Dispatch,
)

MOST_CASES = 25  # of a list: what a person reads; the rest is pages away
MOST_RUNS = 16
MOST_CASES_OF_A_RUN = 6
_FINISHED_WITHIN_SECONDS = 86_400


@dataclass(frozen=True)
class Listed:
    """The first cases of a list, and whether there are more; `total` None: nobody has counted them."""

    cases: tuple[Case, ...] = ()
    more: bool = False
    total: int | None = None


@dataclass(frozen=True)
class Run:
    """A dispatch that has not ended, with the most urgent of its cases."""

    dispatch: Dispatch
    cases: tuple[Case, ...]

    @property
    def is_parked(self) -> bool:
        """Tell whether a rule has not taken it yet, because it waits for a time or for other events."""
        return self.dispatch.state == PARKED

    @property
    def more_cases(self) -> int:
        """Count the cases that are not among `cases`."""
        return len(self.dispatch.shares) - len(self.cases)


@dataclass(frozen=True)
class Overview:
    """The lists of the first page.

    :param counts: cases that are not in a final state, by state.
    :param defeated: exhausted, and their monitor still says that something is wrong.
    """

    counts: Mapping[str, int]
    to_approve: Listed
    defeated: Listed
    runs: tuple[Run, ...]
    more_runs: int
    queued: Listed
    waiting: Listed
    verifying: Listed
    set_aside: Listed
    finished: Listed


def look(tx: Transaction, now: float) -> Overview:
    """Collect what there is to see. `now` is seconds since the epoch."""
    counts = tx.count_unfinished()
    dispatches = tx.unfinished_dispatches()
    return Overview(
        counts=counts,
        to_approve=_listed(tx, CaseQuery(states=(AWAITING_APPROVAL,)), counts.get(AWAITING_APPROVAL, 0)),
        defeated=_listed(tx, CaseQuery(states=(EXHAUSTED,), live=True)),
        runs=tuple(_run(tx, each) for each in dispatches[:MOST_RUNS]),
        more_runs=max(0, len(dispatches) - MOST_RUNS),
        queued=_listed(tx, CaseQuery(states=(OPEN,)), counts.get(OPEN, 0)),
        waiting=_listed(tx, CaseQuery(states=(WAITING,)), counts.get(WAITING, 0)),
        verifying=_listed(tx, CaseQuery(states=(VERIFYING,)), counts.get(VERIFYING, 0)),
        set_aside=_listed(tx, CaseQuery(states=(SUPPRESSED, OBSERVED, UNMATCHED))),
        finished=_finished(tx, now),
    )


def _listed(tx: Transaction, query: CaseQuery, total: int | None = None) -> Listed:
    if total == 0:
        return Listed(total=0)
    found = tx.find_cases(_limited(query))
    return Listed(tuple(found[:MOST_CASES]), len(found) > MOST_CASES, total)


def _finished(tx: Transaction, now: float) -> Listed:
    """List what was resolved or given up in the last day, the last first; what is still wrong stands elsewhere.

    What the router itself has told of these cases is left out: in a storm it is more than they are.
    """
    since = now - _FINISHED_WITHIN_SECONDS
    asked = CaseQuery(states=(RESOLVED, EXHAUSTED), live=False, updated_after=since, without_types=RESERVED_PREFIX)
    found = tx.find_cases(_limited(asked))
    newest = sorted(found[:MOST_CASES], key=lambda case: case.updated_at, reverse=True)
    return Listed(tuple(newest), len(found) > MOST_CASES)


def _run(tx: Transaction, dispatch: Dispatch) -> Run:
    found = {case.id: case for case in tx.find_cases(CaseQuery(ids=dispatch.case_ids[:MOST_CASES_OF_A_RUN], limit=MOST_CASES_OF_A_RUN))}
    return Run(dispatch, tuple(found[case_id] for case_id in dispatch.case_ids if case_id in found))


def _limited(query: CaseQuery) -> CaseQuery:
    return replace(query, limit=MOST_CASES + 1)
