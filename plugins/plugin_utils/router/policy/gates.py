# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Gates: what keeps a case whose turn it is from being dispatched right now, as a pure function."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import COOLDOWN, MAINTENANCE, PAUSE, SCHEDULE, STORM, Case, Pause, Storm
from ansible_collections.eventops.infra.plugins.plugin_utils.timestamp import from_epoch

from .case_life import INCIDENT, is_own
from .decisions import Ask, Go, Wait
from .maintenance import open_window
from .matching import Subject, matches
from .settings import APPROVE, CasePolicy


@dataclass(frozen=True)
class Conditions:
    """What holds for all cases at one moment: `unhealthy` of `known_hosts` hosts fail."""

    now: float
    pauses: tuple[Pause, ...] = ()
    storm: Storm | None = None
    unhealthy: int = 0
    known_hosts: int = 0


def gate(case: Case, subject: Subject, policy: CasePolicy, conditions: Conditions, last_run: float | None, not_before: float = 0.0) -> Go | Wait | Ask:
    """Decide whether a case that is to be acted upon goes now.

    :param subject: the case with the hosts that it is about now.
    :param last_run: when the last run of another case with the same dedup_key ended.
    :param not_before: when its newest event asks to be acted upon.
    """
    if is_own(case.type):
        return Go()
    if pause := holding(conditions.pauses, subject):
        return Wait(None, f"paused by {pause.by}" + (f": {pause.why}" if pause.why else ""), PAUSE)
    if found := open_window(policy.maintenance, subject, conditions.now):
        window, end = found
        return Wait(end, f"maintenance window {window}", MAINTENANCE)
    if in_storm(case.kind, policy, conditions):
        failing = f"{conditions.unhealthy} of {conditions.known_hosts} hosts fail at once"
        return Wait(None, f"storm: {failing}, more than {policy.max_unhealthy}, so they are not healed one by one", STORM)
    # What a person asked for does not wait for a time, and is approved.
    if not case.decided_by:
        if conditions.now < not_before:
            return Wait(not_before, f"asked for at {from_epoch(not_before)}", SCHEDULE)
        if not case.attempt and last_run is not None and conditions.now < last_run + policy.cooldown:
            return Wait(last_run + policy.cooldown, f"cooldown: the last run of the same ended less than {policy.cooldown:g} s ago", COOLDOWN)
        if policy.mode == APPROVE:
            return Ask(conditions.now + policy.approve_expires, f"mode approve: a person has {policy.approve_expires:g} s to approve")
    return Go()


def holding(pauses: Iterable[Pause], subject: Subject) -> Pause | None:
    """Return the first pause that a case falls under."""
    return next((pause for pause in pauses if matches(pause.match, subject)), None)


def in_storm(kind: str, policy: CasePolicy, conditions: Conditions) -> bool:
    """Tell whether too many hosts fail at once to heal a case of this kind, and nobody has released the storm."""
    if kind != INCIDENT or (conditions.storm is not None and conditions.storm.released_by):
        return False
    return not policy.max_unhealthy.allows(conditions.unhealthy, conditions.known_hosts)
