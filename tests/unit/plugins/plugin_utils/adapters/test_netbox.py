# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""NetBox's webhooks as NetBox 4.6.8 sent them (tests/fixtures), and as other versions would."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.event import InvalidEvent
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Snapshot
from ansible_collections.eventops.infra.plugins.plugin_utils.router.cases.admission import admitted
from ansible_collections.eventops.infra.plugins.plugin_utils.router.policy.decisions import Suppress
from hypothesis import given
from hypothesis import strategies as st

from .examples import CONTEXT, read

WEBHOOKS = Path(__file__).absolute().parents[4] / "fixtures" / "netbox" / "webhooks"


def webhook(name):
    return json.loads(json.loads((WEBHOOKS / f"{name}.json").read_text(encoding="utf-8"))["body"])


def event(body, **settings):
    [found] = read({"payload": body}, {"netbox": settings})
    return found


@pytest.mark.parametrize(
    ("name", "type_", "subject", "hosts"),
    [
        ("vm_created_without_ip", "netbox.virtualmachine.created", "web01", ("web01",)),
        ("vm_primary_ip4_set", "netbox.virtualmachine.updated", "web01", ("web01",)),
        ("vm_delete_cascade_ip_then_vm_2", "netbox.virtualmachine.deleted", "todelete", ("todelete",)),
        ("device_created", "netbox.device.created", "dev01", ("dev01",)),
        ("ip_address_of_primary_changed", "netbox.ipaddress.updated", "10.0.0.12/24", ("web01",)),
    ],
)
def test_recorded_webhooks(name, type_, subject, hosts):
    body = webhook(name)
    found = event(body)
    assert (found.type, found.subject, found.hosts, found.source, found.severity) == (type_, subject, hosts, CONTEXT.source, "info")
    assert found.time == body["timestamp"].replace("+00:00", "Z")
    assert (found.data["object"], found.data["snapshots"]) == (body["data"], body["snapshots"])
    assert (found.data["username"], found.data["request_id"]) == ("admin", body["request"]["id"])
    assert found.dedup_key == f"netbox.{body['object_type']}.{body['event']}/{body['data']['id']}/{subject}"


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("vm_primary_ip4_set", ["primary_ip4"]),
        ("ip_address_of_primary_changed", ["address"]),
        ("vm_custom_field", ["custom_fields"]),
        ("vm_noop_update", []),
        ("vm_created_without_ip", []),
        ("vm_delete_cascade_ip_then_vm_2", []),
    ],
)
def test_what_an_update_changed(name, changed):
    assert event(webhook(name)).data["changed"] == changed


def test_a_redelivery_has_the_same_id_and_anything_else_another():
    first, again = webhook("retry_identical_bodies_1"), webhook("retry_identical_bodies_2")
    assert event(first).id == event(again).id != event(webhook("vm_noop_update")).id
    assert event(dict(reversed(first.items()))).id == event(first).id, "the order of keys says nothing"
    assert event({**first, "timestamp": None}).id == "new", "without the time inside, two updates alike are two"


def test_other_versions_are_read_alike():
    body = webhook("vm_created_without_ip")
    of_4_7 = {key: value for key, value in body.items() if key not in ("username", "request_id")}
    of_4_4 = {**{key: value for key, value in body.items() if key not in ("object_type", "request")}, "model": "virtualmachine"}
    of_4_5 = {key: value for key, value in body.items() if key != "request"}
    expected = event(body)
    for other in (of_4_7, of_4_4, of_4_5):
        found = event(other)
        assert (found.type, found.hosts) == (expected.type, expected.hosts)
        assert found.dedup_key == (expected.dedup_key if "object_type" in other else "netbox.virtualmachine.created/1/web01")
        assert (found.data["username"], found.data["request_id"], found.data["model"]) == ("admin", body["request_id"], "virtualmachine")


def test_the_source_is_the_netbox_that_the_rulebook_names():
    assert event(webhook("device_created"), url="https://netbox.example.com/").source == "netbox:https://netbox.example.com"


@pytest.mark.parametrize(
    ("object_type", "thing", "hosts"),
    [
        ("ipam.ipaddress", {"id": 1, "display": "a", "assigned_object": None}, ()),
        ("ipam.ipaddress", {"id": 1, "display": "a", "assigned_object": {"device": {"name": "sw-1"}}}, ("sw-1",)),
        ("virtualization.vminterface", {"id": 1, "display": "eth0", "virtual_machine": {"name": "web01"}}, ("web01",)),
        ("dcim.interface", {"id": 1, "display": "eth0", "device": {"name": "sw-1"}}, ("sw-1",)),
        ("virtualization.virtualmachine", {"id": 1, "name": "web01", "device": {"name": "hypervisor"}}, ("web01",)),
        ("dcim.site", {"id": 1, "display": "lab", "name": "lab"}, ()),
        ("ipam.service", {"id": 1, "display": "ssh", "parent_object_type": "virtualization.virtualmachine", "parent": {"id": 4, "name": "web01"}}, ("web01",)),
        ("ipam.service", {"id": 1, "display": "ssh", "parent_object_type": "dcim.device", "parent": {"id": 4, "name": "sw-1"}}, ("sw-1",)),
        ("ipam.service", {"id": 1, "display": "ssh", "parent_object_type": "ipam.fhrpgroup", "parent": {"id": 4, "name": "sw-1"}}, ()),
        ("ipam.service", {"id": 1, "display": "ssh", "virtual_machine": None, "device": {"id": 4, "name": "sw-1"}}, ("sw-1",)),
        ("dcim.macaddress", {"id": 1, "display": "a", "assigned_object_type": "dcim.interface", "assigned_object": {"device": {"name": "sw-1"}}}, ("sw-1",)),
        ("dcim.macaddress", {"id": 1, "display": "a", "assigned_object": {"virtual_machine": {"name": "web01"}}}, ("web01",)),
        ("dcim.macaddress", {"id": 1, "display": "a", "assigned_object_type": None, "assigned_object": None}, ()),
        ("ipam.ipaddress", {"id": 1, "display": "a", "assigned_object_type": "ipam.fhrpgroup", "assigned_object": {"id": 2, "name": "sw-1"}}, ()),
        ("extras.journalentry", {"id": 1, "display": "a", "assigned_object_type": "dcim.device", "assigned_object": {"id": 2, "name": "sw-1"}}, ("sw-1",)),
        ("netbox_dns.record", {"id": "6f1c8a5e-0d0f-4b53-9d8e-000000000001", "display": "www"}, ()),
    ],
)
def test_whose_an_object_is(object_type, thing, hosts):
    assert event({"event": "updated", "object_type": object_type, "data": thing}).hosts == hosts


UNNAMED = {"id": 17, "display": "acme srv1 (17)", "name": None}


@pytest.mark.parametrize(
    ("object_type", "thing"),
    [
        ("dcim.device", UNNAMED),
        ("dcim.interface", {"id": 1, "display": "eth0", "device": UNNAMED}),
        ("dcim.macaddress", {"id": 1, "display": "a", "assigned_object": {"device": UNNAMED}}),
        ("ipam.service", {"id": 1, "display": "ssh", "parent_object_type": "dcim.device", "parent": UNNAMED}),
    ],
)
def test_what_is_about_a_device_without_a_name_is_about_an_unknown_host(object_type, thing):
    """Neither about none, which would run on the controller, nor refused: NetBox does not send it again."""
    found = event({"event": "created", "object_type": object_type, "data": thing})
    assert found.hosts == ("acme srv1 (17)",)
    decision = admitted(found, Snapshot({"localhost": {}, "srv1": {}}), "enforce")
    assert isinstance(decision, Suppress) and decision.unresolved


@pytest.mark.parametrize(("device", "host"), [({"id": 17}, "device 17"), (17, "device 17"), ({}, "a device without a name"), ([], "a device without a name")])
def test_a_host_is_never_taken_for_none(device, host):
    assert event({"event": "created", "object_type": "dcim.interface", "data": {"id": 1, "device": device}}).hosts == (host,)


def test_a_name_that_is_displayed_with_more_is_the_name():
    assert event({"event": "created", "object_type": "dcim.device", "data": {"id": 1, "name": "sw-1", "display": "sw-1 (A17)"}}).hosts == ("sw-1",)


def test_the_rulebook_says_where_the_host_is():
    body = copy.deepcopy(webhook("vm_created_without_ip"))
    body["data"]["custom_fields"]["fqdn"] = "web01.lab"
    assert event(body, hosts=[{"path": "data.custom_fields.fqdn"}]).hosts == ("web01.lab",)
    assert event(body, hosts=[{"label": "name"}]).hosts == ("web01",)


def test_nothing_of_a_context_is_more_than_data():
    found = event(webhook("vm_local_context_set"))
    assert found.data["object"]["local_context_data"] is not None
    assert found.data.keys() == {"model", "object_type", "object", "snapshots", "username", "request_id", "changed"}


@pytest.mark.parametrize("body", [{"event": "job_ended", "object_type": "core.job", "data": {}}, {"event": "created", "data": {}}, {"event": ["created"]}, []])
def test_other_payloads_do_not_fit(body):
    assert read({"payload": body}, "netbox") is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"object_type": "virtualization.Virtual Machine"}, "object_type: must be such as virtualization.virtualmachine, got the string"),
        ({"object_type": 5}, "object_type: must be"),
        ({"object_type": "a/b.site"}, "object_type: must be"),
        ({"object_type": "a.b.site"}, "object_type: must be"),
        ({"data": None}, "data: must be the object, got nothing"),
        ({"data": {"name": "a"}}, "data.id: must be the object's id, got nothing"),
        ({"data": {"id": True}}, "data.id"),
        ({"data": {"id": "1/2"}}, "data.id"),
    ],
)
def test_what_is_broken_is_named(changes, message):
    with pytest.raises(InvalidEvent, match=message):
        event({"event": "created", "object_type": "dcim.site", "data": {"id": 1}, **changes})


@pytest.mark.parametrize("url", ["netbox.example.com", "https://user:pw@netbox.example.com", "https://", "https://netbox.example.com/?a=1"])
def test_a_wrong_url_is_a_mistake(url):
    with pytest.raises(ValueError, match="adapter.netbox.url: must be the address of NetBox"):
        event({}, url=url)


NAMES = st.text("ab/1", min_size=1, max_size=3)
TYPES = ["dcim.site", "dcim.rack", "netbox_dns.zone", "other_plugin.zone", "zone", "a.zone", "zone.a"]
THINGS = st.tuples(st.sampled_from(TYPES), st.sampled_from(["created", "deleted"]), st.integers(1, 12) | st.uuids().map(str), NAMES)


@given(THINGS, THINGS)
def test_two_objects_never_share_a_key(one, other):
    def key(object_type, what, number, name):
        named = "object_type" if "." in object_type else "model"
        return event({"event": what, named: object_type, "data": {"id": number, "display": name}}).dedup_key

    assert (key(*one) == key(*other)) == (one == other)
