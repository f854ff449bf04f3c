# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which cases go together in one dispatch, and that each is then judged by its own hosts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Snapshot
from ansible_collections.eventops.infra.plugins.plugin_utils.router.cases.look import Later
from ansible_collections.eventops.infra.plugins.plugin_utils.router.engine.dispatch_event import dispatch_event
from ansible_collections.eventops.infra.plugins.plugin_utils.router.engine.performed import Performed
from ansible_collections.eventops.infra.plugins.plugin_utils.router.engine.rule_reads import RuleReads
from ansible_collections.eventops.infra.plugins.plugin_utils.router.policy.settings import Coalesce, MaxUnhealthy
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import CaseQuery
from ansible_collections.eventops.infra.plugins.plugin_utils.timestamp import from_epoch

from .life import ALL_READ, NOTHING_READ, POLICY, RAN, Life

FLEET = Snapshot({f"web-{number:02d}": {} for number in range(1, 61)} | {"localhost": {}})
# A fleet may fail as a whole here: test_storm.py is about storms.
CALM = replace(POLICY, max_unhealthy=MaxUnhealthy(1.0))
READS_NAME = RuleReads(frozenset({("type",), ("data", "name")}), everything=False)


@pytest.fixture(name="life")
def _life(tmp_path):
    life = Life(tmp_path, policy=CALM, inventory=FLEET, reads=READS_NAME)
    yield life
    life.store.close()


def alert(life, number: int, name: str = "ServiceDown", **changes):
    host = f"web-{number:02d}"
    return life.event(**{"subject": host, "hosts": (host,), "dedup_key": f"{name}/{host}", "data": {"name": name, "value": number}, **changes})


def test_what_is_the_same_work_is_one_dispatch_over_many_hosts(life):
    cases = [alert(life, number, severity="critical" if number == 3 else "warning") for number in range(1, 6)]
    planned = life.plan()
    assert planned.dispatch.hosts == ("web-03", "web-01", "web-02", "web-04", "web-05"), "the most urgent first"
    assert [share.hosts for share in planned.dispatch.shares] == [("web-03",), ("web-01",), ("web-02",), ("web-04",), ("web-05",)]
    assert {case.dispatch for case in map(life.case, [case.id for case in cases])} == {planned.dispatch.uuid}
    assert life.plan() is None


def test_a_failing_host_does_not_fail_the_cases_of_the_others(life):
    cases = [alert(life, number) for number in (1, 2, 3)]
    planned = life.plan()
    life.land(planned, "ok", Performed(True, ["run_playbook"], ["the playbook failed on web-02"]), web_02="failed")
    assert life.states(*cases) == ["verifying", "waiting", "verifying"]
    dispatch = life.store.run_now(lambda tx: tx.dispatch(planned.dispatch.uuid))
    assert (dispatch.result, dispatch.outcome) == ("partly_failed", "2 of 3 succeeded; 1 of 3 failed: web-02 failed: no way")


@pytest.mark.parametrize(
    ("status", "performed", "result", "words"),
    [("ok", RAN, "succeeded", "succeeded"), ("failed", RAN, "failed", "1 of 3 failed: web-01 failed: "), ("none", Performed(), "untaken", "no rule took it")],
)
def test_what_became_of_all_is_one_word_and_said_once_where_it_is_the_same(life, status, performed, result, words):
    for number in (1, 2, 3):
        alert(life, number)
    planned = life.plan()
    life.land(planned, status, performed, error="cannot stop; succeeded")
    dispatch = life.store.run_now(lambda tx: tx.dispatch(planned.dispatch.uuid))
    assert dispatch.result == result and dispatch.outcome.startswith(words)


def test_what_failed_together_is_tried_again_together(life):
    life.rule_by(replace(life.policy, base=replace(CALM, attempts=replace(POLICY.attempts, jitter=0.5))))
    for number in range(1, 31):
        alert(life, number)
    life.land(life.plan(), "failed")
    assert life.plan() is None
    life.now += 100
    assert len(life.plan().dispatch.hosts) == 30 and life.plan() is None


def test_a_dispatch_has_at_most_max_hosts(life):
    for number in range(1, 61):
        alert(life, number)
    assert [len(life.plan().dispatch.hosts) for _run in range(2)] == [50, 10]


def test_a_dispatch_names_as_many_cases_as_have_room_in_it(life):
    for number in range(1, 41):
        alert(life, number, subject="s" * 1000)
    first, second = life.plan(), life.plan()
    assert 20 <= len(first.members) < 25 and len(first.members) + len(second.members) == 40


def test_nobody_rides_along_who_differs_in_what_a_rule_reads(life):
    alert(life, 1)
    alert(life, 2, name="DiskFull")
    alert(life, 3, type_="alert.firing", data={"name": "ServiceDown", "value": 9})
    assert [planned.dispatch.hosts for planned in (life.plan(), life.plan())] == [("web-01", "web-03"), ("web-02",)]


@pytest.mark.parametrize(
    ("reads", "runs"),
    [
        (NOTHING_READ, 1),
        (RuleReads(frozenset({("data", "value")}), False), 2),
        (RuleReads(frozenset({("case", "id")}), False), 2),
        (RuleReads(frozenset({("payload", "alert")}), False), 2),
        (RuleReads(frozenset({("data", "labels", "team")}), False), 1),
        (ALL_READ, 2),
    ],
    ids=["nothing", "what differs", "the case", "a stock child's keys", "what neither has", "everything"],
)
def test_what_rules_read_decides(tmp_path, reads, runs):
    life = Life(tmp_path, policy=CALM, inventory=FLEET, reads=reads)
    for number in (1, 2):
        alert(life, number, extra={"payload": {"alert": "x"}})
    planned = [life.plan(), life.plan()]
    assert sum(each is not None for each in planned) == runs
    life.store.close()


def test_attempts_modes_and_policies_do_not_mix(tmp_path):
    overrides = (({"host": "web-03"}, replace(CALM, cooldown=1.0, override=0)),)
    life = Life(tmp_path, policy=CALM, inventory=FLEET, reads=NOTHING_READ, overrides=overrides)
    alert(life, 1)
    life.land(life.plan(), "failed")
    life.now += 100
    alert(life, 2)
    alert(life, 3)
    assert [life.plan().dispatch.hosts for _run in range(3)] == [("web-01",), ("web-02",), ("web-03",)]
    life.store.close()


def test_a_case_whose_host_is_worked_on_waits_for_its_turn(life):
    first = alert(life, 1)
    life.plan()
    second = alert(life, 1, name="DiskFull")
    alert(life, 2, name="DiskFull")
    assert life.plan().dispatch.hosts == ("web-02",)
    assert life.states(first, second) == ["dispatched", "open"]
    life.land(life.in_flight[0])
    assert life.plan().dispatch.hosts == ("web-01",)


def test_two_problems_of_one_host_share_a_dispatch_only_when_they_are_the_same_to_a_playbook(life):
    cases = [alert(life, 1, dedup_key=key) for key in ("a", "b")]
    other = alert(life, 1, dedup_key="c", data={"name": "ServiceDown", "service": "db"})
    planned = life.plan()
    assert planned.dispatch.hosts == ("web-01",) and planned.dispatch.case_ids == tuple(case.id for case in cases)
    life.land(planned)
    assert life.states(*cases, other) == ["verifying", "verifying", "open"]
    assert life.plan().dispatch.case_ids == (other.id,)


@pytest.mark.parametrize(
    ("type_", "hosts"), [("request.infra.release", ("web-01",)), ("netbox.vm.updated", ()), ("alert.firing", ())], ids=["request", "change", "no host"]
)
def test_where_the_data_is_the_work_only_the_same_work_goes_together(life, type_, hosts):
    def ask(number, **data):
        return life.event(type_, dedup_key=f"k{number}", hosts=hosts, data={"name": "Same", **data})

    same, twin, other = ask(1, vm="a"), ask(2, vm="a"), ask(3, vm="b")
    planned = life.plan()
    assert planned.dispatch.case_ids == (same.id, twin.id)
    life.land(planned)
    assert life.plan().dispatch.case_ids == (other.id,)


def test_each_call_for_a_person_is_a_run_of_its_own(life):
    for number in range(3):
        life.event(hosts=(f"nowhere-{number}",), dedup_key=f"k{number}")
    calls = []
    while planned := life.plan():
        calls.append(planned.dispatch.case_ids)
        life.land(planned)
    assert [len(ids) for ids in calls] == [1, 1, 1]


@pytest.mark.parametrize("name", ["ServiceDown", "{{ lookup('pipe', 'id') }}" * 20], ids=["plain", "hostile"])
def test_calls_for_people_go_together_where_the_policy_says_so_and_each_has_its_whole_story(tmp_path, name):
    together = replace(CALM, coalesce=Coalesce(by=("type",)), override=0)
    reads = RuleReads(frozenset({("type",), ("data", "type"), ("data", "labels", "service")}), everything=False)
    life = Life(tmp_path, policy=CALM, inventory=FLEET, reads=reads, overrides=(({"type": "case.*"}, together),))
    for number in range(200):
        life.event(hosts=(f"nowhere-{number}",), subject=f"nowhere-{number}", dedup_key=f"k{number}", data={"name": f"{name} {number}"})
        life.now += 1
    runs, told = 0, {}
    while planned := life.plan():
        cases = [(member.case, member.row) for member in planned.members]
        event = dispatch_event(cases, planned.dispatch, max_attempts=3, source_name="router", generation="1")
        assert planned.dispatch.hosts == ("localhost",) and "left_out" not in event
        told |= {host: entry["data"]["raised_at"] for entry in event["events"] for host in entry["data"]["hosts"]}
        life.land(planned)
        runs += 1
    assert told == {f"nowhere-{number}": from_epoch(1000 + number) for number in range(200)}
    assert runs <= (8 if name == "ServiceDown" else 40)
    life.store.close()


def test_the_last_attempt_to_call_people_is_a_run_for_each(tmp_path):
    life = Life(tmp_path, policy=replace(CALM, coalesce=Coalesce(by=("type",))), inventory=FLEET, reads=NOTHING_READ)
    for number in range(4):
        life.event(hosts=(f"nowhere-{number}",), dedup_key=f"k{number}")
    runs = []
    for attempt in (1, 2, 3):
        life.now += 10_000
        while planned := life.plan():
            is_bad = any(member.row.event.data["hosts"] == ["nowhere-1"] for member in planned.members)
            runs.append((attempt, len(planned.members)))
            life.land(planned, "failed" if is_bad else "ok")
    assert runs == [(1, 4), (2, 4), *[(3, 1)] * 4]
    states = [case.state for case in life.store.run_now(lambda tx: tx.find_cases(CaseQuery(types=("case.unresolved",))))]
    assert sorted(states) == ["exhausted", "resolved", "resolved", "resolved"]
    life.store.close()


def test_a_call_for_people_with_a_long_story_goes_alone(tmp_path):
    life = Life(tmp_path, policy=replace(CALM, coalesce=Coalesce(by=("type",))), inventory=FLEET, reads=NOTHING_READ)
    for number, length in enumerate((20_000, 10, 10)):
        life.event(hosts=(f"nowhere-{number}",), dedup_key=f"k{number}", data={"name": "ServiceDown", "summary": "x" * length})
    runs = []
    while planned := life.plan():
        runs.append(len(planned.members))
        life.land(planned)
    assert sorted(runs) == [1, 2]
    life.store.close()


def test_a_case_about_more_hosts_than_a_dispatch_gets_goes_alone_and_whole(life):
    life.event(hosts=tuple(FLEET.hostvars)[:55], dedup_key="rack", data={"name": "ServiceDown"})
    alert(life, 56)
    assert [len(life.plan().dispatch.hosts) for _run in range(2)] == [55, 1]


def test_while_cases_keep_coming_a_dispatch_waits_for_more_but_not_when_it_is_full(life):
    alert(life, 1)
    life.last_arrival = life.now
    assert life.look() == Later(life.now + 0.02)
    life.now += 0.03
    assert life.look().dispatch.hosts == ("web-01",), "it came alone"
    alert(life, 2)
    life.last_arrival = life.now
    assert life.look() == Later(life.now + 0.2), "not idle: the whole window"
    for number in range(3, 53):
        alert(life, number)
    assert len(life.look().dispatch.hosts) == 50


def test_a_merged_dispatch_that_was_cut_off_goes_out_again_whole_or_anew(life):
    cases = [alert(life, number) for number in (1, 2, 3)]
    planned = life.plan()
    again = life.replan(planned)
    assert (again.dispatch.uuid, [member.case.id for member in again.members]) == (planned.dispatch.uuid, [case.id for case in cases])
    life.event("alert.resolved", hosts=("web-02",), dedup_key="ServiceDown/web-02")
    assert life.replan(planned) is None
    assert life.states(*cases) == ["open", "resolved", "open"]
    life.land(planned, "none", None)
    anew = life.plan()
    assert (anew.dispatch.hosts, anew.dispatch.attempt) == (("web-01", "web-03"), 1), "no attempt is lost"


def test_with_neutralize_reject_the_others_go(tmp_path):
    life = Life(tmp_path, policy=CALM, inventory=FLEET, reads=NOTHING_READ, reject=True)
    hostile = alert(life, 1, data={"name": "ServiceDown", "text": "{{ lookup('pipe', 'id') }}"})
    good = alert(life, 2)
    assert life.plan().dispatch.case_ids == (good.id,)
    assert life.case(hostile.id).state == "suppressed" and "neutralize: reject" in life.case(hostile.id).reason
    life.store.close()


def test_a_limit_that_ansible_cannot_take_is_refused_and_not_cut(tmp_path):
    long = {f"h{number:04d}{'x' * 240}": {} for number in range(420)}
    life = Life(tmp_path, inventory=Snapshot(long | {"localhost": {}}), reads=NOTHING_READ, policy=replace(CALM, coalesce=Coalesce(0.2, 1000)))
    whole = life.event(hosts=tuple(long), dedup_key="all of them")
    for number in range(0, len(long), 4):
        life.event(hosts=tuple(long)[number : number + 4], dedup_key=f"four/{number}")
    sizes = []
    while planned := life.plan():
        sizes.append(len(",".join(planned.dispatch.hosts)))
    assert life.case(whole.id).state == "suppressed" and "--limit" in life.case(whole.id).reason
    assert len(sizes) == 2 and max(sizes) <= 102_400
    life.store.close()


def test_two_problems_of_one_host_do_not_meet_in_the_run_of_a_third(life):
    lead = life.event(hosts=("web-01",), dedup_key="1", data={"name": "DiskFull", "mount": "/var"})
    home = life.event(hosts=("web-02",), dedup_key="2", data={"name": "DiskFull", "mount": "/home"})
    var = life.event(hosts=("web-02",), dedup_key="3", data={"name": "DiskFull", "mount": "/var"})
    assert life.plan().dispatch.case_ids == (lead.id, home.id)
    assert life.states(var) == ["open"]


def test_what_waits_for_more_holds_up_nobody_who_does_not(tmp_path):
    patient = replace(CALM, coalesce=Coalesce(60.0, 50), override=0)
    life = Life(tmp_path, policy=CALM, inventory=FLEET, reads=NOTHING_READ, overrides=(({"name": "Slow"}, patient),))
    slow = life.event(hosts=("web-01",), dedup_key="slow", data={"name": "Slow"}, severity="critical")
    quick = life.event(hosts=("web-02",), dedup_key="quick", data={"name": "Quick"}, severity="info")
    life.alone, life.last_arrival = False, life.now
    life.now += 1
    assert life.look().dispatch.case_ids == (quick.id,)
    assert life.look() == Later(life.now + 59)
    life.now += 59
    assert life.look().dispatch.case_ids == (slow.id,)
    life.store.close()


def test_a_large_event_goes_alone_so_that_no_look_takes_long(life):
    large = [alert(life, number, data={"name": "ServiceDown", "text": "x" * 70_000}) for number in (1, 2)]
    small = [alert(life, number) for number in (3, 4)]
    runs = [life.plan().dispatch.case_ids for _run in range(3)]
    assert runs == [(large[0].id,), (large[1].id,), tuple(case.id for case in small)]


BY_GROUP = replace(CALM, coalesce=Coalesce(by=("data.labels.scale", "data.labels.group")))


def alarm(life, number: int, group: str = "web", **changes):
    labels = {"scale": "out", "group": group, "InstanceId": f"i-{number}"}
    return life.event(**{"subject": f"cpu-{number}", "hosts": (), "dedup_key": f"cpu/{number}", "data": {"name": f"cpu-{number}", "labels": labels}, **changes})


def test_what_the_policy_calls_the_same_work_is_one_dispatch_whatever_its_names(tmp_path):
    life = Life(tmp_path, policy=BY_GROUP, inventory=FLEET, reads=RuleReads(frozenset({("data", "labels", "group")}), False))
    cases = [alarm(life, number, group="db" if number == 7 else "web") for number in range(1, 181)]
    first, second = life.plan(), life.plan()
    life.land(first, "ok")
    second = second or life.plan()
    assert {len(first.members), len(second.members)} == {179, 1} and life.plan() is None
    assert first.dispatch.hosts == second.dispatch.hosts == ("localhost",)
    assert len(cases) == 180 and life.states(cases[0]) == ["verifying"]
    life.store.close()


def test_what_rules_read_keeps_cases_apart_although_the_policy_calls_them_the_same_work(tmp_path):
    life = Life(tmp_path, policy=BY_GROUP, inventory=FLEET, reads=READS_NAME)
    alarm(life, 1), alarm(life, 2)
    first = life.plan()
    assert len(first.members) == 1
    life.store.close()


def test_an_event_that_lacks_what_work_is_known_by_goes_by_all_of_its_data(tmp_path):
    life = Life(tmp_path, policy=BY_GROUP, inventory=FLEET, reads=NOTHING_READ)
    for number in (1, 2):
        alarm(life, number, data={"name": f"cpu-{number}", "labels": {"scale": "out"}})
    alarm(life, 3)
    assert len(life.plan().members) == 1
    life.store.close()


def test_a_host_gets_one_run_for_what_is_the_same_work_there(tmp_path):
    life = Life(tmp_path, policy=BY_GROUP, inventory=FLEET, reads=NOTHING_READ)
    for number in (1, 2, 3):
        alarm(life, number, hosts=("web-01",), subject="web-01")
    planned = life.plan()
    assert len(planned.members) == 3 and planned.dispatch.hosts == ("web-01",)
    life.store.close()
