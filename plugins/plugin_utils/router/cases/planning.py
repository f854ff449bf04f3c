# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Planning: which cases go next, and which must wait; written down before the engine sees anything."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ansible_collections.eventops.infra.plugins.plugin_utils.event import RESERVED_PREFIX
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Snapshot
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import Transaction
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import OPEN, Case, Dispatch

from ..policy.case_life import goes_on
from ..policy.decisions import Go
from .flight import Planned, cases_of
from .look import Later, Look, Rulings, Traffic

_PAGE = 200  # cases that are looked at together; with as many that may not go, further ones are looked at
_MOST_LOOKED_AT = 20_000


@dataclass(frozen=True)
class Again:
    """Something was decided but nothing is dispatched yet: look again at once."""


@dataclass(frozen=True)
class Planner(Rulings):
    """Choose the next dispatch."""

    def __call__(self, tx: Transaction, inventory: Snapshot, traffic: Traffic, now: float) -> Planned | Later | Again | None:
        """Write the next dispatch down; None when nothing is due.

        A case is about the hosts that its newest event names and that the inventory has now.
        """
        if traffic.room_for_any(self.policy):
            return self._choose(Look(self, tx, inventory, now), tx, traffic, now)
        own = tx.ready_cases(now, _PAGE, types=RESERVED_PREFIX) if traffic.room_for_own else []
        if not own and not traffic.look_around:
            return None
        look = Look(self, tx, inventory, now)
        if found := next((found for case in own if (found := _settled(look, case, traffic))), None):
            return found
        return Again() if traffic.look_around and look.around(tx.ready_cases(now, _PAGE)) else None

    def _choose(self, look: Look, tx: Transaction, traffic: Traffic, now: float) -> Planned | Later | Again | None:
        limit, seen, decided = _PAGE, 0, False
        later: Later | None = None
        windows = {policy.coalesce.window for policy in self.policy.all}
        while True:
            cases = tx.ready_cases(now, limit)
            for case in cases[seen:]:
                candidate = look.at(case)
                if not isinstance(candidate.decision, Go):
                    look.decide(candidate)
                    decided = True
                elif candidate.policy.coalesce.window <= max(windows) and look.may_fly(candidate, traffic):
                    found = look.plan(candidate, traffic)
                    if isinstance(found, Planned):
                        return found
                    later = found if later is None else min(later, found, key=lambda each: each.at)
                    # Whoever waits less than this one is not held up by it.
                    windows = {window for window in windows if window < candidate.policy.coalesce.window}
                    if not windows:
                        return later
            if decided:
                return Again()
            seen = len(cases)
            if seen < limit or limit >= _MOST_LOOKED_AT:
                return later
            limit *= 5

    def replan(self, tx: Transaction, dispatch: Dispatch, inventory: Snapshot, now: float) -> Planned | None:
        """Read back a dispatch of an earlier life that was cut off, to put it once more under its own uuid.

        None when it may not go out again as it was: the engine ended too often with it, or one of its cases is over, is about other hosts
        now, or has to wait; then those that may still go are planned anew, without having lost an attempt.
        """
        own = [case for case in cases_of(tx, dispatch) if case.dispatch == dispatch.uuid and case.in_flight]
        if not own or not goes_on(dispatch.interruptions):
            return None
        look = Look(self, tx, inventory, now)
        found = [look.at(case) for case in own]
        hosts = {share.case_id: share.hosts for share in dispatch.shares}
        whole = len(own) == len(dispatch.shares)
        if whole and all(isinstance(each.decision, Go) and each.member.case.target_hosts == hosts[each.member.case.id] for each in found):
            return Planned(dispatch, tuple(each.member for each in found), found[0].policy)
        for each in found:
            case = replace(each.member.case, state=OPEN, reason="", dispatch=None, attempt=each.member.case.attempt - 1, due_at=now, updated_at=now)
            tx.save_case(case, "its run was cut off and cannot go out again as it was")
        return None


def _settled(look: Look, case: Case, traffic: Traffic) -> Planned | Later | Again | None:
    """Plan a case or write down why it does not go; None when its turn has not come."""
    candidate = look.at(case)
    if not isinstance(candidate.decision, Go):
        look.decide(candidate)
        return Again()
    return look.plan(candidate, traffic) if look.may_fly(candidate, traffic) else None
