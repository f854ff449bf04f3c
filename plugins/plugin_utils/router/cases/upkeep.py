# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Upkeep: move on what waits for no time of its own, but for a pause, a storm, or an approval."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Snapshot
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import Transaction
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import AWAITING_APPROVAL, MAINTENANCE, OPEN, PAUSE, ROUTER, STORM, Case, Pause, Storm

from ..policy.case_life import INCIDENT, subject_of
from ..policy.decisions import Suppress
from ..policy.gates import holding, in_storm
from ..policy.maintenance import open_window
from ..policy.settings import APPROVE, Policy
from .carrying_out import carry_out
from .weather import conditions_now

_PAGE = 200  # cases in one transaction, so that senders do not wait for a crowd


@dataclass(frozen=True)
class Weather:
    """By what it is known whether anything that a storm holds may have come free since it was looked at."""

    storm: Storm
    unhealthy: int
    known_hosts: int
    holds_any: bool


@dataclass(frozen=True)
class Swept:
    """How far the cases that wait for a pause were looked at, and whether there may be more to do; worth something once it is committed."""

    pauses: tuple[Pause, ...] | None = None  # as they were then
    to: int | None = 0  # the case up to which they were looked at; None: all
    weather: Weather | None = None  # when what a storm holds was looked at last
    more: bool = True


@dataclass(frozen=True)
class Upkeep:
    """Move on what waits for no time of its own: lifted pauses, a storm that is over, approvals that nobody gave."""

    policy: Policy

    def __call__(self, tx: Transaction, inventory: Snapshot, swept: Swept, now: float) -> Swept:
        """Do some of it, in one transaction; return how far it came, for the next time."""
        expired = self._expire_approvals(tx, now)
        swept = self._sweep_pauses(tx, swept, now)
        weather, lifted = self._sweep_storm(tx, inventory, swept.weather, now)
        return replace(swept, weather=weather, more=expired or lifted or swept.to is not None)

    def _expire_approvals(self, tx: Transaction, now: float) -> bool:
        expired = tx.expired_approvals(now, _PAGE)
        for case in expired:
            policy = self.policy.of(subject_of(case))
            carry_out(tx, replace(case, decided_by=ROUTER), Suppress(f"nobody approved it within {policy.approve_expires:g} s"), policy, now)
        return len(expired) == _PAGE

    def _sweep_pauses(self, tx: Transaction, swept: Swept, now: float) -> Swept:
        pauses = tuple(tx.pauses(now))
        if pauses == swept.pauses and swept.to is None:
            return swept
        if swept.pauses is None:
            self._sweep_windows(tx, now)
            self._sweep_approvals(tx, now)
        cases = tx.lifted_cases(PAUSE, _PAGE, swept.to if pauses == swept.pauses else 0)
        for case in cases:
            if holding(pauses, subject_of(case)) is None:
                _go_on(tx, case, "the pause is over", now)
        return replace(swept, pauses=pauses, to=cases[-1].id if len(cases) == _PAGE else None)

    def _sweep_windows(self, tx: Transaction, now: float) -> None:
        """Let go, after a start, what waits for a window that is not in the rulebook any more, or closes at another time."""
        for case in list(_pages(tx, MAINTENANCE)):
            subject = subject_of(case)
            found = open_window(self.policy.of(subject).maintenance, subject, now)
            if found is None or found[1] != case.due_at:
                _go_on(tx, case, "the maintenance windows have changed", now)

    def _sweep_approvals(self, tx: Transaction, now: float) -> None:
        """Let go, after a start, what awaits an approval that the rulebook does not ask for any more."""
        for case in [case for case in tx.unfinished_cases() if case.state == AWAITING_APPROVAL]:
            if self.policy.of(subject_of(case)).mode != APPROVE:
                _go_on(tx, case, "the mode has changed", now)

    def _sweep_storm(self, tx: Transaction, inventory: Snapshot, seen: Weather | None, now: float) -> tuple[Weather | None, bool]:
        """Let go what no storm holds any more; return the weather in which all that it holds was looked at, and whether anything was let go."""
        storm = tx.storm()
        if storm is None:
            return None, False
        conditions = conditions_now(tx, inventory, now)
        weather = Weather(storm, conditions.unhealthy, conditions.known_hosts, bool(tx.lifted_cases(STORM, 1)))
        if weather == seen or all(in_storm(INCIDENT, policy, conditions) for policy in self.policy.all):
            return weather, False  # nothing that it holds may go on, whichever policy it is under
        why = f"released by {storm.released_by}" if storm.released_by else "the storm is over"
        lifted = held = 0
        for case in _pages(tx, STORM):
            if in_storm(case.kind, self.policy.of(subject_of(case)), conditions):
                held += 1
                continue
            _go_on(tx, case, why, now)
            lifted += 1
            if lifted == _PAGE:
                break
        if lifted:
            return None, True  # to be looked at again, as there may be more, or nothing any more
        # A person's release holds until it is calm for every policy: an override may allow less than the base.
        policies = self.policy.all if storm.released_by else (self.policy.base,)
        if not held and not any(in_storm(INCIDENT, policy, replace(conditions, storm=None)) for policy in policies):
            tx.save_storm(None, now=now)
            return None, False
        return weather, False


def _pages(tx: Transaction, waits_for: str) -> Iterator[Case]:
    after = 0
    while cases := tx.lifted_cases(waits_for, _PAGE, after):
        yield from cases
        after = cases[-1].id


def _go_on(tx: Transaction, case: Case, why: str, now: float) -> None:
    tx.save_case(replace(case, state=OPEN, reason="", waits_for="", due_at=now, updated_at=now), why)
