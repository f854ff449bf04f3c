# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What this collection relies on about NetBox's webhooks, asked of the double, and of a real NetBox that can reach this machine."""

from __future__ import annotations

import hmac

import pytest
from ansible_collections.eventops.infra.tests.doubles.netbox import versions
from ansible_collections.eventops.infra.tests.integration.netbox.lab import ADDRESS, ADDRESSES, JOURNAL, VM, VMS


def wait_for_another(instance, receiver, cluster):
    """Wait for the delivery of another change: what was going to come before it has come."""
    receiver.wait_for(1, instance.vm(cluster, "another")["name"])


def test_a_delivery_is_signed_over_its_raw_body(instance):
    cluster = instance.cluster()
    with instance.hooked(VM, additional_headers="X-Contract: told") as receiver:
        vm = instance.vm(cluster)
        got = receiver.wait_for(1, vm["name"])[0]
    assert got.headers["X-Hook-Signature"] == hmac.new(b"s3cret", got.raw, "sha512").hexdigest()
    assert got.headers["X-Contract"] == "told" and got.headers["Content-Type"] == "application/json"


def test_a_body_says_what_was_changed_and_how(instance):
    cluster = instance.cluster()
    with instance.hooked(VM) as receiver:
        vm = instance.vm(cluster)
        receiver.wait_for(1, vm["name"])
        answer = instance.patch(f"{VMS}/{vm['id']}/", status="staged")
        body = receiver.wait_for(2, vm["name"])[1].body
        instance.delete(f"{VMS}/{vm['id']}/")
        last = receiver.wait_for(3, vm["name"])[2].body
    version = instance.version
    assert body.get("object_type") == VM if not versions.is_before(version, "4.5") else body["model"] == "virtualmachine"
    assert body.get("request_id", answer.request_id) == answer.request_id == body.get("request", {}).get("id", answer.request_id)
    assert (body["event"], last["event"], last["snapshots"]["postchange"]) == ("updated", "deleted", None)
    before, after = body["snapshots"]["prechange"], body["snapshots"]["postchange"]
    assert (before["status"], after["status"], after["cluster"]) == ("active", "staged", cluster)
    assert body["data"]["status"]["value"] == "staged" and "config_context" not in body["data"]
    assert body["data"]["url"].startswith("/api/")


def test_a_patch_that_changes_nothing_is_told_all_the_same(instance):
    vm = instance.vm(instance.cluster(), comments="x")
    with instance.hooked(VM) as receiver:
        instance.patch(f"{VMS}/{vm['id']}/", comments="x")
        body = receiver.wait_for(1, vm["name"])[0].body
    assert body["event"] == "updated" and body["snapshots"]["prechange"] == body["snapshots"]["postchange"]


def test_a_bulk_request_that_is_rolled_back_tells_of_objects_that_never_were(instance):
    cluster, name = instance.cluster(), instance.name("phantom")
    with instance.hooked(VM) as receiver:
        bad = {"name": instance.name("bad"), "cluster": 2**31 - 1}
        assert instance.api.ask("POST", f"{VMS}/", [{"name": name, "cluster": cluster}, bad]).status == 400
        body = receiver.wait_for(1, name)[0].body
    assert body["event"] == "created"
    assert instance.api.ask("GET", body["data"]["url"]).status == 404


def test_another_address_of_a_primary_ip_tells_of_the_address_only(instance):
    cluster = instance.cluster()
    vm, address = instance.ready_vm(cluster)
    old = instance.api.get(f"{ADDRESSES}/{address}/")["address"]
    with instance.hooked(VM, ADDRESS) as receiver:
        instance.patch(f"{ADDRESSES}/{address}/", address=old.replace("/15", "/16"))
        body = receiver.wait_for(1, old.replace("/15", "/16"))[0].body
        wait_for_another(instance, receiver, cluster)
        assert not [got for got in receiver.got if got.body["data"]["display"] == instance.name("vm")]
    assert body["data"]["assigned_object"]["virtual_machine"]["id"] == vm


def test_a_journal_entry_and_a_config_context_tell_nothing_of_a_vm(instance):
    cluster = instance.cluster()
    vm = instance.vm(cluster)
    with instance.hooked(VM) as receiver:
        entry = {"assigned_object_type": VM, "assigned_object_id": vm["id"], "kind": "info", "comments": "x"}
        assert instance.api.ask("POST", f"{JOURNAL}/", entry).status == 201
        instance.make("extras/config-contexts", name=instance.name("context"), clusters=[cluster], data={"a": 1})
        wait_for_another(instance, receiver, cluster)
        assert not [got for got in receiver.got if got.body["data"]["display"] == vm["name"]]


def test_a_delivery_that_was_not_taken_does_not_come_again(instance):
    cluster = instance.cluster()
    with instance.hooked(VM) as receiver:
        receiver.status = 500
        vm = instance.vm(cluster)
        receiver.wait_for(1, vm["name"])
        wait_for_another(instance, receiver, cluster)
        # A NetBox whose RQ_RETRY_MAX is not 0 tries again, with the same body.
        assert len({got.raw for got in receiver.got if got.body["data"]["display"] == vm["name"]}) == 1


def test_a_writer_whose_queue_is_down_has_written(instance):
    if instance.double is None:
        pytest.skip("no test can take away the queue of a real NetBox")
    cluster = instance.cluster()
    with instance.hooked(VM) as receiver:
        instance.double.queue_is_down = True
        assert instance.api.ask("POST", f"{VMS}/", {"name": instance.name("vm"), "cluster": cluster}).status == 500
        instance.double.queue_is_down = False
        found = instance.api.results(f"{VMS}/?name={instance.name('vm')}")
        assert len(instance.rows(changed_object_type=VM, changed_object_id=found[0]["id"])) == 1 and receiver.got == []
    instance.delete(f"{VMS}/{found[0]['id']}/")
