# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A machine is documented in NetBox and configured by itself: as docs/onboard_vm.md shows it, on a real sshd and NetBox's double."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from ansible_collections.eventops.infra.tests.doubles.netbox import NetBox, running_netbox
from ansible_collections.eventops.infra.tests.e2e import sshd as ssh
from ansible_collections.eventops.infra.tests.e2e.documents import block, changed
from ansible_collections.eventops.infra.tests.e2e.harness import Rulebook
from ansible_collections.eventops.infra.tests.e2e.ledger import Ledger
from ansible_collections.eventops.infra.tests.e2e.sshd import Sshd

pytestmark = ssh.needed

PAGE = "onboard_vm.md"
VM = "virtualization.virtualmachine"
ROLE = """
- ansible.builtin.lineinfile:
    path: "{{ lookup('ansible.builtin.env', 'TRACES') }}/%(name)s-{{ inventory_hostname }}"
    line: "{{ ansible_facts.system }} {{ %(name)s_port | default('') }}"
    create: true
    mode: "0600"
"""


class Story:
    """The page's site: its files, but for places, and a machine that is this one."""

    def __init__(self, rulebook: Rulebook, directory: Path, env: dict[str, str], netbox: NetBox) -> None:
        self.rulebook, self.netbox = rulebook, netbox
        self.ledger = Ledger(directory / "store.db")
        self.traces = directory / "traces"
        self.traces.mkdir()
        self.vm = Sshd(directory / "vm", env, "127.0.0.2")
        self._tag = prepared(netbox)
        token = directory / "netbox.token"
        token.write_text(netbox.token, encoding="ascii")
        variables = shown("variables.yml", {"https://netbox.example.com": netbox.url, "/etc/eventops/netbox.token": str(token)})
        own = {"eventops_store": str(self.ledger.store), "eventops_netbox_connection": {"ansible_port": "custom_fields.ssh_port"}}
        quick = {"eventops_netbox_interval": 1, "eventops_backoff": 1, "eventops_attempts": 2}
        self._variables = {**variables, **own, **quick}
        rulebook.write("eventops.infra.netbox_vm", {}, self._variables)
        inventory = rulebook.directory / "inventory"
        (inventory / "hosts.yml").unlink()  # the page has no host of its own
        (inventory / "cases.eventops.yml").write_text(block(PAGE, "yaml", "# cases.eventops.yml"), encoding="utf-8")
        settings = shown("group_vars/all.yml", {"/etc/eventops/id_ed25519": str(self.vm.identity), "acme.web.nginx": "nginx"})
        (inventory / "group_vars").mkdir()
        settings["ansible_python_interpreter"] = "{{ ansible_playbook_python }}"
        (inventory / "group_vars" / "all.yml").write_text(yaml.safe_dump(settings), encoding="utf-8")
        self._roles = directory / "roles"
        for name in ("common", "nginx", "chrony"):
            path = self._roles / name / "tasks" / "main.yml"
            path.parent.mkdir(parents=True)
            path.write_text(ROLE % {"name": name}, encoding="utf-8")

    def observe(self, *, only: bool) -> None:
        """Write the variables anew, with or without the mode enforce."""
        left_out = {"eventops_mode"} if only else set()
        written = {name: value for name, value in self._variables.items() if name not in left_out}
        (self.rulebook.directory / "variables.yml").write_text(yaml.safe_dump(written), encoding="utf-8")

    def play(self, name: str, *options: str) -> str:
        """Run a playbook of the page by hand, and return what it says."""
        self.rulebook.write_playbook(name, block(PAGE, "yaml", f"# {name}"))
        command = ["ansible-playbook", name, "-i", "inventory", "--limit", "localhost", *options]
        env = self.rulebook.env | {"EVENTOPS_STORE": str(self.ledger.store)}
        done = subprocess.run(command, cwd=self.rulebook.directory, env=env, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self) -> None:
        """Start ansible-rulebook, and wait until it follows NetBox."""
        before = len(self.netbox.requests)
        self.rulebook.start(ANSIBLE_ROLES_PATH=str(self._roles), TRACES=str(self.traces))
        self.ledger.wait_for(lambda _ledger: any("object-changes" in asked.path for asked in self.netbox.requests[before:]), "NetBox is followed", 60)

    def document(self, context: dict, name: str = "web-01", host_key: str | None = None) -> int:
        """Write the machine down, as a person does, and return its id."""
        self.netbox.create("extras.customfield", name="ssh_port", type="integer", object_types=[VM])
        kind = self.netbox.create("virtualization.clustertype", name="Lab", slug="lab")
        cluster = self.netbox.create("virtualization.cluster", name="lab", type=kind["id"])
        fields = {"login_user": self.vm.user, "ssh_host_key": self.vm.host_key if host_key is None else host_key, "ssh_port": self.vm.port}
        machine = self.netbox.create(VM, name=name, status="active", cluster=cluster["id"], tags=[self._tag], custom_fields=fields, local_context_data=context)
        port = self.netbox.create("virtualization.vminterface", virtual_machine=machine["id"], name="eth0")
        of_port = {"assigned_object_type": "virtualization.vminterface", "assigned_object_id": port["id"]}
        address = self.netbox.create("ipam.ipaddress", address=f"{self.vm.address}/8", **of_port)
        self.netbox.update(VM, machine["id"], primary_ip4=address["id"])
        return machine["id"]

    def wait_for(self, type_: str, state: str) -> dict:
        """Return the case of a type of event when it is in a state."""
        return self.ledger.wait_for(lambda ledger: next(iter(ledger.cases(type=type_, state=state)), None), f"{type_} {state}", 90)

    @property
    def done(self) -> dict[str, list[str]]:
        return {path.name: path.read_text(encoding="utf-8").splitlines() for path in sorted(self.traces.iterdir())}


def prepared(netbox: NetBox) -> int:
    """Run the page's commands that make the tag and the custom fields, as printed, and return the id of the tag."""
    commands = changed(block(PAGE, "console", "export NETBOX_URL="), {"https://netbox.example.com": netbox.url, "nbt_...": netbox.token})
    subprocess.run(["/bin/sh", "-ec", commands], check=True, timeout=60, capture_output=True)
    assert {(each["name"], each["type"]["value"]) for each in netbox.all("extras.customfield")} == {("login_user", "text"), ("ssh_host_key", "longtext")}
    [tag] = netbox.all("extras.tag")
    assert tag["slug"] == "managed"
    return tag["id"]


def shown(name: str, replacements: dict[str, str]) -> dict:
    return yaml.safe_load(changed(block(PAGE, "yaml", f"# {name}"), replacements))


@pytest.fixture
def netbox() -> Iterator[NetBox]:
    with running_netbox() as netbox:
        yield netbox


@pytest.fixture
def story(rulebook, directory, env, netbox) -> Story:
    return Story(rulebook, directory, env, netbox)


def test_what_the_page_shows_configures_a_machine_and_configures_it_again_when_that_changes(story):
    context = json.loads(changed(block(PAGE, "json", "{"), {"acme.web.nginx": "nginx"}))
    # Long data is left out of what the engine gets.
    context["something long"] = ["x" * 1000] * 100
    story.vm.start()
    story.start()
    number = story.document(context)

    ready = story.wait_for("netbox.virtualmachine.ready", "resolved")
    assert (ready["hosts"], ready["attempt"]) == (["web-01"], 1)
    assert story.done == {"chrony-web-01": ["Linux "], "common-web-01": ["Linux "], "nginx-web-01": ["Linux 8080"]}

    story.netbox.update(VM, number, comments="A comment starts nothing.")
    story.wait_for("netbox.virtualmachine.updated", "unmatched")
    story.netbox.update(VM, number, local_context_data={**context, "ansible_vars": {"nginx_port": 8081}})
    story.wait_for("netbox.virtualmachine.updated", "resolved")

    assert story.done == {"chrony-web-01": ["Linux "], "common-web-01": ["Linux "], "nginx-web-01": ["Linux 8080", "Linux 8081"]}
    assert story.rulebook.stop() == 0


def test_a_role_that_is_not_allowed_fails_the_case_with_its_name(story):
    story.vm.start()
    story.start()
    story.document({"ansible_roles": ["nginx", "miner"]})

    case = story.wait_for("netbox.virtualmachine.ready", "exhausted")

    assert "'miner' may not be run" in json.dumps([story.ledger.executions(), story.ledger.history(case["id"])])
    assert (story.done, story.vm.logins) == ({}, 0)
    assert story.rulebook.stop() == 0


def test_a_host_key_that_is_put_into_netbox_later_configures_the_machine_with_its_baseline(story):
    story.vm.start()
    story.start()
    number = story.document({"ansible_roles": ["nginx"]}, host_key="")
    story.wait_for("netbox.virtualmachine.ready", "exhausted")
    assert story.done == {}

    story.netbox.update(VM, number, custom_fields={"login_user": story.vm.user, "ssh_host_key": story.vm.host_key, "ssh_port": story.vm.port})
    story.wait_for("netbox.virtualmachine.updated", "resolved")

    assert set(story.done) == {"common-web-01", "nginx-web-01"}
    assert story.rulebook.stop() == 0


def test_what_was_only_observed_is_seen_and_sent_out_later_as_the_page_shows(story):
    story.vm.start()
    story.observe(only=True)
    story.start()
    story.document({"ansible_roles": ["nginx"]})
    observed = story.wait_for("netbox.virtualmachine.ready", "observed")
    assert f"{observed['id']}: netbox.virtualmachine.ready of web-01: " in story.play("look.yml")
    assert (story.rulebook.stop(), story.done) == (0, {})

    story.observe(only=False)
    story.start()
    story.play("retry.yml", "-e", f"number={observed['id']}")
    story.wait_for("netbox.virtualmachine.ready", "resolved")

    assert set(story.done) == {"common-web-01", "nginx-web-01"}
    assert story.rulebook.stop() == 0
