# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The life of a case whose host a source of ours declares."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Snapshot
from ansible_collections.eventops.infra.plugins.plugin_utils.router.cases.flight import connections_of
from ansible_collections.eventops.infra.plugins.plugin_utils.router.control import people

from .life import NOTHING_READ, POLICY, Life

READY = "netbox.virtualmachine.ready"


def at(number: int) -> dict:
    return {"ansible_host": f"192.0.2.{number}", "ansible_user": "ops"}


@pytest.fixture(name="life")
def _life(tmp_path):
    life = Life(tmp_path, reads=NOTHING_READ)
    yield life
    life.store.close()


def ready(life, name="vm-1", number=1, key=None, **changes):
    values = {"hosts": (name,), "subject": name, "dedup_key": key or f"netbox/{number}", "data": {"id": number}, "connections": {name: at(number)}}
    return life.event(READY, **{**values, **changes})


def test_it_goes_to_a_host_that_the_inventory_has_not(life):
    case = ready(life)
    planned = life.plan()
    assert (case.hosts, planned.dispatch.hosts, connections_of(planned)) == (("vm-1",), ("vm-1",), {"vm-1": at(1)})
    life.land(planned)
    assert life.states(case) == ["resolved"]


def test_it_does_so_without_an_inventory(tmp_path):
    life = Life(tmp_path, inventory=Snapshot())
    ready(life)
    assert life.plan().dispatch.hosts == ("vm-1",)
    life.store.close()


@pytest.mark.parametrize(("name", "why"), [("all", "a group"), ("-e@x", "not a name"), ("web*", "not a name"), ("localhost", "runs the playbooks itself")])
def test_a_name_that_is_none_ends_it_with_the_reason_and_a_person_hears_of_it(life, name, why):
    case = ready(life, name)
    assert case.state == "suppressed" and case.reason.startswith(f"unknown host: {name}: ") and why in case.reason
    (told,) = life.own_events()
    assert told.type == "case.unresolved"


def test_a_case_that_names_localhost_otherwise_goes_there_as_before(life):
    life.event("request.report", hosts=("localhost",), dedup_key="r")
    assert life.plan().dispatch.hosts == ("localhost",)


def test_the_newest_event_says_whether_the_host_is_known_and_how_it_is_reached(life):
    case = ready(life)
    ready(life, connections={"vm-1": at(5)})
    assert life.store.run_now(lambda tx: tx.open_hosts()) == {"vm-1": at(5)}
    ready(life, connections={})
    assert life.case(case.id).hosts == ()
    assert life.plan() is None or life.case(case.id).state == "suppressed"


def test_in_flight_it_is_reached_as_it_was_planned(life):
    ready(life)
    planned = life.plan()
    ready(life, connections={"vm-1": at(9)})
    assert connections_of(planned) == {"vm-1": at(1)}
    life.land(planned)
    assert connections_of(life.plan()) == {"vm-1": at(9)}, "once more, with the newest"


@pytest.mark.parametrize(("number", "state"), [(1, "dispatched"), (9, "awaiting_approval")])
def test_what_a_person_approved_was_for_the_machine_where_it_was_then(tmp_path, number, state):
    life = Life(tmp_path, policy=replace(POLICY, mode="approve", approve_expires=60.0))
    case = ready(life)
    life.plan()
    life.store.run_now(lambda tx: people.approve(tx, case.id, by="anna", now=life.now))
    ready(life, connections={"vm-1": at(number)})
    life.plan()
    assert life.states(case) == [state]
    life.store.close()


def test_machines_with_one_name_go_one_after_the_other_each_to_its_own_address(life):
    ready(life, number=1, data={"same": 1})
    ready(life, number=2, data={"same": 1})
    first = life.plan()
    assert life.plan() is None, "the name is busy"
    life.land(first)
    second = life.plan()
    assert [connections_of(each) for each in (first, second)] == [{"vm-1": at(1)}, {"vm-1": at(2)}]


def test_a_change_of_several_hosts_goes_together_with_what_each_declares(life):
    for number in (1, 2):
        ready(life, f"vm-{number}", number, data={"same": 1})
    life.alone = False
    life.now += 10
    assert connections_of(life.plan()) == {"vm-1": at(1), "vm-2": at(2)}


def test_declared_hosts_are_no_part_of_a_storm(life):
    for number in range(40):
        life.event("alert.firing", hosts=(f"vm-{number}",), dedup_key=f"k{number}", connections={f"vm-{number}": at(number)})
    assert life.plan() is not None
    assert life.store.run_now(lambda tx: tx.storm()) is None


def test_it_is_known_after_a_restart(life, tmp_path):
    ready(life)
    life.store.close()
    again = Life(tmp_path)
    assert connections_of(again.plan()) == {"vm-1": at(1)}
    again.store.close()


def test_the_source_hears_why_a_name_was_refused_and_how_a_run_ended(life):
    life.store.run_now(lambda tx: tx.follow("monitors"))  # the child that this life's events come from
    ready(life, "all", 1)
    life.land(life.plan())  # of case.unresolved
    ready(life, "vm-2", 2)
    life.land(life.plan(), "failed", error="no route")
    life.now += 3600
    life.land(life.plan())
    refused, done = life.store.run_now(lambda tx: tx.finished("monitors", 9))
    assert (refused.case.state, refused.event.hosts) == ("suppressed", ("all",)) and "all: that is a group" in refused.case.reason
    assert (done.case.state, done.case.attempt, done.error, done.event.connections) == ("resolved", 2, "", {"vm-2": at(2)})
    assert [row.status for row in done.executions] == ["ok"]
