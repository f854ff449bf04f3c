# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What this collection relies on about NetBox's tokens and permissions, asked of the double and of a real NetBox."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.tests.doubles.netbox import versions
from ansible_collections.eventops.infra.tests.integration.netbox.lab import ADDRESS, ADDRESSES, DEVICE, JOURNAL, VM, VMS

READER = {VM: ["view"], ADDRESS: ["view"], DEVICE: ["view"], "extras.journalentry": ["view", "add"]}


def user_with(instance, allowed, **token):
    """Make a user who may do some things, and return the token."""
    user = instance.make("users/users", username=instance.name("user"), password=f"A-1-{instance.prefix}")["id"]
    for object_type, actions in allowed.items():
        name = f"{instance.name('may')} {object_type}"[:100]
        instance.make("users/permissions", name=name, object_types=[object_type], actions=actions, users=[user])
    made = instance.make("users/tokens", user=user, **token)
    if versions.is_before(instance.version, "4.5"):
        return made["key"]
    return made["token"] if made["version"] == 1 else f"nbt_{made['key']}.{made['token']}"


@pytest.mark.parametrize("headers", [
    {}, {"Authorization": f"Token {'0' * 40}"}, {"Authorization": f"Bearer nbt_{'A' * 12}.{'B' * 40}"}, {"Authorization": "Basic YTpi"},
], ids=["none", "of version 1", "of version 2", "another scheme"])  # fmt: skip
def test_a_bad_token_is_answered_by_403(instance, headers):
    answer = instance.api.ask("GET", f"{VMS}/", headers=headers)
    assert answer.status == 403 and answer.body["detail"]


def test_tokens_of_both_versions_are_taken_and_before_4_5_of_the_first(instance):
    for number in (1,) if versions.is_before(instance.version, "4.5") else (1, 2):
        token = user_with(instance, {VM: ["view"]}, version=number)
        assert token.startswith("nbt_") == (number == 2)
        assert instance.with_token(token).ask("GET", f"{VMS}/?limit=1").status == 200
        assert instance.with_token(token[:-1]).ask("GET", f"{VMS}/?limit=1").status == 403
        instance.remove_all()


def test_the_answer_that_makes_a_token_has_its_plain_text_and_of_version_2_no_other(instance):
    user = instance.make("users/users", username=instance.name("user"), password=f"A-1-{instance.prefix}")["id"]
    made = instance.make("users/tokens", user=user)
    if versions.is_before(instance.version, "4.5"):
        assert len(made["key"]) == 40 and "token" not in made
    else:
        assert made["version"] == 2 and made["token"] and made["key"]
        assert not instance.api.get(f"users/tokens/{made['id']}/").get("token")


def test_what_the_source_needs_is_enough(instance):
    log = versions.change_log_type(instance.version)
    api = instance.with_token(user_with(instance, READER | {log: ["view"]}))
    vm, _address = instance.ready_vm(instance.cluster())
    for path in (f"{VMS}/{vm}/", f"{ADDRESSES}/?virtual_machine_id={vm}", "dcim/devices/?limit=1", f"{instance.log}/?limit=1", "status/"):
        assert api.ask("GET", path).status == 200, path
    assert api.get(f"{VMS}/{vm}/")["primary_ip"]["address"]
    entry = {"assigned_object_type": VM, "assigned_object_id": vm, "kind": "success", "comments": "applied"}
    assert api.ask("POST", f"{JOURNAL}/", entry).status == 201
    for method, path, body in (
        ("PATCH", f"{VMS}/{vm}/", {"comments": "x"}),
        ("DELETE", f"{VMS}/{vm}/", None),
        ("GET", "dcim/sites/?limit=1", None),
        ("POST", "extras/webhooks/", {"name": instance.name("hook"), "payload_url": "http://127.0.0.1/"}),
    ):
        assert api.ask(method, path, body).status == 403, (method, path)


def test_a_token_that_may_not_write_does_not(instance):
    api = instance.with_token(user_with(instance, {VM: ["view", "change"]}, write_enabled=False))
    vm = instance.vm(instance.cluster())["id"]
    assert api.ask("GET", f"{VMS}/{vm}/").status == 200
    assert api.ask("PATCH", f"{VMS}/{vm}/", {"comments": "x"}).status == 403


def test_a_permission_with_constraints_covers_what_meets_them(instance):
    user = instance.make("users/users", username=instance.name("user"), password=f"A-1-{instance.prefix}")["id"]
    constraints = {"status": "active", "name__startswith": instance.prefix}
    permission = {"object_types": [VM], "actions": ["view"], "constraints": constraints, "users": [user]}
    instance.make("users/permissions", name=instance.name("may"), **permission)
    made = instance.make("users/tokens", user=user)
    token = made["key"] if versions.is_before(instance.version, "4.5") else f"nbt_{made['key']}.{made['token']}"
    cluster = instance.cluster()
    seen, unseen = instance.vm(cluster, "seen")["id"], instance.vm(cluster, "unseen", status="offline")["id"]
    api = instance.with_token(token)
    assert [vm["id"] for vm in api.results(f"{VMS}/")] == [seen]
    assert api.ask("GET", f"{VMS}/{unseen}/").status == 404
