# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The webhooks of the double: the recorded stories end in the recorded bodies, and deliveries fail as NetBox's do."""

from __future__ import annotations

import hmac
from random import Random

import pytest
from ansible_collections.eventops.infra.tests.doubles.netbox import running_netbox
from ansible_collections.eventops.infra.tests.doubles.netbox.openapi import differences
from ansible_collections.eventops.infra.tests.integration.netbox.lab import (
    ADDRESS,
    ADDRESSES,
    DEVICE,
    FIXTURES,
    INTERFACES,
    VM,
    VMS,
    Api,
    make_device,
    make_lab,
    make_vm,
    recorded_webhook,
)
from ansible_collections.eventops.infra.tests.integration.netbox.receiver import receiving

ALL = [VM, ADDRESS, DEVICE]


@pytest.fixture
def receiver():
    with receiving() as found:
        yield found


@pytest.fixture
def netbox(receiver):
    with running_netbox() as double:
        double.lab = make_lab(double)
        double.add_webhook(receiver.url, ALL)
        yield double


@pytest.fixture
def api(netbox):
    return Api(netbox.url, netbox.token)


def told(netbox):
    """Return the bodies of all webhooks since the last time."""
    netbox.wait_for_webhooks()
    found = [delivery.told for delivery in netbox.deliveries]
    netbox.deliveries.clear()
    return found


def changed(body):
    """Return what the snapshots of a webhook have differently."""
    before, after = body["snapshots"]["prechange"], body["snapshots"]["postchange"]
    return {name: (before[name], after[name]) for name in before or {} if after and before[name] != after[name]}


def assert_recorded(found, *names):
    """Say that bodies are like recorded ones: the same things told in the same order, of the same types, with the same change."""
    assert [(body["event"], body["object_type"]) for body in found] == [(body["event"], body["object_type"]) for body in map(recorded_webhook, names)]
    for name, body in zip(names, found):
        recorded = recorded_webhook(name)
        assert list(body) == list(recorded) and list(body["request"]) == list(recorded["request"]), name
        assert differences(recorded, body) == [], name
        assert changed(body).keys() == changed(recorded).keys(), name
        for snapshot in ("prechange", "postchange"):
            assert (body["snapshots"][snapshot] is None) == (recorded["snapshots"][snapshot] is None), name
        assert body["request"]["method"] == recorded["request"]["method"]


def test_the_story_of_a_vm_is_told_as_recorded(netbox, api):
    vm = api.post(VMS, name="web01", cluster=netbox.lab["cluster"], role=netbox.lab["role"], platform=netbox.lab["platform"], vcpus=2, memory=2048)["id"]
    path = f"{VMS}/{vm}/"
    assert_recorded(told(netbox), "vm_created_without_ip")
    interface = api.post(INTERFACES, virtual_machine=vm, name="eth0")["id"]
    address = {"assigned_object_type": "virtualization.vminterface", "assigned_object_id": interface}
    number = api.post(ADDRESSES, address="10.0.0.11/24", **address)["id"]
    assert_recorded(told(netbox), "ip_created_and_assigned")
    steps = {
        "vm_primary_ip4_set": {"primary_ip4": number},
        "vm_local_context_set": {"local_context_data": {"ansible_roles": ["baseline"]}},
        "vm_status_and_comments": {"status": "staged", "comments": "x"},
        "vm_tags": {"tags": [{"name": "eda"}]},
        "vm_custom_field": {"custom_fields": {"login_user": "debian"}},
        "vm_noop_update": {"comments": "x"},
        "vm_changelog_message": {"comments": "y", "changelog_message": "because"},
    }
    for name, fields in steps.items():
        assert api.ask("PATCH", path, fields).status == 200, name
        assert_recorded(told(netbox), name)
    assert api.ask("PATCH", f"{ADDRESSES}/{number}/", {"address": "10.0.0.12/24"}).status == 200
    assert_recorded(told(netbox), "ip_address_of_primary_changed")
    assert api.ask("DELETE", f"{ADDRESSES}/{number}/").status == 204
    assert_recorded(told(netbox), "ip_primary_deleted_1", "ip_primary_deleted_2")
    number = api.post(ADDRESSES, address="10.0.0.11/24", **address)["id"]
    told(netbox)
    assert api.ask("PATCH", path, {"primary_ip4": number}).status == 200
    assert_recorded(told(netbox), "vm_primary_restored")
    assert api.ask("DELETE", f"extras/tags/{netbox.lab['tag']}/").status == 204
    assert_recorded(told(netbox), "vm_tag_deleted")
    assert [change["message"] for change in netbox.changes(changed_object_type=VM) if change["message"]] == ["because"]


def test_a_deleted_vm_takes_its_address_with_it_as_recorded(netbox, api):
    vm = make_vm(netbox, netbox.lab, "todelete", "10.0.0.99/24")
    told(netbox)
    answer = api.ask("DELETE", f"{VMS}/{vm}/")
    assert answer.status == 204
    assert_recorded(told(netbox), "vm_delete_cascade_ip_then_vm_1", "vm_delete_cascade_ip_then_vm_2")
    rows = [(row["action"]["value"], row["changed_object_type"]) for row in netbox.changes(request_id=answer.request_id)]
    # Ids 82 to 85 of the recorded change log.
    assert rows == [("delete", ADDRESS), ("update", VM), ("delete", "virtualization.vminterface"), ("delete", VM)]


def test_bulk_requests_and_devices_are_told_as_recorded(netbox, api):
    vms = api.ask("POST", f"{VMS}/", [{"name": f"bulk{number:02}", "cluster": netbox.lab["cluster"]} for number in range(5)]).body
    assert_recorded(told(netbox), *(f"vm_bulk_create_{number}" for number in range(1, 6)))
    assert api.ask("PATCH", f"{VMS}/", [{"id": vm["id"], "status": "offline"} for vm in vms[:3]]).status == 200
    assert_recorded(told(netbox), *(f"vm_bulk_patch_{number}" for number in range(1, 4)))
    assert api.ask("DELETE", f"{VMS}/", [{"id": vm["id"]} for vm in vms[:2]]).status == 204
    assert_recorded(told(netbox), "vm_bulk_delete_1", "vm_bulk_delete_2")
    vm = api.post(VMS, name="fleeting", cluster=netbox.lab["cluster"])["id"]
    assert api.ask("PATCH", f"{VMS}/{vm}/", {"vcpus": 4}).status == 200
    assert api.ask("DELETE", f"{VMS}/{vm}/").status == 204
    assert_recorded(told(netbox), *(f"vm_create_patch_delete_quickly_{number}" for number in range(1, 4)))
    make_device(netbox, netbox.lab, "dev01")
    assert_recorded(told(netbox), "device_created")


def test_a_bulk_request_that_fails_tells_of_a_vm_that_never_was(netbox, api):
    answer = api.ask("POST", f"{VMS}/", [{"name": "okvm", "cluster": netbox.lab["cluster"]}, {"name": "badvm", "cluster": 999}])
    assert answer.status == 400
    found = told(netbox)
    assert_recorded(found, "vm_phantom_created_then_rolled_back")
    assert api.ask("GET", found[0]["data"]["url"]).status == 404
    assert netbox.changes(changed_object_type=VM) == []


@pytest.mark.parametrize("version, names", [
    ("4.0.3", {"model", "username", "request_id"}), ("4.2.1", {"model", "username", "request_id"}), ("4.4.0", {"model", "username", "request_id"}),
    ("4.5.2", {"object_type", "username", "request_id"}), ("4.6.8", {"object_type", "username", "request_id", "request"}),
    ("4.7.0", {"object_type", "request"}),
])  # fmt: skip
def test_a_body_says_what_its_version_says(netbox, version, names):
    netbox.version = version
    netbox.create(VM, name="web01", cluster=netbox.lab["cluster"])
    body = told(netbox)[0]
    assert body.keys() == {"event", "timestamp", "data", "snapshots"} | names
    assert body.get("model", "virtualmachine") == "virtualmachine" and body.get("object_type", VM) == VM


def test_a_delivery_is_signed_and_has_the_recorded_headers(netbox, receiver):
    netbox.create(VM, name="web01", cluster=netbox.lab["cluster"])
    got = receiver.wait_for(1)[0]
    assert got.headers["X-Hook-Signature"] == hmac.new(b"s3cret", got.raw, "sha512").hexdigest()
    recorded = FIXTURES / "webhooks" / "vm_created_without_ip.json"
    assert all(f'"{name}"' in recorded.read_text(encoding="utf-8") for name in got.headers)


@pytest.mark.parametrize("status", [500, 404, 302, 429, 503])
def test_a_delivery_that_is_not_taken_is_lost(netbox, receiver, status):
    receiver.status = status
    netbox.create(VM, name="web01", cluster=netbox.lab["cluster"])
    netbox.wait_for_webhooks()
    assert len(receiver.got) == 1
    assert [(delivery.status, delivery.is_lost) for delivery in netbox.deliveries] == [(status, True)]


def test_a_slow_receiver_keeps_the_only_worker_waiting(netbox, receiver):
    receiver.seconds = 0.1
    for number in range(3):
        netbox.create(VM, name=f"web{number}", cluster=netbox.lab["cluster"])
    netbox.wait_for_webhooks()
    starts = [delivery.started for delivery in netbox.deliveries]
    assert all(later - earlier >= 0.1 for earlier, later in zip(starts, starts[1:]))
    assert all(delivery.seconds >= 0.1 for delivery in netbox.deliveries)


def test_several_workers_let_deliveries_overtake_each_other(netbox, receiver):
    netbox.workers, random = 4, Random(1)
    netbox.worker.pause = lambda _delivery: random.random() / 20
    for number in range(20):
        netbox.create(VM, name=f"web{number:02}", cluster=netbox.lab["cluster"])
    names = [got.body["data"]["name"] for got in receiver.wait_for(20)]
    assert sorted(names) == [f"web{number:02}" for number in range(20)] != names


def test_without_a_worker_deliveries_wait_and_a_queue_that_is_down_loses_them(netbox, api, receiver):
    netbox.workers = 0
    api.post(VMS, name="waits", cluster=netbox.lab["cluster"])
    assert api.get("status/")["rq-workers-running"] == 0 and receiver.got == []
    netbox.queue_is_down = True
    assert api.ask("POST", f"{VMS}/", {"name": "lost", "cluster": netbox.lab["cluster"]}).status == 500
    assert netbox.find(VM, name="lost") and netbox.changes(changed_object_type=VM)[-1]["object_repr"] == "lost"
    netbox.queue_is_down, netbox.workers = False, 1
    assert [got.body["data"]["name"] for got in receiver.wait_for(1)] == ["waits"]


def test_a_repeated_delivery_is_the_same_to_the_byte(netbox, receiver):
    netbox.create(VM, name="web01", cluster=netbox.lab["cluster"])
    receiver.wait_for(1)
    netbox.redeliver(netbox.deliveries[0])
    first, second = receiver.wait_for(2)
    assert first == second


def test_a_rule_with_conditions_sends_what_meets_them(netbox, api, receiver):
    conditions = {"and": [{"attr": "primary_ip4", "value": None, "negate": True}, {"attr": "status.value", "value": "active"}]}
    netbox.update("extras.eventrule", 1, conditions=conditions)
    vm = make_vm(netbox, netbox.lab, "web01", "10.0.0.11/24")
    assert [body["event"] for body in told(netbox) if body["object_type"] == VM] == ["updated"]
    api.ask("PATCH", f"{VMS}/{vm}/", {"status": "offline"})
    assert told(netbox) == []
    netbox.update("extras.eventrule", 1, enabled=False)
    api.ask("PATCH", f"{VMS}/{vm}/", {"status": "active"})
    assert told(netbox) == []


def test_an_object_has_one_webhook_in_a_request(netbox):
    with netbox.transaction() as changes:
        vm = changes.create(VM, name="web01", cluster=netbox.lab["cluster"])
        changes.update(VM, vm["id"], comments="x")
        changes.update(VM, vm["id"], comments="y")
    found = told(netbox)
    assert [(body["event"], body["data"]["comments"]) for body in found] == [("created", "y")]
