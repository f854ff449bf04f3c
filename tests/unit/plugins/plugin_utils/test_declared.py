# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which hosts an event is about, when a source of ours says how they are reached, and when it does not."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.declared import host_of, hosts_of, why_none
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Snapshot, is_host_name
from hypothesis import given
from hypothesis import strategies as st

from .store.promises.examples import an_event

INVENTORY = Snapshot({"localhost": {}, "web-01": {}, "db": {}}, frozenset({"all", "ungrouped", "web", "db"}), {"192.0.2.1": "web-01", "127.0.0.1": "localhost"})
HERE = {"ansible_host": "192.0.2.7"}


def declaring(*names: str) -> Event:
    return an_event(hosts=names, connections=dict.fromkeys(names, HERE))


def test_a_declared_host_is_known_and_one_that_nothing_is_known_of_is_not():
    assert hosts_of(declaring("vm-1", "web-01", "vm-1"), INVENTORY) == ("vm-1", "web-01")
    assert hosts_of(an_event(hosts=("vm-1", "web-01"), connections={"vm-1": {}, "web-01": {}}), INVENTORY) == ("web-01",)
    assert hosts_of(declaring("vm-1"), Snapshot()) == ("vm-1",), "also without an inventory"


def test_without_a_declaration_names_and_addresses_are_those_of_the_inventory():
    event = an_event(hosts=("localhost", "192.0.2.1", "vm-1", "db"))
    assert hosts_of(event, INVENTORY) == ("localhost", "web-01")
    assert why_none(an_event(hosts=("vm-1", "vm-2")), INVENTORY) == "the inventory has none of vm-1, vm-2"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("localhost", "the machine that runs the playbooks"),
        ("LOCALHOST", "the machine that runs the playbooks"),
        ("127.0.0.1", "the machine that runs the playbooks"),
        ("::1", "the machine that runs the playbooks"),
        ("all", "a group of hosts"),
        ("ungrouped", "a group of hosts"),
        ("web", "a group of hosts"),
        ("db", "a group of hosts"),
        ("-e@x", "not a name that a host can have"),
        ("web*", "not a name that a host can have"),
        ("a,b", "not a name that a host can have"),
        ("!web-01", "not a name that a host can have"),
        ("{{ evil }}", "not a name that a host can have"),
        ("vm 1", "not a name that a host can have"),
    ],
)
def test_a_name_that_means_anything_else_is_refused_with_the_reason(name, why):
    event = declaring(name)
    assert host_of(name, event, INVENTORY) is None
    assert why_none(event, INVENTORY).startswith(f"{name}: ") and why in why_none(event, INVENTORY)


def test_a_name_out_of_the_authority_is_no_address_of_another_host():
    assert hosts_of(an_event(hosts=("192.0.2.1",), connections={"192.0.2.1": {}}), INVENTORY) == ()
    assert hosts_of(declaring("192.0.2.1"), INVENTORY) == ("192.0.2.1",), "it is a host of that name, reached where the source says"


@pytest.mark.parametrize(("address", "owner"), [("192.0.2.1", "web-01"), ("127.0.0.1", "localhost")])
def test_an_address_that_is_another_hosts_is_refused_with_its_name(address, owner):
    event = an_event(hosts=("vm-1",), connections={"vm-1": {"ansible_host": address}})
    assert hosts_of(event, INVENTORY) == ()
    assert why_none(event, INVENTORY) == f"vm-1: its address is that of {owner} in the inventory, which is another host"
    assert hosts_of(an_event(hosts=("web-01",), connections={"web-01": {"ansible_host": address}}), INVENTORY) == ("web-01",), "reached as the inventory says"


def test_of_a_host_without_an_address_it_is_said_that_none_is_known():
    assert "knows no address of it" in why_none(an_event(hosts=("vm-1",), connections={"vm-1": {}}), INVENTORY)


@given(st.lists(st.text(max_size=10) | st.sampled_from(["vm-1", "web-01", "localhost", "all", "web"]), max_size=4))
def test_whatever_is_declared_the_hosts_are_names_and_nothing_else(names):
    for host in hosts_of(declaring(*names), INVENTORY):
        assert is_host_name(host) and host in names and host not in INVENTORY.groups and host not in ("localhost", "127.0.0.1")
