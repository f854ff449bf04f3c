# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A site as a user has one: NetBox, the rulebook that follows it, a machine behind a real sshd, and another that nobody speaks of."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.eventops.infra.tests.doubles.netbox import NetBox
from ansible_collections.eventops.infra.tests.e2e.harness import Rulebook
from ansible_collections.eventops.infra.tests.e2e.ledger import Ledger
from ansible_collections.eventops.infra.tests.e2e.services import free_port
from ansible_collections.eventops.infra.tests.e2e.sshd import Sshd
from ansible_collections.eventops.infra.tests.e2e.waiting import wait_until

VM = "virtualization.virtualmachine"
SECRET = "a secret of NetBox's webhook"
# What docs/netbox.md says the source needs, and no more.
ALLOWED = {
    **dict.fromkeys([VM, "virtualization.cluster", "ipam.ipaddress", "extras.configcontext", "extras.tag", "core.objectchange"], ["view"]),
    "extras.journalentry": ["view", "add"],
}
# It says that it has begun, and goes on when it may.
ROLE = """
- ansible.builtin.shell: echo {{ inventory_hostname }} >> "{{ lookup('ansible.builtin.env', 'TRACES') }}/begun"
- ansible.builtin.wait_for: {path: "{{ lookup('ansible.builtin.env', 'TRACES') }}/go", timeout: 60}
- ansible.builtin.shell: echo {{ inventory_hostname }} >> "{{ lookup('ansible.builtin.env', 'TRACES') }}/done"
"""
SOURCE = "virtualization.vminterface"


class Site:
    """Files, NetBox's objects, and what came of it all.

    :param has_webhook: whether NetBox posts, or its change log is all that tells.
    """

    def __init__(self, rulebook: Rulebook, directory: Path, env: Mapping[str, str], netbox: NetBox, *, has_webhook: bool) -> None:
        self.rulebook, self.netbox = rulebook, netbox
        self.ledger = Ledger(directory / "store.db")
        self.traces = directory / "traces"
        self.traces.mkdir()
        self.sshd = Sshd(directory / "vm", env, "127.0.0.2").start()
        self._roles = directory / "roles"
        role = self._roles / "baseline" / "tasks" / "main.yml"
        role.parent.mkdir(parents=True)
        role.write_text(ROLE, encoding="utf-8")
        self._write_rulebook(directory, has_webhook)
        self._document()

    def set(self, **variables: Any) -> None:
        """Write what the next start reads, with other variables."""
        self._variables |= variables
        self.rulebook.write("eventops.infra.netbox_vm", {"bystander": {}}, self._variables)

    def start(self) -> None:
        """Start ansible-rulebook, and wait until it follows NetBox."""
        asked = len(self.netbox.requests)
        self.rulebook.start(ANSIBLE_ROLES_PATH=str(self._roles), TRACES=str(self.traces))
        self.wait_for(lambda: any("object-changes" in each.path for each in self.netbox.requests[asked:]), "NetBox is followed")

    def kill(self) -> None:
        """Do what `kill -9` does to it, and start it again."""
        self.rulebook.kill()
        self.start()

    def wait_for(self, condition: Any, what: str, seconds: float = 90) -> Any:
        """Wait until something is so."""
        return wait_until(condition, what, seconds, lambda: self.rulebook.output[-3000:])

    def create_vm(self, name: str, **fields: Any) -> int:
        """Write a machine down, without an address; return its id."""
        custom = {"login_user": self.sshd.user, "ssh_host_key": self.sshd.host_key, "ssh_port": self.sshd.port}
        return self.netbox.create(VM, **{"name": name, "status": "active", "cluster": self.cluster, "custom_fields": custom, **fields})["id"]

    def create_interface(self, vm: int) -> int:
        """Give a machine an interface; return its id."""
        return self.netbox.create(SOURCE, virtual_machine=vm, name="eth0")["id"]

    def create_address(self, interface: int, address: str | None = None) -> int:
        """Give an interface the machine's address; return its id."""
        assigned = {"assigned_object_type": SOURCE, "assigned_object_id": interface}
        return self.netbox.create("ipam.ipaddress", address=address or f"{self.sshd.address}/8", **assigned)["id"]

    def make_primary(self, vm: int, address: int) -> None:
        """Make an address the machine's primary one."""
        self.netbox.update(VM, vm, primary_ip4=address)

    def go(self) -> None:
        """Let the role go on."""
        (self.traces / "go").touch()

    def trace(self, name: str) -> list[str]:
        """Return the hosts that the role began with, or is done with."""
        path = self.traces / name
        return path.read_text(encoding="utf-8").split() if path.exists() else []

    def journal(self, vm: int) -> list[dict]:
        """Return the journal entries of a machine."""
        return [entry for entry in self.netbox.journal_entries if (entry["assigned_object_type"], entry["assigned_object_id"]) == (VM, vm)]

    def case(self, type_: str, state: str) -> dict:
        """Return the case of a type of event when it is in a state."""
        return self.ledger.wait_for(lambda ledger: next(iter(ledger.cases(type=type_, state=state)), None), f"{type_} {state}", 90)

    def _document(self) -> None:
        for name, kind in (("login_user", "text"), ("ssh_host_key", "longtext"), ("ssh_port", "integer")):
            self.netbox.create("extras.customfield", name=name, type=kind, object_types=[VM])
        kind = self.netbox.create("virtualization.clustertype", name="kvm", slug="kvm")
        self.cluster = self.netbox.create("virtualization.cluster", name="lab", type=kind["id"])["id"]

    def _write_rulebook(self, directory: Path, has_webhook: bool) -> None:
        token, secret = directory / "netbox.token", directory / "netbox.secret"
        token.write_text(self.netbox.add_user("eventops", ALLOWED), encoding="ascii")
        secret.write_text(SECRET, encoding="ascii")
        variables: dict[str, Any] = {
            "eventops_netbox_url": self.netbox.url,
            "eventops_netbox_token_file": str(token),
            "eventops_netbox_interval": 1,
            "eventops_netbox_connection": {"ansible_port": "custom_fields.ssh_port"},
            "eventops_store": str(self.ledger.store),
            "eventops_mode": "enforce",
            "eventops_backoff": 1,
            "eventops_attempts": 2,
        }
        if has_webhook:
            listen = f"127.0.0.1:{free_port('127.0.0.1')}"
            variables |= {"eventops_webhook_listen": listen, "eventops_webhook_secret_file": str(secret)}
            self.netbox.add_webhook(f"http://{listen}/netbox", [VM, "ipam.ipaddress", "extras.configcontext"], secret=SECRET)
        self._variables = variables
        self.set()
        inventory = self.rulebook.directory / "inventory"
        (inventory / "cases.eventops.yml").write_text("plugin: eventops.infra.cases\n", encoding="utf-8")
        (inventory / "group_vars").mkdir()
        settings = {
            "ansible_ssh_private_key_file": str(self.sshd.identity),
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
            "onboard_vm_host_key": "netbox",
            "onboard_vm_known_hosts_directory": str(directory / "known hosts"),
            "onboard_vm_allowed_roles": ["baseline"],
            "onboard_vm_ssh_timeout": 20,
        }
        (inventory / "group_vars" / "all.yml").write_text(yaml.safe_dump(settings), encoding="utf-8")
