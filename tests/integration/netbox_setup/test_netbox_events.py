# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The playbook netbox_events: it sets NetBox up once, changes nothing the second time, and says before what it would do."""

from __future__ import annotations

import stat

import pytest
from ansible_collections.eventops.infra.tests.doubles.netbox import Running
from ansible_collections.eventops.infra.tests.integration.netbox_setup.operator import PLAYBOOK, SECRET, Operator
from ansible_collections.eventops.infra.tests.integration.netbox_setup.receiving import Receiver

WEBHOOK, RULE, USER, TOKEN, PERMISSION = "extras.webhook", "extras.eventrule", "users.user", "users.token", "users.objectpermission"
READ = [
    "virtualization/virtual-machines",
    "virtualization/interfaces",
    "virtualization/clusters",
    "dcim/devices",
    "ipam/ip-addresses",
    "extras/config-contexts",
    "extras/tags",
    "extras/journal-entries",
    "core/object-changes",
    "status",
]
NOT_READ = ["extras/webhooks", "extras/event-rules", "users/users", "users/tokens", "users/permissions", "dcim/sites", "dcim/platforms"]


def objects(netbox: Running) -> dict[str, list[dict]]:
    """Return all that the playbook may make."""
    return {kind: netbox.all(kind) for kind in (WEBHOOK, RULE, USER, TOKEN, PERMISSION)}


def made_vm(netbox: Running, name: str = "web01") -> dict:
    """Document a virtual machine, as somebody else would."""
    site = netbox.find("dcim.site", name="here") or netbox.create("dcim.site", name="here", slug="here")
    return netbox.create("virtualization.virtualmachine", name=name, site=site["id"])


def test_check_mode_changes_nothing_and_predicts_the_run_and_a_second_run_changes_nothing(operator: Operator, netbox: Running) -> None:
    before = objects(netbox)

    predicted = operator.set_up("--check", "--diff")

    assert predicted.rc == 0, predicted.output
    assert objects(netbox) == before
    assert not operator.token_path.exists()

    first = operator.set_up("--diff")

    assert first.rc == 0, first.output
    assert first.of("changed") == predicted.of("changed") == {"localhost": 5}

    made = objects(netbox)
    second = operator.set_up("--diff")

    assert second.rc == 0, second.output
    assert second.of("changed") == {"localhost": 0}
    assert "--- before" not in second.output
    assert objects(netbox) == made
    assert [SECRET in run.output for run in (predicted, first, second)] == [False] * 3


def test_the_account_can_do_what_the_source_needs_and_nothing_more(operator: Operator, netbox: Running) -> None:
    assert operator.set_up().rc == 0
    vm = made_vm(netbox)
    entry = {"assigned_object_type": "virtualization.virtualmachine", "assigned_object_id": vm["id"], "kind": "success", "comments": "done"}
    token = operator.token
    its_vm = f"virtualization/virtual-machines/{vm['id']}"

    assert token.startswith("nbt_")
    assert stat.S_IMODE(operator.token_path.stat().st_mode) == 0o600
    assert {path: operator.ask("GET", path, token) for path in [*READ, its_vm]} == dict.fromkeys([*READ, its_vm], 200)
    assert operator.ask("POST", "extras/journal-entries", token, **entry) == 201

    assert {path: operator.ask("GET", path, token) for path in NOT_READ} == dict.fromkeys(NOT_READ, 403)
    assert operator.ask("PATCH", its_vm, token, comments="mine") == 403
    assert operator.ask("DELETE", its_vm, token) == 403
    assert operator.ask("POST", "virtualization/virtual-machines", token, name="other", site=1) == 403
    assert operator.ask("PATCH", "extras/journal-entries/1", token, comments="nothing happened") == 403
    assert operator.ask("DELETE", "extras/journal-entries/1", token) == 403
    assert [one["name"] for one in netbox.virtual_machines] == ["web01"]


def test_what_somebody_has_changed_is_mended_without_showing_a_secret(operator: Operator, netbox: Running, receiver: Receiver) -> None:
    assert operator.set_up().rc == 0
    netbox.update(WEBHOOK, 1, secret="of-somebody-else", payload_url="http://127.0.0.1:1/elsewhere", ssl_verification=False)
    netbox.update(RULE, 1, enabled=False, object_types=["dcim.device"], conditions={"attr": "name", "value": "x"})
    everything = netbox.create(PERMISSION, name="everything", object_types=[USER], actions=["view", "change"])
    account = netbox.find(USER, username="eventops")
    netbox.update(USER, account["id"], permissions=[*account["permissions"], everything["id"]])
    operator.token_path.chmod(0o644)

    run = operator.set_up("--diff", "-v")

    assert run.rc == 0, run.output
    assert run.of("changed") == {"localhost": 4}  # webhook, rules, user, token
    assert '"secret": "another one"' in run.output
    assert "of-somebody-else" not in run.output
    assert SECRET not in run.output
    assert stat.S_IMODE(operator.token_path.stat().st_mode) == 0o600
    assert operator.ask("GET", "users/users", operator.token) == 403
    made_vm(netbox)
    netbox.wait_for_webhooks()
    assert [one.is_signed_with(SECRET) for one in receiver.received] == [True]


def test_without_a_worker_all_is_set_up_and_the_run_fails_with_what_to_do(operator: Operator, netbox: Running) -> None:
    netbox.workers = 0

    run = operator.set_up()

    assert run.rc != 0
    assert "NetBox 4.6.8" in run.text
    assert "none of its background workers runs, so it sends nothing: start netbox-rq" in run.text
    assert [rule["name"] for rule in netbox.all(RULE)] == ["eventops hosts", "eventops config contexts"]
    assert operator.token_path.exists()

    warned = operator.set_up(require_workers=False)

    assert warned.rc == 0, warned.output
    assert "[WARNING]: no background worker of NetBox runs, so it sends no webhook: start netbox-rq" in warned.text


def test_a_model_that_netbox_does_not_know_is_refused_as_netbox_says_it(operator: Operator, netbox: Running) -> None:
    run = operator.set_up(rules=[{"name": "wrong", "object_types": ["virtualization.vm"]}])

    assert run.rc != 0
    assert "NetBox refused POST /api/extras/event-rules/ with 400: object_types" in run.text
    assert "virtualization.vm" in run.text
    assert netbox.all(RULE) == []


def test_without_a_url_there_is_no_webhook_and_no_worker_is_needed(operator: Operator, netbox: Running) -> None:
    netbox.workers = 0

    run = operator.set_up(payload_url="", secret="")

    assert run.rc == 0, run.output
    assert netbox.all(WEBHOOK) == netbox.all(RULE) == []
    assert operator.ask("GET", "core/object-changes", operator.token) == 200


def test_a_webhook_needs_a_secret(operator: Operator, netbox: Running) -> None:
    run = operator.set_up(secret="")

    assert run.rc != 0
    assert "netbox_events_secret: must be what NetBox signs with" in run.text
    assert netbox.all(WEBHOOK) == []


def test_a_token_that_was_lost_is_made_anew_only_when_that_was_said(operator: Operator, netbox: Running) -> None:
    assert operator.set_up().rc == 0
    lost = operator.token
    operator.token_path.unlink()

    refused = operator.set_up()

    assert refused.rc != 0
    assert "NetBox showed it once, when it was created. Copy the file from where it was written, or renew the token" in refused.text
    assert operator.ask("GET", "status", lost) == 200

    assert operator.set_up(token_renew=True).of("changed") == {"localhost": 1}

    assert operator.ask("GET", "status", operator.token) == 200
    assert operator.ask("GET", "status", lost) == 403


def test_the_account_may_change_what_was_listed_and_no_longer_when_it_is_not(operator: Operator, netbox: Running) -> None:
    assert operator.set_up(may_change=["virtualization.virtualmachine"]).rc == 0
    vm = f"virtualization/virtual-machines/{made_vm(netbox)['id']}"
    assert operator.ask("PATCH", vm, operator.token, comments="healed") == 200

    assert operator.set_up().rc == 0

    assert operator.ask("PATCH", vm, operator.token, comments="healed") == 403
    assert operator.ask("GET", vm, operator.token) == 200


def test_a_change_arrives_signed_and_no_password_is_in_a_url_or_in_the_output(operator: Operator, netbox: Running, receiver: Receiver) -> None:
    run = operator.set_up("-vvv", "--diff")

    assert run.rc == 0, run.output
    (made,) = [asked.body for asked in netbox.requests if asked.method == "POST" and asked.path == "/api/users/users/"]
    assert len(made["password"]) > 40
    assert [word in run.output for word in (made["password"], operator.token, SECRET, netbox.token)] == [False] * 4
    assert not any("password" in asked.query for asked in netbox.requests)

    made_vm(netbox)
    context = netbox.create("extras.configcontext", name="roles", data={"ansible_roles": ["web"]})
    netbox.update("extras.configcontext", context["id"], data={})
    netbox.wait_for_webhooks()

    assert [(one.told["object_type"], one.told["event"]) for one in receiver.received] == [
        ("virtualization.virtualmachine", "created"),
        ("extras.configcontext", "created"),
        ("extras.configcontext", "updated"),
    ]
    assert all(one.is_signed_with(SECRET) for one in receiver.received)


@pytest.mark.parametrize("version", ["4.0.11", "4.4.10"])
def test_an_older_netbox_is_set_up_by_the_names_that_it_has(version: str, operator: Operator, netbox: Running, receiver: Receiver) -> None:
    operator.variables["netbox_events_api_token"] = netbox.token_v1

    first = operator.set_up()

    assert first.rc == 0, first.output
    assert not operator.token.startswith("nbt_")
    assert operator.ask("GET", "extras/object-changes" if version == "4.0.11" else "core/object-changes", operator.token) == 200
    made_vm(netbox)
    netbox.wait_for_webhooks()
    assert [one.told["event"] for one in receiver.received] == ["created"]
    assert operator.set_up().of("changed") == {"localhost": 0}


def test_it_does_not_run_without_the_limit(operator: Operator, netbox: Running) -> None:
    run = operator.play(PLAYBOOK, variables=operator.variables)

    assert run.rc != 0
    assert "This run is refused." in run.text
    assert not netbox.requests
