# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What docs/netbox.md shows of the playbook netbox_events, run as it is shown but for the places."""

from __future__ import annotations

import shlex

import yaml
from ansible_collections.eventops.infra.tests.doubles.netbox import Running
from ansible_collections.eventops.infra.tests.e2e.documents import block, changed
from ansible_collections.eventops.infra.tests.integration.netbox_setup.operator import Operator
from ansible_collections.eventops.infra.tests.integration.netbox_setup.receiving import Receiver

PAGE = "netbox.md"
VM = "virtualization.virtualmachine"


def test_the_page_sets_netbox_up_to_send_what_has_an_address(operator: Operator, netbox: Running, receiver: Receiver) -> None:
    secret = operator.write("netbox.secret", "f00d" * 16 + "\n")
    places = {
        "https://netbox.example.com": netbox.url,
        "https://eventops.example.com:5001/netbox": receiver.url,
        "/etc/eventops/netbox.secret": str(secret),
        "/etc/eventops/netbox.token": str(operator.token_path),
    }
    operator.write("netbox.yml", changed(block(PAGE, "yaml", "# netbox.yml"), places) + block(PAGE, "yaml", "netbox_events_rules:"))
    (_private, _make_secret, check, run) = [shlex.split(line) for line in block(PAGE, "console", "umask 077").splitlines()]
    assert run == ["ansible-playbook", "eventops.infra.netbox_events", "-i", "inventory", "--limit", "localhost", "-e", "@netbox.yml"]
    assert check == [*run, "--check", "--diff"]

    checked, done = (operator.play(command[1], *command[2:], NETBOX_TOKEN=netbox.token) for command in (check, run))

    assert checked.rc == done.rc == 0, checked.output + done.output
    assert checked.of("changed") == done.of("changed")
    vm = _made_vm(netbox)
    netbox.update(VM, vm["id"], comments="no address yet")
    nic = netbox.create("virtualization.vminterface", virtual_machine=vm["id"], name="eth0")
    address = netbox.create("ipam.ipaddress", address="192.0.2.10/24", assigned_object_type="virtualization.vminterface", assigned_object_id=nic["id"])
    netbox.update(VM, vm["id"], primary_ip4=address["id"])
    netbox.wait_for_webhooks()
    (only,) = receiver.received
    assert only.told["event"] == "updated"
    assert only.told["data"]["primary_ip4"]["address"] == "192.0.2.10/24"
    assert only.is_signed_with("f00d" * 16)


def test_what_the_page_makes_by_hand_is_what_the_modules_make(operator: Operator) -> None:
    by_hand = yaml.safe_load(block(PAGE, "json", '{"name": "eventops", "object_types"'))

    _run, (webhook, rule) = operator.do(
        {"netbox_webhook": {"data": yaml.safe_load(block(PAGE, "json", '{"name": "eventops", "payload_url"'))}},
        {"netbox_event_rule": {"data": {"name": by_hand["name"], "object_types": by_hand["object_types"], "action_object": "eventops"}}},
    )

    assert webhook["changed"]
    assert {name: rule["event_rule"][name] for name in by_hand if name != "action_type"} == {name: by_hand[name] for name in by_hand if name != "action_type"}


def _made_vm(netbox: Running) -> dict:
    site = netbox.create("dcim.site", name="here", slug="here")
    return netbox.create(VM, name="web01", site=site["id"])
