# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a person holds or lets go: pauses, approvals, retries; and cooldown, maintenance and announcements beside them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Snapshot
from ansible_collections.eventops.infra.plugins.plugin_utils.router.control import pausing, people
from ansible_collections.eventops.infra.plugins.plugin_utils.router.engine.rule_reads import RuleReads
from ansible_collections.eventops.infra.plugins.plugin_utils.router.policy.maintenance import Window
from ansible_collections.eventops.infra.plugins.plugin_utils.router.policy.settings import Attempts

from .life import HOSTS, NOTHING_READ, POLICY, Life

APPROVE = replace(POLICY, mode="approve", approve_expires=60.0)


@pytest.fixture(name="life")
def _life(tmp_path):
    life = Life(tmp_path, reads=NOTHING_READ)
    yield life
    life.store.close()


@pytest.fixture(name="asking")
def _asking(tmp_path):
    life = Life(tmp_path, policy=APPROVE, reads=NOTHING_READ)
    yield life
    life.store.close()


def do(life, what, *args, **kwargs):
    return life.store.run_now(lambda tx: what(tx, *args, by="anna", now=life.now, **kwargs))


def history(life, case):
    return [(row.to_state, row.by) for row in life.store.run_now(lambda tx: tx.history(case.id))]


def test_nothing_is_dispatched_while_it_is_paused_and_all_goes_on_afterwards(life):
    do(life, pausing.pause, {}, why="a release")
    case = life.event()
    assert life.plan() is None
    assert life.case(case.id).state == "waiting" and life.case(case.id).reason == "paused by anna: a release"
    do(life, pausing.resume_all)
    assert life.plan().dispatch.case_ids == (case.id,)
    assert history(life, case)[-3:] == [("waiting", "router"), ("open", "router"), ("dispatched", "router")]


def test_a_pause_by_match_holds_only_what_it_matches(life):
    do(life, pausing.pause, {"host": "web-01"})
    held, free = life.event(dedup_key="a"), life.event(dedup_key="b", hosts=("web-02",))
    assert life.plan().dispatch.case_ids == (free.id,)
    assert life.states(held) == ["waiting"]


def test_a_pause_ends_by_itself_at_its_time(life):
    do(life, pausing.pause, {}, until=life.now + 60)
    case = life.event()
    assert life.plan() is None
    life.now += 61
    assert life.plan().dispatch.case_ids == (case.id,)


def test_a_pause_holds_a_retry_too_but_not_the_call_for_a_person(life):
    case = life.event()
    for _attempt in range(2):
        life.land(life.plan(), "failed")
        life.now += 1000
    life.land(life.plan(), "failed")
    do(life, pausing.pause, {})
    assert life.states(case) == ["exhausted"]
    assert life.plan().members[0].case.type == "case.exhausted"


def test_mode_approve_waits_for_a_person_and_then_runs_all_attempts(asking):
    case = asking.event()
    assert asking.plan() is None and asking.case(case.id).state == "awaiting_approval"
    do(asking, people.approve, case.id)
    asking.land(asking.plan(), "failed")
    asking.now += 1000
    assert asking.plan().dispatch.attempt == 2
    assert ("open", "anna") in history(asking, case)


def test_an_approval_that_nobody_gives_expires_and_the_alert_stays_quiet(asking):
    case = asking.event()
    asking.plan()
    asking.now += 61
    assert asking.plan() is None
    assert asking.case(case.id).state == "suppressed" and "nobody approved" in asking.case(case.id).reason
    assert asking.event().id == case.id and asking.plan() is None
    asking.event("alert.resolved")
    assert asking.event().id != case.id


def test_what_a_person_rejected_stays_rejected_until_it_was_resolved(asking):
    case = asking.event()
    asking.plan()
    do(asking, people.reject, case.id, why="not today")
    assert asking.event().id == case.id and asking.plan() is None
    asking.mode = "enforce"
    assert asking.event().id == case.id and asking.plan() is None


@pytest.mark.parametrize(
    ("type_", "newer", "holds"),
    [
        ("alert.firing", {"data": {"name": "ServiceDown", "value": 2}}, True),
        ("alert.firing", {"hosts": ("web-02",)}, False),
        ("alert.firing", {"data": {"name": "Another"}}, False),
        ("request.infra.release", {"data": {"name": "ServiceDown", "what": "all"}}, False),
        ("request.infra.release", {}, True),
    ],
)
def test_an_approval_is_for_what_the_person_saw(asking, type_, newer, holds):
    case = asking.event(type_, dedup_key="k")
    asking.plan()
    do(asking, people.approve, case.id)
    asking.event(type_, dedup_key="k", **newer)
    planned = asking.plan()
    assert (planned is not None) is holds
    assert asking.states(case) == ["dispatched" if holds else "awaiting_approval"]


def test_an_approval_does_not_pass_to_what_a_run_is_repeated_for(asking):
    case = asking.event("netbox.vm.updated", dedup_key="k", data={"version": 1})
    asking.plan()
    do(asking, people.approve, case.id)
    planned = asking.plan()
    asking.event("netbox.vm.updated", dedup_key="k", data={"version": 2})
    asking.land(planned)
    assert asking.plan() is None and asking.states(case) == ["awaiting_approval"]


def test_an_event_of_another_type_with_the_same_key_is_a_case_of_its_own(asking):
    """Else it would be dispatched under the approval, or past the pause, of the first."""
    alert = asking.event(dedup_key="k")
    asking.plan()
    do(asking, people.approve, alert.id)
    other = asking.event("request.infra.release", dedup_key="k")
    assert other.id != alert.id and asking.event("request.infra.release", dedup_key="k").id == other.id
    assert asking.plan().dispatch.case_ids == (alert.id,)
    assert asking.event("alert.resolved", dedup_key="k").id == alert.id
    assert asking.case(other.id).count == 2


def test_a_cooldown_keeps_the_next_case_of_the_same_problem_waiting(tmp_path):
    life = Life(tmp_path, policy=replace(POLICY, cooldown=300.0))
    life.event()
    life.land(life.plan())
    life.event("alert.resolved")
    life.now += 100
    again = life.event()
    assert life.plan() is None and life.case(again.id).due_at == life.now + 200
    life.now += 200
    assert life.plan().dispatch.case_ids == (again.id,)
    life.store.close()


def test_a_person_who_retries_does_not_wait_for_the_cooldown(tmp_path):
    life = Life(tmp_path, policy=replace(POLICY, cooldown=300.0))
    life.event()
    life.land(life.plan())
    life.event("alert.resolved")
    again = life.event()
    assert life.plan() is None
    do(life, people.retry, again.id)
    assert life.plan().dispatch.case_ids == (again.id,)
    life.store.close()


def test_a_maintenance_window_keeps_its_hosts_waiting_until_it_closes(tmp_path):
    window = Window("* * * * *", 120.0, hosts=("web-01",))
    life = Life(tmp_path, policy=replace(POLICY, maintenance=(window,)), reads=NOTHING_READ)
    held, free = life.event(dedup_key="a"), life.event(dedup_key="b", hosts=("web-02",))
    assert life.plan().dispatch.case_ids == (free.id,)
    waiting = life.case(held.id)
    assert (waiting.state, waiting.waits_for) == ("waiting", "maintenance") and waiting.due_at > life.now
    life.rule_by(replace(life.policy, base=POLICY))
    life.now = waiting.due_at
    assert life.plan().dispatch.case_ids == (held.id,)
    life.store.close()


def test_a_policy_may_announce_when_a_case_is_opened_updated_and_resolved(tmp_path):
    life = Life(tmp_path, policy=replace(POLICY, announce=frozenset({"opened", "updated", "resolved"})))
    case = life.event(severity="warning")
    assert [own.type for own in life.own_events()] == ["case.opened"]
    life.event(severity="warning")
    assert len(life.own_events()) == 1, "a repetition that tells nothing new is no update"
    life.event(severity="critical")
    life.event("alert.resolved")
    life.correlate()
    told = {own.type: life.store.run_now(lambda tx, own=own: tx.event(own.event_row)).event for own in life.own_events()}
    assert set(told) == {"case.opened", "case.updated", "case.resolved"}
    assert told["case.resolved"].data["case"] == case.id and told["case.resolved"].data["state"] == "resolved"
    life.store.close()


def test_at_most_so_many_dispatches_are_in_flight_but_calls_for_people_pass(tmp_path):
    life = Life(tmp_path, room=1)
    first, second = life.event(dedup_key="a"), life.event(dedup_key="b", hosts=("web-02",))
    life.event(dedup_key="c", hosts=("nowhere",))
    planned = life.plan()
    own = life.plan()
    assert (planned.dispatch.case_ids, own.members[0].case.type) == ((first.id,), "case.unresolved")
    assert life.plan() is None and life.states(second) == ["open"]
    life.land(own)
    life.land(planned)
    assert life.plan().dispatch.case_ids == (second.id,)
    life.store.close()


def test_a_retry_that_came_to_nothing_is_no_decision_that_it_stays_so(life):
    unknown = life.event(dedup_key="a", hosts=("web-03",))
    life.mode = "observe"
    observed = life.event(dedup_key="b")
    for case in (unknown, observed):
        do(life, people.retry, case.id)
    assert life.plan() is None
    assert life.states(unknown, observed) == ["suppressed", "observed"]

    life.mode = "enforce"
    life.inventory = Snapshot({**HOSTS.hostvars, "web-03": {}})

    assert life.states(life.event(dedup_key="a", hosts=("web-03",)), life.event(dedup_key="b")) == ["open", "open"]


def test_a_run_that_goes_on_when_its_case_is_closed_is_only_noted(life):
    """Also where the case has been sent out again meanwhile: its hosts are busy until the first run is over."""
    resolved, retried = life.event(dedup_key="a"), life.event(dedup_key="b", hosts=("web-02",))
    first, second = life.plan(), life.plan()
    flights = {planned.dispatch.case_ids: planned for planned in (first, second) if planned}
    do(life, people.resolve, resolved.id, why="by hand")
    do(life, people.suppress, retried.id)
    do(life, people.retry, retried.id)
    assert life.plan() is None

    for planned in flights.values():
        life.land(planned, "failed")

    assert life.states(resolved, retried) == ["resolved", "open"]
    assert life.case(resolved.id).reason == "resolved by anna: by hand"
    assert len(life.store.run_now(lambda tx: tx.executions(first.dispatch.uuid))) >= 1
    again = life.plan()
    assert (again.dispatch.case_ids, again.dispatch.attempt) == ((retried.id,), 1)


def test_a_run_that_outlasts_the_retention_of_its_case_still_lands(life):
    case = life.event()
    planned = life.plan()
    do(life, people.resolve, case.id)
    life.now += 7200
    assert life.store.run_now(lambda tx: tx.delete_before(life.now - 3600, 100)) == 0
    life.land(planned)
    assert life.store.run_now(lambda tx: tx.unfinished_dispatches()) == []
    life.now += 7200
    assert life.store.run_now(lambda tx: tx.delete_before(life.now - 3600, 100)) == 1


def test_a_pause_that_ended_when_the_disk_was_full_holds_nobody(life, monkeypatch):
    life.store.run_now(lambda tx: pausing.pause(tx, {}, by="anna", until=life.now + 10, now=life.now))
    case = life.event()
    assert life.plan() is None
    life.now += 11
    run_now = life.store.run_now

    def lost(function):
        run_now(lambda tx: [function(tx), 1 / 0])

    monkeypatch.setattr(life.store, "run_now", lost)
    with pytest.raises(ZeroDivisionError):
        life.upkeep()
    monkeypatch.undo()
    assert life.plan().dispatch.case_ids == (case.id,)


def test_each_defeat_calls_a_person_whatever_the_newest_event_says(tmp_path):
    life = Life(tmp_path, policy=replace(POLICY, attempts=Attempts(max=1)))
    case = life.event(hosts=("web-01",))
    life.land(life.plan(), "failed")
    life.land(life.plan())
    do(life, people.retry, case.id)
    life.event(hosts=("web-01", "web-02"))
    life.land(life.plan(), "failed")
    assert life.states(case) == ["exhausted"]
    assert [own.type for own in life.own_events()] == ["case.exhausted"]
    life.store.close()


def test_a_pause_lets_go_of_what_it_does_not_mean_any_more(life):
    do(life, pausing.pause, {"severity": "warning"})
    case = life.event(severity="warning")
    assert life.plan() is None and life.states(case) == ["waiting"]
    life.event(severity="critical")
    assert life.plan().dispatch.case_ids == (case.id,)


def test_a_window_that_is_taken_out_of_the_rulebook_holds_nobody_after_the_start(tmp_path):
    window = Window("* * * * *", 7 * 86_400.0)
    life = Life(tmp_path, policy=replace(POLICY, maintenance=(window,)))
    case = life.event()
    assert life.plan() is None
    held = life.case(case.id)
    life.rule_by(life.policy)
    assert life.plan() is None and life.case(case.id) == held, "the same window holds it as before"
    life.rule_by(replace(life.policy, base=POLICY))
    assert life.plan().dispatch.case_ids == (case.id,)
    life.store.close()


def test_people_are_asked_and_told_also_while_the_engine_is_full(asking):
    asking.room = 0
    case = asking.event()
    assert asking.plan() is None and asking.states(case) == ["awaiting_approval"]
    asking.event(dedup_key="x", hosts=("nowhere",))
    assert asking.plan().members[0].case.type == "case.unresolved"


def test_what_awaits_an_approval_goes_on_when_the_rulebook_asks_for_none_any_more(asking):
    case = asking.event()
    assert asking.plan() is None and asking.states(case) == ["awaiting_approval"]
    asking.mode = "enforce"
    assert asking.plan().dispatch.case_ids == (case.id,)


@pytest.mark.parametrize(("service", "state"), [("web", "dispatched"), ("ssh", "awaiting_approval")])
def test_an_approval_of_an_alert_is_for_what_rules_read_of_it(tmp_path, service, state):
    life = Life(tmp_path, policy=APPROVE, reads=RuleReads(frozenset({("data", "labels", "service")}), everything=False))
    case = life.event(data={"name": "ServiceDown", "value": 1, "labels": {"service": "web"}})
    life.plan()
    do(life, people.approve, case.id)
    life.event(data={"name": "ServiceDown", "value": 2, "labels": {"service": service}})
    life.plan()
    assert life.states(case) == [state]
    life.store.close()


def test_an_approval_is_for_the_hosts_that_the_inventory_had_then(tmp_path):
    def meaning(host):
        return Snapshot({"web-01": {}, "db-01": {}, "localhost": {}}, addresses={"10.0.0.5": host})

    life = Life(tmp_path, policy=APPROVE, inventory=meaning("web-01"))
    case = life.event(hosts=("10.0.0.5",))
    life.plan()
    do(life, people.approve, case.id)
    life.inventory = meaning("db-01")
    assert life.plan() is None
    assert life.states(case) == ["awaiting_approval"] and life.case(case.id).hosts == ("db-01",)
    life.store.close()


def capacity(life, until: float, **changes):
    return life.event("capacity.no_longer_needed", subject="web", hosts=(), dedup_key="capacity/web", not_before=until, **changes)


def test_what_is_asked_for_at_a_time_goes_then_and_not_before(life):
    case = capacity(life, life.now + 3600)
    assert life.plan() is None and life.states(case) == ["waiting"]
    assert life.case(case.id).due_at == life.now + 3600 and "asked for at" in life.case(case.id).reason
    life.now += 3601
    assert [member.case.id for member in life.plan().members] == [case.id]


def test_the_newest_event_says_when(life):
    case = capacity(life, life.now + 3600)
    assert life.plan() is None
    assert capacity(life, life.now + 7200).id == case.id
    life.now += 3700
    assert life.plan() is None and life.states(case) == ["waiting"]
    assert capacity(life, 0).id == case.id  # as soon as possible
    assert life.plan() is not None


def test_what_is_asked_for_again_while_it_runs_waits_for_its_time_afterwards(life):
    case = capacity(life, 0)
    planned = life.plan()
    capacity(life, life.now + 3600)
    life.land(planned, "ok")
    assert life.plan() is None and life.states(case) == ["waiting"]
    life.now += 3601
    assert life.plan() is not None


def test_a_person_has_it_begin_at_once(life):
    case = capacity(life, life.now + 3600)
    assert life.plan() is None
    do(life, people.retry, case.id)
    assert life.plan() is not None
