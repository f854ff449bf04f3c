# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""This machine as NetBox would document it: its own facts, written into the double."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.drift.measured import measured
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.drift.sizes import installed_memory_mb
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.drift.values import FIELDS, Measured
from ansible_collections.eventops.infra.tests.doubles.netbox import Running

SUBSET = "gather_subset=!all,!min,distribution,hardware,network,platform"


@dataclass(frozen=True)
class Machine:
    """This machine, as its facts say."""

    measured: Measured

    @property
    def name(self) -> str:
        """What it calls itself."""
        return self.measured.names[0]

    @property
    def fields(self) -> list[str]:
        """What can be compared here: a container may have no disk, or no address but loopback."""
        unknown = set(self.measured.unknown) | (set() if self.measured.addresses else {"addresses", "primary_address"})
        return [field for field in FIELDS if field not in unknown and ("addresses" not in unknown or field != "primary_address")]

    def documentation(self) -> dict[str, object]:
        """Return the fields of a virtual machine that say the same."""
        told = self.measured
        return {"vcpus": told.vcpus, "memory": installed_memory_mb(told.memory_mb, 10), "disk": told.disk_bytes and round(told.disk_bytes / 10**6)}


def ask_this_machine(env: Mapping[str, str]) -> Machine:
    """Return this machine as Ansible's setup sees it."""
    command = ["ansible", "localhost", "--connection", "local", "--module-name", "ansible.builtin.setup", "--args", SUBSET]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=True)
    facts = json.loads(done.stdout.partition("=>")[2])["ansible_facts"]
    return Machine(measured({name.removeprefix("ansible_"): value for name, value in facts.items()}))


class Documentation:
    """A NetBox with a platform for this machine, to write virtual machines into."""

    def __init__(self, netbox: Running, machine: Machine) -> None:
        self.netbox = netbox
        self.machine = machine
        self.cluster_type = netbox.create("virtualization.clustertype", name="kvm", slug="kvm")["id"]
        name = machine.measured.platforms[0]
        self.platform = netbox.create("dcim.platform", name=name, slug=name.lower().replace(" ", "-").replace(".", "-"))["id"]

    def add(self, cluster: str, addresses: list[str] | None = None, primary: str | None = None, **differences: object) -> int:
        """Write this machine down in a cluster of its own, with differences, and return the id of the virtual machine."""
        made = self.netbox.create("virtualization.cluster", name=cluster, type=self.cluster_type)
        fields = {"name": self.machine.name, "platform": self.platform, **self.machine.documentation(), **differences}
        vm = self.netbox.create("virtualization.virtualmachine", cluster=made["id"], **fields)["id"]
        interface = self.netbox.create("virtualization.vminterface", virtual_machine=vm, name="eth0")["id"]
        # NetBox takes an address once in a VRF.
        vrf = self.netbox.create("ipam.vrf", name=cluster)["id"]
        own = list(self.machine.measured.addresses)
        for address in own if addresses is None else addresses:
            assigned = {"assigned_object_type": "virtualization.vminterface", "assigned_object_id": interface}
            ip = self.netbox.create("ipam.ipaddress", address=address, vrf=vrf, **assigned)["id"]
            if address == (primary or (own[0] if own else None)):
                self.netbox.update("virtualization.virtualmachine", vm, **{"primary_ip6" if ":" in address else "primary_ip4": ip})
        return vm
