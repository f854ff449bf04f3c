# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The inventory of docs/netbox_inventory.md, as printed, in the real ansible-inventory: netbox.netbox.nb_inventory beside the inventory of cases."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import ansible_collections
import pytest
from ansible_collections.eventops.infra.scripts.environment import environment
from ansible_collections.eventops.infra.tests.doubles.netbox import Running, running_netbox
from ansible_collections.eventops.infra.tests.e2e.documents import block, changed

COLLECTIONS = Path(next(iter(ansible_collections.__path__))).absolute().parent
PAGE = "netbox_inventory.md"


class NetBoxWithHosts:
    """A NetBox with virtual machines in a cluster."""

    def __init__(self, netbox: Running) -> None:
        self.netbox = netbox
        site = netbox.create("dcim.site", name="lab", slug="lab")["id"]
        kind = netbox.create("virtualization.clustertype", name="kvm", slug="kvm")["id"]
        self.cluster = netbox.create("virtualization.cluster", name="lab-cluster", type=kind, scope_type="dcim.site", scope_id=site)["id"]
        self.platform = netbox.create("dcim.platform", name="Debian 12", slug="debian-12")["id"]
        self.tag = netbox.create("extras.tag", name="managed", slug="managed")["id"]
        netbox.create("extras.customfield", name="login_user", type="text", object_types=["virtualization.virtualmachine"])

    def add(self, name: str, address: str | None, user: str | None = "debian", tags: bool = True, **others: object) -> None:
        fields = {"cluster": self.cluster, "platform": self.platform, "tags": [self.tag] if tags else [], "custom_fields": {"login_user": user}, **others}
        vm = self.netbox.create("virtualization.virtualmachine", name=name, **fields)["id"]
        interface = self.netbox.create("virtualization.vminterface", virtual_machine=vm, name="eth0")["id"]
        if address is not None:
            assigned = {"assigned_object_type": "virtualization.vminterface", "assigned_object_id": interface}
            ip = self.netbox.create("ipam.ipaddress", address=address, **assigned)["id"]
            self.netbox.update("virtualization.virtualmachine", vm, **{"primary_ip6" if ":" in address else "primary_ip4": ip})


@pytest.fixture
def netbox() -> Iterator[Running]:
    with running_netbox() as netbox:
        yield netbox


@pytest.fixture
def hosts(netbox: Running) -> NetBoxWithHosts:
    return NetBoxWithHosts(netbox)


class Inventory:
    """The directory that the page shows."""

    def __init__(self, folder: Path, netbox: Running) -> None:
        self.folder = folder
        self.directory = folder / "inventory"
        self.directory.mkdir()
        self.store = folder / "store.db"
        own = {"HOME": str(folder), "EVENTOPS_STORE": str(self.store), "NETBOX_TOKEN": netbox.token}
        self.env = environment(collections=COLLECTIONS, state=folder / "ansible") | own
        (self.directory / "cases.eventops.yml").write_text(block(PAGE, "yaml", "plugin: eventops.infra.cases"))
        self.replacements = {"https://netbox.example.com": netbox.url, "/var/cache/eventops/netbox": str(folder / "cache")}
        self.write()

    def write(self, **others: str) -> None:
        printed = block(PAGE, "yaml", "plugin: netbox.netbox.nb_inventory")
        (self.directory / "netbox.yml").write_text(changed(printed, {**self.replacements, **others}))

    def cases(self, hosts: dict) -> None:
        path = Path(f"{self.store}.d") / "inventory.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({"hosts": hosts}))

    def listing(self, *options: str) -> dict:
        command = ["ansible-inventory", "-i", str(self.directory), "--list", *options]
        done = subprocess.run(command, env=self.env, cwd=self.folder, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        assert "WARNING" not in done.stderr, done.stderr
        return json.loads(done.stdout, object_hook=lambda value: value["__ansible_unsafe"] if set(value) == {"__ansible_unsafe"} else value)

    def hostvars(self, *options: str) -> dict:
        return self.listing(*options)["_meta"]["hostvars"]


@pytest.fixture
def inventory(tmp_path: Path, netbox: Running) -> Inventory:
    return Inventory(tmp_path, netbox)


def connection(variables: dict) -> dict:
    return {name: value for name, value in variables.items() if name in ("ansible_host", "ansible_user", "ansible_port")}


def test_hosts_have_their_address_without_the_mask_and_their_login_user(hosts, inventory):
    hosts.add("web-01", "192.0.2.11/24")
    hosts.add("web-02", "2001:db8::12/64", user=None)
    hosts.add("web-03", "192.0.2.13/24", platform=None)

    listing = inventory.listing()

    found = {host: connection(variables) for host, variables in listing["_meta"]["hostvars"].items() if host != "localhost"}
    assert found == {
        "web-01": {"ansible_host": "192.0.2.11", "ansible_user": "debian"},
        "web-02": {"ansible_host": "2001:db8::12"},
        "web-03": {"ansible_host": "192.0.2.13", "ansible_user": "debian"},
    }
    assert listing["platform_debian_12"]["hosts"] == ["web-01", "web-02"]
    assert listing["status_active"]["hosts"] == ["web-01", "web-02", "web-03"]
    assert listing["_meta"]["hostvars"]["web-01"]["netbox_tags"] == ["managed"]


def test_only_what_ansible_is_to_reach_is_loaded(hosts, inventory, netbox):
    hosts.add("web-01", "192.0.2.11/24")
    hosts.add("untagged", "192.0.2.12/24", tags=False)
    hosts.add("planned", "192.0.2.13/24", status="planned")
    hosts.add("no-address", None)

    assert set(inventory.hostvars()) == {"localhost", "web-01"}
    # What a host refers to is loaded whole, which is little; interfaces, addresses, services and racks are not.
    paths = {asked.path for asked in netbox.requests}
    assert not paths & {"/api/virtualization/interfaces/", "/api/dcim/interfaces/", "/api/ipam/ip-addresses/", "/api/ipam/services/", "/api/dcim/racks/"}


def test_netbox_is_asked_once_in_a_while(hosts, inventory, netbox):
    hosts.add("web-01", "192.0.2.11/24")
    first = inventory.hostvars()
    asked = len(netbox.requests)
    hosts.add("web-02", "192.0.2.12/24")

    assert inventory.hostvars() == first
    assert len(netbox.requests) == asked
    assert "web-02" in inventory.hostvars("--flush-cache")


def test_a_host_that_was_documented_just_now_comes_from_its_case(hosts, inventory):
    hosts.add("web-01", "192.0.2.11/24")
    inventory.cases({"new-01": {"ansible_host": "192.0.2.99", "ansible_user": "admin"}, "web-01": {"ansible_host": "203.0.113.1", "ansible_user": "root"}})

    found = {host: connection(variables) for host, variables in inventory.hostvars().items() if host != "localhost"}

    assert found == {
        "web-01": {"ansible_host": "192.0.2.11", "ansible_user": "debian"},
        "new-01": {"ansible_host": "192.0.2.99", "ansible_user": "admin"},
    }


def test_what_other_examples_compose_has_the_mask_and_what_the_page_composes_has_not(hosts, inventory, netbox):
    hosts.add("web-01", "2001:db8::12/64")
    composed = "  # ansible_host is there already, without the mask.\n"

    inventory.write(**{composed: "  ansible_host: primary_ip6.address\n"})
    assert inventory.hostvars("--flush-cache")["web-01"]["ansible_host"] == "2001:db8::12/64"

    [line] = [line for line in (Path(__file__).absolute().parents[2] / "docs" / PAGE).read_text().splitlines() if "ansible_host: primary_ip6" in line]
    inventory.write(**{composed: f"  {line.strip()}\n"})
    assert inventory.hostvars("--flush-cache")["web-01"]["ansible_host"] == "2001:db8::12"


def test_a_token_of_version_1(hosts, inventory, netbox):
    hosts.add("web-01", "192.0.2.11/24")
    inventory.env["NETBOX_TOKEN"] = netbox.token_v1
    token = "\"{{ lookup('ansible.builtin.env', 'NETBOX_TOKEN') }}\""
    inventory.write(**{f"token:\n  type: Bearer\n  value: {token}\n": f"token: {token}\n"})

    assert "web-01" in inventory.hostvars()


def test_an_account_that_may_view_what_the_page_says_is_enough(hosts, inventory, netbox):
    hosts.add("web-01", "192.0.2.11/24")
    seen = ["virtualization.virtualmachine", "virtualization.cluster"]
    seen += [f"dcim.{name}" for name in ("device", "site", "region", "sitegroup", "location", "devicerole", "devicetype", "manufacturer", "platform")]
    inventory.env["NETBOX_TOKEN"] = netbox.add_user("inventory", {name: ["view"] for name in [*seen, "tenancy.tenant"]})

    assert "web-01" in inventory.hostvars()


def test_a_tag_that_netbox_does_not_have_takes_the_whole_source_away(hosts, inventory):
    hosts.add("web-01", "192.0.2.11/24")
    inventory.write(**{"tag: managed": "tag: nobody-made-it"})

    with pytest.raises(AssertionError, match="nobody-made-it is not one of the available choices"):
        inventory.listing()
