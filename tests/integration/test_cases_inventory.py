# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The inventory of cases in the real Ansible, beside a user's own inventory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import ansible_collections
import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.router.engine.for_playbooks import InventoryOfCases

COLLECTIONS = Path(next(iter(ansible_collections.__path__))).absolute().parent
LOCAL = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}


class Site:
    """A directory with the plugin's file and the user's own, and a store that a router may have written beside."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.inventory = folder / "inventory"
        self.inventory.mkdir()
        self.store = folder / "store.db"
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "EVENTOPS_"))}
        self.environment |= {"ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), "EVENTOPS_STORE": str(self.store), "HOME": str(folder)}
        # Sorts before hosts and hosts.ini, so Ansible reads it first.
        (self.inventory / "eventops.yml").write_text("plugin: eventops.infra.cases\n")

    def own(self, text: str, name: str = "hosts") -> None:
        (self.inventory / name).write_text(text)

    def cases(self, hosts: object) -> None:
        self.written(json.dumps({"hosts": hosts}))

    def written(self, text: str) -> None:
        path = Path(f"{self.store}.d") / "inventory.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    def ansible(self, program: str, *arguments: str) -> subprocess.CompletedProcess:
        command = [str(Path(sys.executable).with_name(program)), *arguments]
        return subprocess.run(command, cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=60, check=False)

    def listing(self, *sources: str) -> dict:
        options = [option for source in sources or ["inventory"] for option in ("-i", source)]
        done = self.ansible("ansible-inventory", *options, "--list")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def hostvars(self, *sources: str) -> dict:
        return _plain(self.listing(*sources)["_meta"]["hostvars"])


def _plain(value):
    """Read what ansible-inventory marks as no template."""
    if isinstance(value, dict):
        return value["__ansible_unsafe"] if set(value) == {"__ansible_unsafe"} else {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_it_adds_localhost_and_the_hosts_of_cases(site):
    site.own("[web]\nweb1 ansible_host=10.0.0.1\n")
    site.cases({"new1": {"ansible_host": "10.0.0.9", "ansible_port": 2222}})
    listing = site.listing()
    assert set(listing["web"]["hosts"]) == {"web1"}
    assert set(listing["ungrouped"]["hosts"]) == {"localhost", "new1"}
    assert site.hostvars() == {"localhost": LOCAL, "web1": {"ansible_host": "10.0.0.1"}, "new1": {"ansible_host": "10.0.0.9", "ansible_port": 2222}}


@pytest.mark.parametrize("order", [["inventory"], ["inventory/hosts", "inventory/eventops.yml"], ["inventory/eventops.yml", "inventory/hosts"]])
def test_what_the_user_says_about_a_host_stands_in_any_order(site, order):
    site.own("web1 ansible_user=me\nplain\nlocalhost ansible_connection=local greeting=mine\n[dbs]\ndb1\n")
    names = ("web1", "plain", "localhost", "db1", "dbs")
    site.cases({name: {"ansible_host": "10.9.9.9", "ansible_user": "them"} for name in names})
    assert site.hostvars(*order) == {"web1": {"ansible_user": "me"}, "localhost": {"ansible_connection": "local", "greeting": "mine"}}
    assert set(site.listing(*order)["dbs"]["hosts"]) == {"db1"}  # a group's name becomes no host


def test_group_vars_of_the_directory_hold_for_the_hosts_of_cases(site):
    (site.inventory / "group_vars").mkdir()
    (site.inventory / "group_vars" / "all.yml").write_text("site: here\n")
    site.cases({"new1": {}})
    assert site.hostvars()["new1"] == {"site": "here"}


@pytest.mark.parametrize("store", ["missing", None])
def test_without_a_router_there_is_localhost(site, store):
    if store is None:
        del site.environment["EVENTOPS_STORE"]
    site.own("web1\n")
    assert site.hostvars() == {"localhost": LOCAL}
    assert set(site.listing()["ungrouped"]["hosts"]) == {"localhost", "web1"}


def test_the_file_can_name_the_store(site):
    del site.environment["EVENTOPS_STORE"]
    (site.inventory / "eventops.yml").unlink()
    (site.inventory / "mine.eventops.yaml").write_text(f"plugin: eventops.infra.cases\nstore: {site.store}\n")
    site.cases({"new1": {}})
    assert set(site.listing()["ungrouped"]["hosts"]) == {"localhost", "new1"}


def test_two_files_for_it_are_as_good_as_one(site):
    (site.inventory / "again.eventops.yml").write_text("plugin: eventops.infra.cases\n")
    site.cases({"new1": {"ansible_port": 22}})
    assert site.hostvars() == {"localhost": LOCAL, "new1": {"ansible_port": 22}}


@pytest.mark.parametrize("text", ["", "[1]", '{"hosts": [', '{"hosts": ["web1"]}', '{"hosts": {"web1": 7}}'])
def test_a_file_that_no_router_wrote_is_named(site, text):
    site.own("web1\n")
    site.written(text)
    site.environment["ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED"] = "true"
    done = site.ansible("ansible-inventory", "-i", "inventory", "--list")
    assert done.returncode != 0
    assert "inventory.json: must be what the router writes" in " ".join(done.stderr.split())


def test_a_variable_is_data_and_a_playbook_reaches_the_hosts(site):
    site.own("web1\n")
    command = "{{ lookup('ansible.builtin.pipe', 'touch PWNED') }}"
    site.cases({"new1": {**LOCAL, "ansible_python_interpreter": sys.executable, "note": command, "notes": [{"deep": command}]}})
    (site.folder / "play.yml").write_text("""
- hosts: [localhost, new1]
  gather_facts: false
  tasks:
    - ansible.builtin.copy: {content: "{{ note | default('none') }}\\n{{ notes | default('none') }}", dest: "{{ playbook_dir }}/{{ inventory_hostname }}"}
    - ansible.builtin.command: "true"
    - ansible.builtin.meta: refresh_inventory
    - ansible.builtin.command: "true"
""")
    done = site.ansible("ansible-playbook", "-i", "inventory", "play.yml", "--limit", "localhost,new1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (site.folder / "localhost").read_text() == "none\nnone"
    assert (site.folder / "new1").read_text().startswith(command + "\n")
    assert not (site.folder / "PWNED").exists()


def test_the_guard_lets_a_run_to_a_declared_host_through_and_no_template_in_a_name_is_evaluated(site):
    """As the router writes it: the host of a case in flight, beside one that a hostile name stands for."""
    inventory = InventoryOfCases(site.store)
    Path(f"{site.store}.d").mkdir()
    own = {"ansible_host": "127.0.0.1", "ansible_port": 2222, "ansible_user": "ops"}
    inventory.expect("u-1", {"vm-1": own})
    hostile = "{{ lookup('ansible.builtin.pipe', 'touch PWNED') }}"
    assert inventory.is_ready_for(["u-1"], {"vm-1": {"ansible_host": "192.0.2.9"}, "vm-2": {"ansible_host": hostile}}, {})
    (site.folder / "play.yml").write_text("""
- hosts: all
  gather_facts: false
  connection: local
  tasks:
    - ansible.builtin.import_role: {name: eventops.infra.guard}
    - ansible.builtin.copy:
        content: "{{ ansible_host }} {{ ansible_port }} {{ ansible_user }} {{ hostvars['vm-2'].ansible_host }}"
        dest: "{{ playbook_dir }}/{{ inventory_hostname }}"
      vars: {ansible_python_interpreter: "{{ ansible_playbook_python }}"}
""")
    done = site.ansible("ansible-playbook", "-i", "inventory", "play.yml", "--limit", "vm-1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (site.folder / "vm-1").read_text() == f"127.0.0.1 2222 ops {hostile}"
    assert not (site.folder / "vm-2").exists() and not (site.folder / "PWNED").exists()


def test_the_machine_that_runs_the_playbooks_stays_local_whatever_a_case_says(site):
    inventory = InventoryOfCases(site.store)
    Path(f"{site.store}.d").mkdir()
    inventory.expect("u-1", {"localhost": {"ansible_host": "192.0.2.9"}})
    assert inventory.is_ready_for(["u-1"], {"localhost": {"ansible_host": "192.0.2.9"}}, {})
    assert site.hostvars() == {"localhost": LOCAL}
