# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The rulebook netbox_vm: its variables arrive where they should, and each of its rules takes what it should and nothing else."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.settings import Settings, read_settings
from ansible_collections.eventops.infra.plugins.plugin_utils.router.config import RouterConfig, read_children, read_config
from ansible_collections.eventops.infra.tests.e2e.harness import Rulebook
from ansible_collections.eventops.infra.tests.e2e.waiting import wait_until
from ansible_rulebook.util import substitute_variables
from ansible_rulebook.validators import Validate

from .events_put import ROUTER, start_with_events

RULEBOOK = Path(__file__).absolute().parents[3] / "extensions" / "eda" / "rulebooks" / "netbox_vm.yml"
# A playbook that writes down for which event it ran.
WRITES_DOWN = """
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.copy:
        content: ""
        dest: "{{ lookup('ansible.builtin.env', 'TRACES') }}/%s {{ ansible_eda.event.id }}"
        mode: "0600"
"""


@pytest.fixture
def written() -> list[dict]:
    return yaml.safe_load(RULEBOOK.read_text(encoding="utf-8"))


def configured(written: list[dict], variables: Mapping, **environment: str) -> tuple[RouterConfig, Settings]:
    """Return what the router and the source make of the arguments that ansible-rulebook gives to them."""
    mistakes = Mistakes()
    arguments = {key: substitute_variables(value, variables) for key, value in written[0]["sources"][0][ROUTER].items()}
    children = read_children(arguments, "", mistakes)
    config = read_config(arguments, children, where="", inventory=None, environment={}, mistakes=mistakes)
    mistakes.raise_if_any()
    [netbox] = config.children
    return config, read_settings(netbox.args, environment)


def test_it_keeps_to_the_schema_of_ansible_rulebook(written):
    Validate.rulebook(written)


def test_without_variables_it_does_nothing_and_takes_the_token_from_the_environment(written, tmp_path):
    variables = {"eventops_store": str(tmp_path / "store.db"), "NETBOX_URL": "https://netbox.example.com"}
    config, netbox = configured(written, variables, NETBOX_TOKEN="nbt_a.token")

    assert (config.policy.base.mode, config.policy.base.cooldown) == ("observe", 0)
    assert (netbox.access.url, netbox.access.token) == ("https://netbox.example.com", "nbt_a.token")
    assert (netbox.door, netbox.filters, netbox.start, netbox.reads_on) == (None, {}, "now", True)
    assert netbox.object_types == ("virtualization.virtualmachine",)


def test_every_variable_that_it_names_arrives(written, tmp_path):
    files = {name: tmp_path / name for name in ("token", "secret")}
    for path in files.values():
        path.write_text("a text that nobody guesses, of a test\n", encoding="ascii")
    variables = {
        "eventops_mode": "enforce",
        "eventops_store": str(tmp_path / "other.db"),
        "eventops_netbox_url": "https://netbox.example.com/",
        "eventops_netbox_token_file": str(files["token"]),
        "eventops_netbox_filters": {"tag": ["managed"]},
        "eventops_netbox_ready_within": 7200,
        "eventops_netbox_interval": 5,
        "eventops_netbox_from": "all",
        "eventops_netbox_connection": {"ansible_port": "custom_fields.ssh_port"},
        "eventops_netbox_feedback": False,
        "eventops_webhook_secret_file": str(files["secret"]),
        "eventops_webhook_listen": "127.0.0.1:6001",
        "eventops_attempts": 5,
        "eventops_backoff": 0.5,
        "eventops_backoff_factor": 3,
        "eventops_max_backoff": 60,
        "eventops_cooldown": 90,
    }

    config, netbox = configured(written, variables)

    attempts = config.policy.base.attempts
    assert (config.policy.base.mode, config.store) == ("enforce", tmp_path / "other.db")
    assert (attempts.max, attempts.backoff, attempts.factor, attempts.max_backoff) == (5, 0.5, 3, 60)
    assert config.policy.base.cooldown == 90
    assert (netbox.access.url, netbox.access.token) == ("https://netbox.example.com", "a text that nobody guesses, of a test")
    assert (netbox.ready_within_seconds, netbox.interval_seconds, netbox.start, netbox.feedback) == (7200, 5, "all", None)
    assert netbox.filters == {"virtualization.virtualmachine": [("tag", "managed")]}
    assert netbox.connection["ansible_port"] == "custom_fields.ssh_port"
    assert (netbox.door.host, netbox.door.port) == ("127.0.0.1", 6001)


NUMBERS = itertools.count(1)


def event(type_: str, name: str, status: str = "active", **data: object) -> dict:
    """Return an event as the router puts it; its id says what it is."""
    type_ = type_ if type_.startswith("case.") else f"netbox.virtualmachine.{type_}"
    hosts = ["localhost"] if type_.startswith("case.") else ["vm-01"]
    thing = {"name": "vm-01", "status": {"value": status, "label": status.title()}}
    meta = {"uuid": f"00000000-0000-4000-8000-{next(NUMBERS):012}", "hosts": hosts}
    envelope = {"specversion": "1.0", "id": name, "type": type_, "time": "2026-01-31T12:00:00Z", "subject": "vm-01", "severity": "info", "hosts": hosts}
    return {**envelope, "data": {"object": thing, **data}, "meta": meta}


EVENTS = {
    "onboard": [
        event("ready", "ready"),
        event("updated", "context", changed=["config_context"]),
        event("updated", "comments-and-tags", changed=["comments", "tags"]),
        event("updated", "now-active", changed=["status"]),
        event("updated", "address", changed=["primary_ip4"]),
        event("updated", "login-user-or-host-key", changed=["custom_fields"]),
    ],
    "provision": [event("created", "planned", "planned"), event("updated", "now-planned", "planned", changed=["status"])],
    "decommission": [event("updated", "going", "decommissioning", changed=["status"]), event("deleted", "gone", "offline")],
    "escalate": [
        event("case.exhausted", "exhausted"),
        event("case.unresolved", "unresolved"),
        event("case.storm", "storm"),
        event("not_ready", "not-ready", missing=["primary_ip"], since="2026-01-31T11:00:00Z"),
    ],
    "nothing": [
        event("ready", "ready-but-offline", "offline"),
        event("created", "created"),
        event("updated", "comments", changed=["comments", "description", "rolename", "my_tags"]),
        event("updated", "vcpus", changed=["memory", "vcpus"]),
        event("updated", "offline-tags", "offline", changed=["tags"]),
        event("updated", "still-planned", "planned", changed=["comments"]),
        event("updated", "going-still", "decommissioning", changed=["tags"]),
        {**event("deleted", "of-another-model"), "type": "netbox.device.deleted"},
    ],
}


def ran(rulebook: Rulebook) -> list[str]:
    return sorted(path.name for path in (rulebook.directory / "ran").iterdir())


@pytest.mark.parametrize("named", [True, False], ids=["all playbooks are named", "none is named"])
def test_each_rule_takes_what_it_should(directory, env, named):
    rulebook = Rulebook(directory / "rulebook", env)
    always, optional = ("onboard", "escalate"), ("provision", "decommission")
    playbooks = {f"eventops_{'escalation' if name == 'escalate' else name}_playbook": f"{name}.yml" for name in (*always, *(optional if named else ()))}
    rulebook.write("eventops.infra.netbox_vm", {"vm-01": {}}, playbooks)
    for name in (*always, *optional):
        rulebook.write_playbook(f"{name}.yml", WRITES_DOWN % name)
    last = event("ready", "last")
    (rulebook.directory / "ran").mkdir()
    wanted = [f"{name} {each['id']}" for name in (*always, *(optional if named else ())) for each in EVENTS[name]]

    start_with_events(rulebook, [*(each for events in EVENTS.values() for each in events), last], TRACES=str(rulebook.directory / "ran"))
    try:
        wait_until(lambda: len(ran(rulebook)) > len(wanted), "all done", 60, lambda: f"{ran(rulebook)}\n{rulebook.output}")
    finally:
        rulebook.close()

    assert ran(rulebook) == sorted([*wanted, "onboard last"])
