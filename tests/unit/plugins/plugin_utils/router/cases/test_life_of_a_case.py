# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The way of a case through correlation, dispatch and outcome, on a real store."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Snapshot
from ansible_collections.eventops.infra.plugins.plugin_utils.router.cases import flight
from ansible_collections.eventops.infra.plugins.plugin_utils.router.engine.performed import Performed
from ansible_collections.eventops.infra.plugins.plugin_utils.router.policy import case_life as policy
from hypothesis import given, settings
from hypothesis import strategies as st

from .life import POLICY, RAN, Life


@pytest.fixture(name="life")
def _life(tmp_path):
    life = Life(tmp_path)
    yield life
    life.store.close()


def test_an_alert_is_healed_and_confirmed(life):
    case = life.event()
    planned = life.plan()
    assert (planned.dispatch.hosts, planned.dispatch.attempt, life.case(case.id).state) == (("web-01",), 1, "dispatched")
    life.store.run_now(flight.begun(planned.dispatch.uuid, life.now, 1))
    assert life.case(case.id).state == "running"
    life.land(planned)
    verifying = life.case(case.id)
    assert (verifying.state, verifying.due_at, verifying.dispatch) == ("verifying", 1900.0, None)
    life.event("alert.resolved")
    assert life.case(case.id).state == "resolved"
    states = [row.to_state for row in life.store.run_now(lambda tx: tx.history(case.id))]
    assert states == ["open", "dispatched", "running", "verifying", "resolved"]
    assert life.plan() is None


def test_failures_wait_longer_each_time_and_then_call_a_person_once(life):
    case = life.event()
    waits = []
    for attempt in (1, 2, 3):
        planned = life.plan()
        assert planned.dispatch.attempt == attempt
        life.land(planned, "failed")
        if attempt < 3:
            assert life.plan() is None, "not before its time"
        waits.append(life.case(case.id).due_at - life.now)
        life.now = life.case(case.id).due_at
    assert waits[:2] == [30.0, 60.0]
    exhausted = life.case(case.id)
    assert exhausted.state == "exhausted" and "no way" in exhausted.reason
    (own,) = life.own_events()
    assert (own.type, own.hosts) == ("case.exhausted", ())
    row = life.store.run_now(lambda tx: tx.event(own.event_row))
    assert row.event.data["hosts"] == ["web-01"] and row.event.data["attempts"] == 3 and len(row.event.data["history"]) == 7
    planned = life.plan()
    assert planned.dispatch.hosts == ("localhost",)


def test_an_exhausted_alert_opens_nothing_new_until_it_was_resolved(life):
    case = life.event()
    for _attempt in range(3):
        life.land(life.plan(), "failed")
        life.now += 1000
    assert life.event().id == case.id
    assert life.case(case.id).count == 2
    assert life.event("alert.resolved").state == "exhausted"
    assert life.event().id != case.id


def test_the_defeat_of_a_call_for_help_calls_nobody(life):
    life.event(hosts=("nowhere",), subject="nowhere")
    (own,) = life.own_events()
    for _attempt in range(3):
        life.land(life.plan(), "failed")
        life.now += 1000
    assert life.case(own.id).state == "exhausted"
    assert life.own_events() == []


def test_an_alert_that_is_resolved_while_it_runs_stays_resolved(life):
    case = life.event()
    planned = life.plan()
    life.event("alert.resolved")
    again = life.event()
    assert again.id != case.id and life.plan() is None, "its host is still being worked on"
    life.land(planned, "failed")
    assert (life.case(case.id).state, life.case(case.id).dispatch) == ("resolved", None)
    assert life.plan().members[0].case.id == again.id


def test_a_repeated_alert_is_counted_and_may_become_more_urgent(life):
    case = life.event(severity="info")
    joined = life.event(severity="critical")
    assert (joined.id, joined.count, joined.severity) == (case.id, 2, "critical")
    assert joined.rank == policy.rank("critical", case.opened_at, POLICY)


@pytest.mark.parametrize("type_", ["netbox.virtualmachine.updated", "request.report"])
def test_a_change_that_joins_a_run_goes_out_once_more_with_the_newest_data(life, type_):
    case = life.event(type_, dedup_key="k", data={"version": 1})
    planned = life.plan()
    life.event(type_, dedup_key="k", data={"version": 2})
    life.event(type_, dedup_key="k", data={"version": 3})
    life.land(planned)
    again = life.plan()
    assert (again.members[0].case.id, again.members[0].row.event.data) == (case.id, {"version": 3})
    life.land(again)
    assert life.case(case.id).state == "resolved" and life.plan() is None


@pytest.mark.parametrize(("status", "performed"), [("failed", RAN), ("none", Performed())], ids=["exhausted", "untaken"])
def test_a_change_that_joined_goes_out_also_when_the_one_before_came_to_nothing(life, status, performed):
    case = life.event("netbox.vm.updated", data={"version": 1})
    for _attempt in range(POLICY.attempts.max - 1):
        life.land(life.plan(), "failed")
        life.now += 1000
    planned = life.plan()
    life.event("netbox.vm.updated", data={"version": 2})
    life.land(planned, status, performed)
    again = life.plan()
    assert (again.members[0].case.id, again.dispatch.attempt, again.members[0].row.event.data) == (case.id, 1, {"version": 2})
    life.land(again)
    assert life.case(case.id).state == "resolved" and life.own_events() == []


def test_a_repeated_alert_does_not_send_a_running_case_out_again(life):
    life.event()
    planned = life.plan()
    life.event()
    life.land(planned)
    assert life.plan() is None


def test_names_that_the_inventory_does_not_have_run_nowhere(life):
    for hosts in (("all",), ("web-0*",), ("nowhere",), ("!web-01",)):
        case = life.event(hosts=hosts, dedup_key=str(hosts))
        assert case.state == "suppressed" and "unknown host" in case.reason
    assert [case.type for case in life.own_events()] == ["case.unresolved"] * 4
    mixed = life.event(hosts=("nowhere", "web-02"), dedup_key="mixed")
    assert mixed.hosts == ("web-02",)


def test_a_repeated_alert_about_an_unknown_host_calls_a_person_once(life):
    case = life.event(hosts=("new-01",), subject="new-01")
    assert life.event(hosts=("new-01",)).id == case.id
    assert len(life.own_events()) == 1
    life.inventory = Snapshot({"new-01": {}, "localhost": {}})
    known = life.event(hosts=("new-01",))
    assert known.id != case.id and (known.state, known.hosts) == ("open", ("new-01",)), "now the inventory has it"
    assert life.case(case.id).state == "suppressed"
    assert life.event("alert.resolved").id == known.id


def test_what_was_only_observed_is_acted_upon_once_the_mode_says_so(tmp_path):
    life = Life(tmp_path, policy=replace(POLICY, mode="observe"))
    case = life.event()
    assert (life.event().id, life.case(case.id).count) == (case.id, 2)
    life.mode = "enforce"
    assert life.event().state == "open"
    life.store.close()


def test_a_host_that_has_left_the_inventory_is_left_out(life):
    both, one = life.event(hosts=("web-01", "web-02"), dedup_key="both"), life.event(hosts=("web-01",), dedup_key="one")
    life.inventory = Snapshot({"web-02": {}, "localhost": {}})
    assert life.plan().dispatch.hosts == ("web-02",)
    life.plan()
    life.correlate()
    assert (life.case(both.id).state, life.case(one.id).state) == ("dispatched", "suppressed")
    assert [case.type for case in life.own_events()] == ["case.unresolved"]


def test_observe_runs_nothing_and_says_what_it_would_have_done(tmp_path):
    life = Life(tmp_path, policy=replace(POLICY, mode="observe"))
    case = life.event()
    assert case.state == "observed" and "web-01" in case.reason
    assert life.plan() is None
    life.store.close()


def test_observe_stops_what_enforce_had_begun(life):
    """An operator's brake: what waits for its next attempt is not tried again."""
    case = life.event()
    life.land(life.plan(), "failed")
    life.mode = "observe"
    life.now += 1000
    assert life.plan() is None
    assert life.case(case.id).state == "observed"


def test_a_dispatch_is_about_the_hosts_of_the_newest_event(life):
    case = life.event("netbox.device.updated", dedup_key="k", hosts=("web-01",))
    first = life.plan()
    life.event("netbox.device.updated", dedup_key="k", hosts=("web-02",))
    life.land(first)
    again = life.plan()
    assert (again.dispatch.hosts, again.members[0].row.event.hosts) == (("web-02",), ("web-02",))
    life.event("netbox.device.updated", dedup_key="k", hosts=("ghost",))
    life.land(again)
    assert life.plan().members[0].row.event.type == "case.unresolved"
    assert life.case(case.id).state == "suppressed"


def test_a_repetition_that_is_less_severe_does_not_lose_its_place(life):
    case = life.event(severity="critical")
    assert life.event(severity="info").rank == case.rank


def test_two_hundred_blocked_cases_do_not_stand_in_the_way_of_another(life):
    life.event(dedup_key="first", hosts=("web-01",), severity="critical")
    flying = life.plan()
    for number in range(250):
        life.event(dedup_key=f"k{number}", hosts=("web-01",), severity="critical")
    free = life.event(dedup_key="free", hosts=("web-02",), severity="info")
    assert life.plan().members[0].case.id == free.id
    assert life.plan() is None
    life.land(flying)


def test_what_the_adapter_could_not_read_runs_nowhere(life):
    unread = life.event("event.received", hosts=(), dedup_key="x", extra={"eventops_unread": "the adapter generic does not fit"})
    assert unread.state == "suppressed" and "does not fit" in unread.reason
    assert life.event("event.received", hosts=(), dedup_key="y").state == "open"


def test_a_cut_off_dispatch_goes_out_again_as_it_was_only_where_that_is_right(life):
    case = life.event()
    planned = life.plan()
    assert life.replan(planned).dispatch.uuid == planned.dispatch.uuid
    assert life.replan(planned, interruptions=policy.MAX_INTERRUPTIONS + 1) is None
    life.event(hosts=("web-02",))
    assert life.replan(planned) is None, "it is about another host now"
    assert (life.case(case.id).state, life.case(case.id).attempt) == ("open", 0), "and goes out anew, without having lost an attempt"
    life.land(planned, "none", None)
    again = life.plan()
    assert again.dispatch.uuid != planned.dispatch.uuid and again.dispatch.hosts == ("web-02",)
    life.mode = "observe"
    assert life.replan(again) is None
    life.land(again, "none", None)
    assert life.plan() is None and life.case(case.id).state == "observed"


def test_an_event_that_no_rule_takes_is_unmatched(life):
    case = life.event("event.received", hosts=(), dedup_key="x")
    life.land(life.plan(), "none", Performed(fired=False))
    assert life.case(case.id).state == "unmatched"


def test_the_most_urgent_goes_first(life):
    for severity in ("info", "critical", "warning", "error"):
        life.event(severity=severity, dedup_key=severity)
    order = []
    while planned := life.plan():
        order.append(planned.members[0].row.event.severity)
        life.land(planned)
    assert order == ["critical", "error", "warning", "info"]


steps = st.lists(
    st.one_of(
        st.tuples(st.just("fire"), st.sampled_from(["a", "b"]), st.sampled_from([("web-01",), ("web-01", "web-02"), ("nowhere",), ()])),
        st.tuples(st.just("resolve"), st.sampled_from(["a", "b"]), st.none()),
        st.tuples(st.just("change"), st.sampled_from(["c", "d"]), st.sampled_from([("web-02",), ()])),
        st.tuples(st.just("plan"), st.none(), st.none()),
        st.tuples(st.just("land"), st.sampled_from(["ok", "failed", "unreachable", "none"]), st.none()),
        st.tuples(st.just("later"), st.sampled_from([1.0, 40.0, 1000.0]), st.none()),
    ),
    max_size=25,
)


@settings(max_examples=60)
@given(steps)
def test_whatever_happens_no_host_has_two_runs_and_nothing_is_stuck(tmp_path_factory, sequence):
    life = Life(tmp_path_factory.mktemp("life"))
    for step, what, hosts in sequence:
        if step == "fire":
            life.event(dedup_key=what, hosts=hosts)
        elif step == "resolve":
            life.event("alert.resolved", dedup_key=what)
        elif step == "change":
            life.event("netbox.device.updated", dedup_key=what, hosts=hosts)
        elif step == "plan":
            life.plan()
        elif step == "land" and life.in_flight:
            life.land(life.in_flight[0], what)
        elif step == "later":
            life.now += what
        busy = [host for planned in life.in_flight for host in planned.dispatch.hosts]
        assert len(busy) == len(set(busy)), "two runs on one host"
    for planned in list(life.in_flight):
        life.land(planned)
    for key in "ab":
        life.event("alert.resolved", dedup_key=key)
    for _round in range(40):
        life.now += 10_000
        while planned := life.plan():
            life.land(planned)
    assert life.store.run_now(lambda tx: tx.unfinished_cases()) == []
    assert life.store.run_now(lambda tx: tx.unfinished_dispatches()) == []
    life.store.close()
