# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The policy, as functions from values to values."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.router.policy import case_life as policy
from ansible_collections.eventops.infra.plugins.plugin_utils.router.policy.settings import Attempts, CasePolicy
from hypothesis import given
from hypothesis import strategies as st

from ...store.promises.examples import a_case

PRIORITY = {"critical": 100, "error": 50, "warning": 20, "info": 0}
CONFIG = CasePolicy(priority=PRIORITY)
severities = st.sampled_from(sorted(PRIORITY))
moments = st.floats(min_value=0, max_value=2e9)


def a_failed(attempt: int, **changes):
    return a_case(1, attempt=attempt, **changes)


def test_waits_grow_until_the_attempts_are_used_up():
    waits = [policy.on_failure(a_failed(attempt), "no", 1000.0, 0.5, CONFIG) for attempt in (1, 2)]
    assert [wait.until for wait in waits] == [1030.0, 1060.0]
    assert isinstance(policy.on_failure(a_failed(3), "no", 1000.0, 0.5, CONFIG), policy.Exhaust)


@given(
    attempt=st.integers(1, 100),
    backoff=st.floats(0, 3e7),
    factor=st.floats(1, 100),
    most=st.floats(0, 3e7),
    jitter=st.floats(0, 1),
    random=st.floats(0, 1, exclude_max=True),
)
def test_a_wait_is_never_negative_nor_longer_than_max_backoff(attempt, backoff, factor, most, jitter, random):
    attempts = Attempts(max=100, backoff=backoff, factor=factor, max_backoff=most, jitter=jitter)
    assert 0 <= policy.backoff_seconds(attempts, attempt, random) <= most


@given(random=st.floats(0, 1, exclude_max=True))
def test_jitter_stays_within_its_share(random):
    assert 27 <= policy.backoff_seconds(CONFIG.attempts, 1, random) <= 33


@given(st.tuples(severities, moments), st.tuples(severities, moments))
def test_of_two_that_arrive_together_the_more_severe_goes_first(one, other):
    (severity, opened), (other_severity, _opened) = one, other
    if PRIORITY[severity] > PRIORITY[other_severity]:
        assert policy.rank(severity, opened, CONFIG) < policy.rank(other_severity, opened, CONFIG)


@given(severities, severities, moments)
def test_waiting_raises_priority_so_that_nothing_starves(waiting, fresh, opened):
    """Whatever comes 301 s later, however severe, stands behind."""
    assert policy.rank(waiting, opened, CONFIG) < policy.rank(fresh, opened + 301, CONFIG)


@pytest.mark.parametrize(
    ("type_", "hosts", "mode", "unknown", "expected"),
    [
        ("alert.firing", ("web-01",), "enforce", None, policy.Open),
        ("alert.firing", ("web-01",), "observe", None, policy.Observe),
        ("alert.firing", (), "enforce", "the inventory has none of nowhere", policy.Suppress),
        ("alert.firing", (), "observe", "the inventory has none of nowhere", policy.Suppress),
        ("alert.firing", ("web-01",), "approve", None, policy.Open),
        ("schedule.fired", (), "enforce", None, policy.Open),
        ("case.exhausted", (), "enforce", None, policy.Open),
    ],
)
def test_what_a_new_case_begins_as(type_, hosts, mode, unknown, expected):
    assert isinstance(policy.admit(type_, hosts, mode, unknown=unknown), expected)


def test_an_unknown_host_calls_a_person_but_never_about_our_own_events():
    assert policy.admit("alert.firing", (), "enforce", unknown="none is known").unresolved
    assert not policy.admit("case.exhausted", (), "enforce", unknown="none is known").unresolved


def test_only_the_monitor_ends_an_alert():
    assert policy.on_success(a_case(1), 1000.0, CONFIG) == policy.Verify(1900.0, policy.on_success(a_case(1), 1000.0, CONFIG).why)
    assert isinstance(policy.on_success(a_case(1, type="request.report"), 1000.0, CONFIG), policy.Resolve)


@pytest.mark.parametrize(("answer", "expected"), [("resolved", policy.Resolve), ("firing", policy.Wait), (None, policy.Wait)])
def test_a_silent_monitor_is_asked(answer, expected):
    assert isinstance(policy.on_unconfirmed(a_failed(1), answer, 0.0, 0.5, CONFIG), expected)
    if answer != "resolved":
        assert isinstance(policy.on_unconfirmed(a_failed(3), answer, 0.0, 0.5, CONFIG), policy.Exhaust)


@given(st.sets(st.sampled_from("abcd"), max_size=3))
def test_a_dispatch_is_never_without_a_host(hosts):
    assert policy.target_hosts(tuple(hosts)) == (tuple(hosts) or ("localhost",))
