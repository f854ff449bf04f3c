# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The life of a case: pure functions from a case and what happened to a decision. Time and randomness come in as arguments."""

from __future__ import annotations

from ansible_collections.eventops.infra.plugins.plugin_utils.event import RESERVED_PREFIX, kind_of
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import BACKOFF, Case

from .decisions import Exhaust, Observe, Open, Resolve, Suppress, Verify, Wait
from .matching import Subject
from .settings import OBSERVE, Attempts, CasePolicy

FIRING, RESOLVED_ALERT = "alert.firing", "alert.resolved"
INCIDENT = "incident"

# Waiting raises priority: a point each 3 s, so that after five minutes an `info` case stands beside a fresh `critical`.
_SECONDS_PER_POINT = 3.0

# An action that ends ansible-rulebook itself would do so after each restart; past this it counts as a failed attempt.
MAX_INTERRUPTIONS = 3


def subject_of(case: Case) -> Subject:
    """Return what a policy, a pause and a window match a case by."""
    return Subject(case.type, case.name, case.kind, case.severity, case.subject, case.hosts, case.child, case.dedup_key)


def rank(severity: str, opened_at: float, policy: CasePolicy) -> float:
    """Rank a case: the smallest goes first.

    Priority points grow by one each `_SECONDS_PER_POINT` of waiting for every case alike, so the order of two
    cases never changes and can be stored.
    """
    return opened_at - policy.priority[severity] * _SECONDS_PER_POINT


def admit(type_: str, hosts: tuple[str, ...], mode: str, *, unknown: str | None = None, unread: str | None = None) -> Open | Observe | Suppress:
    """Decide whether a case is acted upon: when it is opened, and again before each dispatch, since the inventory and the mode change.

    :param type_: the type of its newest event.
    :param hosts: the known ones among those that this event names.
    :param mode: `observe`, `approve` or `enforce`.
    :param unknown: why none of the hosts that it names is known, where it names any.
    :param unread: why the child's adapter could not read the event.
    """
    if unread is not None:
        # A rule that reads the payload would match all the same, and run on the controller what is meant for the host in the payload.
        return Suppress(f"nobody knows which hosts it is about: {unread}")
    if unknown is not None:
        return Suppress(f"unknown host: {unknown}", unresolved=not is_own(type_))
    if mode == OBSERVE:
        return Observe(f"mode observe: would have been dispatched to {', '.join(target_hosts(hosts))}")
    return Open()


def on_success(case: Case, now: float, policy: CasePolicy) -> Resolve | Verify:
    """Decide what follows a run that went well: only the monitor can say that an alert is over."""
    if case.type == FIRING:
        return Verify(now + policy.confirm_within, f"attempt {case.attempt} went well, waiting for the monitor to confirm")
    return Resolve(f"attempt {case.attempt} went well")


def on_failure(case: Case, why: str, now: float, random: float, policy: CasePolicy) -> Wait | Exhaust:
    """Decide what follows a failed attempt; `random` is uniform in [0, 1)."""
    if case.attempt >= policy.attempts.max:
        return Exhaust(f"attempt {case.attempt} of {policy.attempts.max} failed: {why}")
    wait = backoff_seconds(policy.attempts, case.attempt, random)
    return Wait(now + wait, f"attempt {case.attempt} failed, next in {wait:.1f} s: {why}", BACKOFF)


def on_unconfirmed(case: Case, answer: str | None, now: float, random: float, policy: CasePolicy) -> Resolve | Wait | Exhaust:
    """Decide what follows a silent monitor; `answer` is what it said when asked: resolved, firing or nothing."""
    if answer == "resolved":
        return Resolve("the monitor, asked, says that it is over")
    said = "the monitor, asked, says that it goes on" if answer == "firing" else "the monitor did not confirm in time"
    return on_failure(case, said, now, random, policy)


def goes_on(interruptions: int) -> bool:
    """Tell whether a dispatch that was cut off so many times goes out again, or counts as a failed attempt."""
    return interruptions <= MAX_INTERRUPTIONS


def goes_out_again(case: Case) -> bool:
    """Tell whether an event that joined a case in flight sends it out once more: a change or a request has newer data."""
    return kind_of(case.type) != INCIDENT


def stays_live(type_: str) -> bool:
    """Tell whether a case that was exhausted, suppressed or only observed keeps taking events.

    An alert does until it is resolved: its monitor repeats it, and each repetition would open a case and call a person anew.
    """
    return type_ == FIRING


def is_own(type_: str) -> bool:
    """Tell whether an event is the router's own: those about case.* pass by pause and limits, and never raise another."""
    return type_.startswith(RESERVED_PREFIX)


def backoff_seconds(attempts: Attempts, attempt: int, random: float) -> float:
    """Return how long to wait after the given failed attempt (1 is the first), with jitter to both sides."""
    wait = min(attempts.backoff * attempts.factor ** (attempt - 1), attempts.max_backoff)
    return min(wait * (1 + attempts.jitter * (2 * random - 1)), attempts.max_backoff)


def target_hosts(hosts: tuple[str, ...]) -> tuple[str, ...]:
    """Return the hosts that a dispatch is limited to: never none, which Ansible takes for all."""
    return hosts or ("localhost",)
