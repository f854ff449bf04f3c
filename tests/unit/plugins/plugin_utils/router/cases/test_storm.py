# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A storm: so many hosts fail at once that they are not healed one by one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Snapshot
from ansible_collections.eventops.infra.plugins.plugin_utils.router.control import pausing
from ansible_collections.eventops.infra.plugins.plugin_utils.router.policy.settings import MaxUnhealthy

from .life import NOTHING_READ, POLICY, Life

FLEET = Snapshot({f"web-{number:02d}": {} for number in range(1, 41)} | {"localhost": {}})


@pytest.fixture(name="life")
def _life(tmp_path):
    life = Life(tmp_path, inventory=FLEET, reads=NOTHING_READ)
    yield life
    life.store.close()


def alerts(life, numbers, type_="alert.firing"):
    return [life.event(type_, hosts=(f"web-{number:02d}",), dedup_key=f"down/{number}") for number in numbers]


def storm(life):
    return life.store.run_now(lambda tx: tx.storm())


def release(life):
    life.store.run_now(lambda tx: pausing.release(tx, by="anna", now=life.now))


def test_eighty_percent_of_the_inventory_raise_one_storm_and_touch_no_host(life):
    cases = alerts(life, range(1, 33))
    planned = life.plan()
    assert (planned.members[0].case.type, planned.dispatch.hosts) == ("case.storm", ("localhost",))
    data = planned.members[0].row.event.data
    assert (data["unhealthy"], data["known_hosts"], len(data["hosts"])) == (32, 40, 32)
    assert set(life.states(*cases)) == {"waiting"} and "32 of 40 hosts fail at once" in life.case(cases[0].id).reason
    assert life.plan() is None
    alerts(life, range(33, 37))
    life.land(planned)
    assert life.plan() is None and life.own_events() == [], "one storm, one event"


def test_it_goes_on_by_itself_when_the_share_falls(life):
    cases = alerts(life, range(1, 33))
    life.plan()
    alerts(life, range(1, 21), "alert.resolved")
    assert sorted(life.plan().dispatch.hosts) == [f"web-{number:02d}" for number in range(21, 33)]
    assert set(life.states(*cases[20:])) == {"dispatched"}
    assert storm(life) is None


def test_it_goes_on_when_a_person_says_so_and_raises_no_second_event(life):
    alerts(life, range(1, 33))
    life.land(life.plan())
    release(life)
    assert len(life.plan().dispatch.hosts) == 32
    late = alerts(life, [35])
    assert life.plan().dispatch.case_ids == (late[0].id,), "what comes later is healed, too"
    assert life.own_events() == []
    assert storm(life).released_by == "anna"
    alerts(life, range(1, 36), "alert.resolved")
    life.plan()
    assert storm(life) is None


def test_a_second_storm_raises_a_second_event(life):
    alerts(life, range(1, 33))
    life.land(life.plan())
    alerts(life, range(1, 33), "alert.resolved")
    life.now += 60
    assert life.plan() is None and storm(life) is None
    alerts(life, range(1, 33))
    assert life.plan().members[0].case.type == "case.storm"


def test_a_change_or_a_request_is_not_held_and_does_not_count(life):
    for number in range(1, 33):
        life.event("request.report", hosts=(f"web-{number:02d}",), dedup_key=f"r/{number}")
    requests = life.plan()
    assert len(requests.dispatch.hosts) == 32 and storm(life) is None
    life.land(requests)
    alerts(life, range(1, 33))
    asked = life.event("request.report", hosts=("web-40",), dedup_key="r/40")
    assert {life.plan().members[0].case.type for _run in range(2)} == {"case.storm", "request.report"}
    assert life.states(asked) == ["dispatched"]


def test_verifying_and_exhausted_hosts_still_fail(life):
    alerts(life, range(1, 13))
    life.land(life.plan())
    held = alerts(life, [20])
    assert life.plan().members[0].case.type == "case.storm", "13 of 40 are more than 30%"
    assert life.states(*held) == ["waiting"]


def test_an_override_may_allow_more_or_less(tmp_path):
    overrides = (({"severity": "critical"}, replace(POLICY, max_unhealthy=MaxUnhealthy(1.0), override=0)),)
    life = Life(tmp_path, inventory=FLEET, reads=NOTHING_READ, overrides=overrides)
    cases = [life.event(hosts=(f"web-{n:02d}",), dedup_key=f"d/{n}", severity="critical" if n == 1 else "warning") for n in range(1, 33)]
    runs = [life.plan(), life.plan()]
    assert {run.members[0].case.type for run in runs} == {"alert.firing", "case.storm"}
    assert life.states(cases[0], cases[1]) == ["dispatched", "waiting"]
    assert storm(life) is not None and life.plan() is None
    life.store.close()


def test_a_release_holds_where_only_an_override_sees_a_storm(tmp_path):
    base = replace(POLICY, max_unhealthy=MaxUnhealthy(1.0))
    strict = replace(POLICY, max_unhealthy=MaxUnhealthy(None, 10), override=0)
    life = Life(tmp_path, inventory=FLEET, reads=NOTHING_READ, policy=base, overrides=(({"type": "alert.firing"}, strict),))
    alerts(life, range(1, 16))
    life.land(life.plan())
    release(life)
    assert len(life.plan().dispatch.hosts) == 15
    assert life.own_events() == [] and storm(life).released_by == "anna"
    life.store.close()


def test_hosts_that_have_left_the_inventory_are_no_share_of_it(life):
    alerts(life, range(1, 13))
    life.land(life.plan())
    life.inventory = Snapshot({host: {} for host in FLEET.hostvars if not "web-01" <= host <= "web-12"})
    (case,) = alerts(life, [20])
    assert life.plan().dispatch.case_ids == (case.id,) and storm(life) is None


def test_a_storm_names_no_host_that_has_left_the_inventory(life):
    alerts(life, range(1, 5))
    life.land(life.plan())
    life.inventory = Snapshot({host: {} for host in FLEET.hostvars if host > "web-04" or host == "localhost"})
    alerts(life, range(5, 33))
    data = life.plan().members[0].row.event.data
    assert data["unhealthy"] == len(data["hosts"]) == 28 and "web-01" not in data["hosts"]


def test_a_thousand_held_cases_go_on_together(tmp_path):
    fleet = Snapshot({f"h{number}": {} for number in range(1200)} | {"localhost": {}})
    life = Life(tmp_path, inventory=fleet, reads=NOTHING_READ)
    for number in range(1000):
        life.event(hosts=(f"h{number}",), dedup_key=f"d/{number}")
    life.land(life.plan())
    assert life.plan() is None
    release(life)
    sizes = []
    while planned := life.plan():
        sizes.append(len(planned.dispatch.hosts))
    assert sizes == [50] * 20
    life.store.close()
