# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A NetBox that is followed: the double, and the real ansible-rulebook with the router and the source in a process of its own."""

from __future__ import annotations

import re
import time
import urllib.request
import uuid
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ansible_collections.eventops.infra.tests.e2e import processes
from ansible_collections.eventops.infra.tests.e2e.harness import Rulebook
from ansible_collections.eventops.infra.tests.e2e.services import free_port, wait_until_it_listens
from ansible_collections.eventops.infra.tests.e2e.waiting import wait_until

SECRET = "a-secret-that-is-long-enough"
VM, INTERFACE, ADDRESS, DEVICE = "virtualization.virtualmachine", "virtualization.vminterface", "ipam.ipaddress", "dcim.device"
POLICY = {"max_unhealthy": "100%"}


class Followed:
    """ansible-rulebook over a directory, which follows a double.

    Args:
        directory: is made.
        env: the environment of the processes.
        netbox: the double.
        hosts: what the inventory has; a machine of NetBox with such a name is reached as the inventory says, on this machine.
        source: arguments of the source beside those that every one has.
    """

    def __init__(
        self,
        directory: Path,
        env: Mapping[str, str],
        netbox: Any,
        rules: Sequence[Mapping],
        *,
        playbooks: Mapping[str, str],
        hosts: Iterable[str] = (),
        source: Mapping = MappingProxyType({}),
    ) -> None:
        self.directory, self.store = directory, directory / "store.db"
        self.port, self.netbox = free_port(), netbox
        directory.mkdir()
        self._listen = f"127.0.0.1:{free_port()}"
        webhook = {"listen": f"127.0.0.1:{self.port}", "path": "/netbox", "secrets": [SECRET]}
        child = {"name": "netbox", "eventops.infra.netbox": {"url": netbox.url, "token": netbox.token, "webhook": webhook, **source}}
        router = {"store": str(self.store), "mode": "enforce", "listen": {"address": self._listen}, "policy": POLICY, "sources": [child]}
        sources = [{"name": "router", "eventops.infra.router": router}]
        self._word = str(uuid.uuid4())
        self.rulebook = Rulebook(directory / "rulebook", {**env, processes.VARIABLE: self._word})
        ruleset = {"name": "Bench", "hosts": "all", "execution_strategy": "parallel", "sources": sources, "rules": list(rules)}
        self.rulebook.write([ruleset], {name: {} for name in hosts})
        for name, text in playbooks.items():
            self.rulebook.write_playbook(name, text)

    def hook(self, object_types: list[str]) -> None:
        """Have NetBox post to it."""
        self.netbox.add_webhook(f"http://127.0.0.1:{self.port}/netbox", object_types, secret=SECRET)

    def start(self, *, seconds_to_compile: float = 5) -> None:
        """Start it, and return once it listens and knows where to read from."""
        self.rulebook.start()
        wait_until_it_listens(self.rulebook, self.port)
        asked_last = ("GET", "/api/dcim/devices/")
        wait_until(lambda: self.netbox.counted()[asked_last], "the first reading", 60, lambda: self.rulebook.output[-4000:])
        time.sleep(seconds_to_compile)  # Java

    def close(self) -> None:
        """End it with all playbooks that it has started."""
        self.rulebook.close()
        processes.end_all(self._word)

    def accepted(self) -> int:
        """Return how many events of the source are in the store in this life of it; 0 before it answers."""
        try:
            with urllib.request.urlopen(f"http://{self._listen}/metrics", timeout=10) as answer:
                text = answer.read().decode()
        except OSError:
            return 0
        return round(sum(float(count) for count in re.findall(r'^eventops_events_accepted_total\{source="netbox".*\} (\S+)$', text, re.MULTILINE)))

    def wait_until_quiet(self, seconds: float = 2) -> None:
        """Wait until nothing has been asked of NetBox for a while."""
        asked, since = -1, time.monotonic()
        while time.monotonic() - since < seconds:
            if len(self.netbox.requests) != asked:
                asked, since = len(self.netbox.requests), time.monotonic()
            time.sleep(0.1)


class Lab:
    """Machines that are written down in a double."""

    def __init__(self, netbox: Any) -> None:
        self._netbox = netbox
        kind = netbox.create("virtualization.clustertype", name="kvm", slug="kvm")["id"]
        self._cluster = netbox.create("virtualization.cluster", name="bench", type=kind)["id"]
        self._addresses = 0

    def vm(self, name: str) -> int:
        """Write a machine down; return its id."""
        return self._netbox.create(VM, name=name, cluster=self._cluster)["id"]

    def address(self, vm: int) -> int:
        """Give a machine an interface with an address; return the address's id."""
        self._addresses += 1
        nic = self._netbox.create(INTERFACE, virtual_machine=vm, name="eth0")["id"]
        address = f"10.{self._addresses // 250}.{self._addresses % 250}.1/16"
        return self._netbox.create(ADDRESS, address=address, assigned_object_type=INTERFACE, assigned_object_id=nic)["id"]

    def ready_vm(self, name: str) -> int:
        """Write a machine down with all that it needs; return its id."""
        vm = self.vm(name)
        self._netbox.update(VM, vm, primary_ip4=self.address(vm))
        return vm
