# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Events that can be made whatever people call their machines."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.reach import DEFAULT_PATHS
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.telling import NOT_READY, READY, Teller, name_of
from hypothesis import given
from hypothesis import strategies as st

from .making import VM, addressed, at, created, row, updated, vm

TELLER = Teller("netbox:https://netbox.example.com", DEFAULT_PATHS)
CHANGE = updated(2, {}, {"comments": "x"})


def told(**fields):
    return TELLER.of_change("updated", CHANGE, addressed(**fields), CHANGE.changed)


@pytest.mark.parametrize("name", ["localhost", "all", "-e@x", "web01", "a b", "{{ x }}", "ünal", "🐧", "x" * 64, "x" * 300, "web*", "127.0.0.1"])
def test_a_name_is_told_as_it_is_and_judged_elsewhere(name):
    event = told(name=name)
    assert event.subject == event.hosts[0] == name[:253]
    assert list(event.connections) == list(event.hosts)
    assert event.data["object"]["name"] == name


@pytest.mark.parametrize("character", ["\x00", "\n", "\r", "\x1b", "\x7f", "\x85", "\ud800", "\ufffe"])
def test_what_cannot_be_written_in_a_name_is_seen_to_have_been_there(character):
    event = told(name=f"web{character}01")
    assert event.subject == event.hosts[0] == "web\ufffd01"


@given(st.text(min_size=1, max_size=400) | st.none())
def test_any_name_makes_an_event(name):
    event = told(name=name)
    assert event.hosts == (event.subject,) and list(event.connections) == [event.subject]
    assert 1 <= len(event.subject) <= 253


def test_a_device_without_a_name_is_called_what_netbox_displays():
    assert name_of({"name": None, "display": "srv1 (4)"}, "device", 4) == "srv1 (4)"
    assert name_of({"name": ""}, "device", 4) == "device 4"
    assert name_of({"name": 5, "display": ["x"]}, "device", 4) == "device 4"


@pytest.mark.parametrize("what", ["created", NOT_READY])
def test_what_nobody_can_work_on_yet_is_about_no_host(what):
    event = TELLER.of_change(what, created(1), addressed(), ())
    assert (event.hosts, event.connections, event.subject) == ((), {}, "web01")
    assert "unreachable" not in event.data


def test_why_a_machine_cannot_be_reached_is_said():
    event = TELLER.of_change("updated", CHANGE, vm(), ())
    assert (event.hosts, event.connections, event.data["unreachable"]) == (("web01",), {}, "primary_ip is not set")


def test_objects_that_are_no_hosts_are_about_none():
    change = row(3, "update", {"name": "a"}, {"name": "b"}, type_="ipam.prefix")
    event = TELLER.of_change("updated", change, {"id": 1, "display": "10.0.0.0/8"}, ("name",))
    assert (event.type, event.subject, event.hosts, event.data["object_type"]) == ("netbox.prefix.updated", "10.0.0.0/8", (), "ipam.prefix")


def test_each_change_is_another_event_and_ready_is_one_for_each_life_of_an_object():
    assert TELLER.of_change("updated", CHANGE, addressed(), ()).id != TELLER.of_change("updated", updated(3, {}, {"comments": "x"}), addressed(), ()).id
    by_change, by_state = (
        TELLER.of_change(READY, CHANGE, addressed(), ()),
        TELLER.of_state(READY, (VM, 1), addressed(), at(99), {}),
    )
    assert by_change.id == by_state.id
    assert TELLER.of_state(READY, (VM, 1), addressed(created="2027-01-01T00:00:00Z"), at(99), {}).id != by_state.id
    assert TELLER.of_state(NOT_READY, (VM, 1), addressed(), at(99), {}).id != by_state.id


def test_machines_of_one_name_are_different_cases():
    one, other = (TELLER.of_state(READY, (VM, number), addressed(id=number), at(1), {}) for number in (1, 2))
    assert one.dedup_key != other.dedup_key


def test_what_events_are_not_to_have_says_how_a_machine_is_reached_all_the_same():
    event = Teller("netbox:https://netbox.example.com", DEFAULT_PATHS, frozenset({"custom_fields"})).of_change("updated", CHANGE, addressed(), ())
    assert event.connections["web01"]["ansible_user"] == "debian"
    assert "custom_fields" not in event.data["object"] and "name" in event.data["object"]
