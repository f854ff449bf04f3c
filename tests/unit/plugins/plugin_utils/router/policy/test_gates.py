# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What keeps a case from being dispatched right now."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.router.policy.case_life import subject_of
from ansible_collections.eventops.infra.plugins.plugin_utils.router.policy.decisions import Ask, Go, Wait
from ansible_collections.eventops.infra.plugins.plugin_utils.router.policy.gates import Conditions, gate
from ansible_collections.eventops.infra.plugins.plugin_utils.router.policy.maintenance import Window
from ansible_collections.eventops.infra.plugins.plugin_utils.router.policy.settings import CasePolicy, MaxUnhealthy
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import COOLDOWN, MAINTENANCE, PAUSE, SCHEDULE, STORM, Pause, Storm
from hypothesis import given
from hypothesis import strategies as st

from ...store.promises.examples import a_case

NOW = 1_700_000_000.0
CALM = Conditions(NOW, known_hosts=40)
ENFORCE = CasePolicy(mode="enforce")
EVERYTHING = Pause({}, NOW - 5, "anna", "a release")


def decided(case=None, policy=ENFORCE, conditions=CALM, last_run=None):
    case = case or a_case(1)
    return gate(case, subject_of(case), policy, conditions, last_run)


def test_nothing_in_the_way_means_go():
    assert decided() == Go()


def test_a_pause_holds_what_it_matches_and_says_who_paused_and_why():
    held = decided(conditions=replace(CALM, pauses=(EVERYTHING,)))
    assert held == Wait(None, "paused by anna: a release", PAUSE)
    databases = Pause({"host": "db-*"}, NOW, "anna")
    assert decided(conditions=replace(CALM, pauses=(databases,))) == Go()
    assert decided(a_case(1, hosts=("db-01",)), conditions=replace(CALM, pauses=(databases,))).waits_for == PAUSE


def test_a_maintenance_window_holds_its_hosts_until_it_closes():
    policy = replace(ENFORCE, maintenance=(Window("* * * * *", 3600, ("web-*",)),))
    held = decided(policy=policy)
    assert held.waits_for == MAINTENANCE and NOW < held.until <= NOW + 3600
    assert decided(a_case(1, hosts=("db-01",)), policy) == Go()


@pytest.mark.parametrize(
    ("unhealthy", "limit", "held"),
    [
        (9, MaxUnhealthy(0.01), False),  # under ten hosts it is no storm
        (12, MaxUnhealthy(0.3), False),
        (13, MaxUnhealthy(0.3), True),
        (40, MaxUnhealthy(1.0), False),
        (20, MaxUnhealthy(None, 20), False),
        (21, MaxUnhealthy(None, 20), True),
    ],
)
def test_a_storm_is_more_hosts_than_the_limit_and_at_least_ten(unhealthy, limit, held):
    decision = decided(policy=replace(ENFORCE, max_unhealthy=limit), conditions=replace(CALM, unhealthy=unhealthy))
    assert (isinstance(decision, Wait) and decision.waits_for == STORM) is held


def test_a_storm_holds_incidents_alone_and_goes_on_when_somebody_releases_it():
    stormy = replace(CALM, unhealthy=32)
    assert decided(conditions=stormy).waits_for == STORM
    assert decided(a_case(1, type="request.report", kind="request"), conditions=stormy) == Go()
    assert decided(conditions=replace(stormy, storm=Storm(NOW, 32, 40))).waits_for == STORM
    assert decided(conditions=replace(stormy, storm=Storm(NOW, 32, 40, "anna"))) == Go()


def test_a_cooldown_counts_from_another_cases_last_run_and_not_between_attempts():
    held = decided(last_run=NOW - 100)
    assert held.waits_for == COOLDOWN and held.until == NOW + 200
    assert decided(last_run=NOW - 301) == Go()
    assert decided(a_case(1, attempt=1), last_run=NOW - 100) == Go()
    assert decided(a_case(1, decided_by="anna"), last_run=NOW - 100) == Go(), "a person asked for it"


def test_mode_approve_asks_once():
    policy = replace(ENFORCE, mode="approve", approve_expires=60)
    asked = decided(policy=policy)
    assert isinstance(asked, Ask) and asked.until == NOW + 60
    assert decided(a_case(1, decided_by="anna"), policy) == Go()
    assert isinstance(decided(a_case(1, attempt=2), policy), Ask), "an approval that was withdrawn is asked for again"


def test_nobody_is_asked_about_what_would_have_to_wait_anyway():
    policy = replace(ENFORCE, mode="approve")
    assert decided(policy=policy, conditions=replace(CALM, unhealthy=32)).waits_for == STORM
    assert decided(policy=policy, conditions=replace(CALM, pauses=(EVERYTHING,))).waits_for == PAUSE


cases = st.builds(
    lambda type_, attempt, by: a_case(1, type=type_, kind="incident" if type_ == "alert.firing" else "change", attempt=attempt, decided_by=by),
    st.sampled_from(["alert.firing", "netbox.device.updated", "case.exhausted"]),
    st.integers(0, 3),
    st.sampled_from(["", "anna"]),
)
policies = st.builds(
    CasePolicy,
    mode=st.sampled_from(["approve", "enforce"]),
    cooldown=st.floats(0, 1000),
    max_unhealthy=st.builds(MaxUnhealthy, st.floats(0, 1)),
    maintenance=st.sampled_from([(), (Window("* * * * *", 3600),), (Window("0 0 1 1 *", 60),)]),
)
conditions = st.builds(
    Conditions,
    st.just(NOW),
    st.sampled_from([(), (EVERYTHING,), (Pause({"type": "alert.*"}, NOW, "anna"),)]),
    st.sampled_from([None, Storm(NOW, 1, 2), Storm(NOW, 1, 2, "anna")]),
    st.integers(0, 40),
    st.just(40),
)


@given(cases, policies, conditions, st.one_of(st.none(), st.floats(NOW - 2000, NOW)))
def test_nothing_goes_while_it_is_paused_and_what_waits_knows_what_for(case, policy, conditions, last_run):
    decision = decided(case, policy, conditions, last_run)
    if case.type.startswith("case."):
        assert decision == Go(), "the call for a person passes by pause and limits"
    elif conditions.pauses and (conditions.pauses[0].match == {} or case.type == "alert.firing"):
        assert isinstance(decision, Wait) and decision.waits_for == PAUSE and decision.until is None
    elif isinstance(decision, Wait):
        assert (decision.until is None) == (decision.waits_for == STORM)
        assert decision.until is None or decision.until > NOW
        assert decision.why
    elif isinstance(decision, Ask):
        assert policy.mode == "approve" and not case.decided_by
    else:
        assert policy.mode == "enforce" or case.decided_by


def test_what_is_asked_for_at_a_time_waits_for_it_unless_a_person_wants_it_now():
    case = a_case(1)
    held = gate(case, subject_of(case), ENFORCE, CALM, None, NOW + 60)
    assert held == Wait(NOW + 60, "asked for at 2023-11-14T22:14:20Z", SCHEDULE)
    assert gate(case, subject_of(case), ENFORCE, CALM, None, NOW) == Go()
    wanted = replace(case, decided_by="anna")
    assert gate(wanted, subject_of(wanted), ENFORCE, CALM, None, NOW + 60) == Go()
