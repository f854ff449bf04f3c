# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The source at work in a test: it follows a NetBox, and what it hands in is in a real store."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Inventory
from ansible_collections.eventops.infra.plugins.plugin_utils.intake import Intake
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.settings import read_settings
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.source import run
from ansible_collections.eventops.infra.plugins.plugin_utils.router.child_queue import ChildQueue
from ansible_collections.eventops.infra.plugins.plugin_utils.router.config import ChildConfig
from ansible_collections.eventops.infra.plugins.plugin_utils.store.sqlite import SqliteStore
from ansible_collections.eventops.infra.tests.doubles.netbox.versions import is_before

SECRET = "a secret of a webhook in a test"
VM, DEVICE, ADDRESS = "virtualization.virtualmachine", "dcim.device", "ipam.ipaddress"
WATCHED = [VM, DEVICE, ADDRESS, "extras.configcontext"]


class Followed:
    """A source with its store, which outlives it.

    :param path: a directory for the store.
    :param netbox: the NetBox to follow.
    :param args: arguments of the source beside `url` and `token`.
    """

    def __init__(self, path: Path, netbox: Any, **args: Any) -> None:
        self.netbox = netbox
        self.args = {"url": netbox.url, "token": netbox.token, "catch_up": {"interval": 1, "overlap": 5}, "feedback": False, **args}
        self._path = path
        self.store: SqliteStore | None = None
        self._read: list[Event] = []

    @asynccontextmanager
    async def running(self):
        """Run the source, as a child of a router whose store is this one's."""
        self.store = SqliteStore(self._path / "store.db")
        intake = Intake(self.store, redact_words=("password",), max_event_bytes=1_000_000, accepted=lambda: None)
        child = ChildConfig("netbox", "eventops.infra.netbox", {}, None, {}, (), "sources[0]")
        task = asyncio.create_task(run(read_settings(self.args, {}), ChildQueue(child, (), intake, Inventory(None))))
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            self.events()
            self.store.close()
            self.store = None

    def events(self) -> list[Event]:
        """Return all that was handed in, in its order."""
        while self.store is not None and (rows := self.store.run_now(lambda tx: tx.unhandled_events(1000))):
            self._read += [row.event for row in rows]
            numbers = [(row.id, None) for row in rows]
            self.store.run_now(lambda tx, numbers=numbers: tx.mark_all_handled(numbers))
        return self._read

    def told(self, *numbers: int) -> list[str]:
        """Return the kinds of the events about some objects, about all for none."""
        return [event.type.rpartition(".")[2] for event in self.events() if not numbers or event.data["object"]["id"] in numbers]

    def remembered(self, prefix: str = "") -> dict[str, str]:
        """Return what the source remembers."""
        return self.store.run_now(lambda tx: tx.recall("netbox", prefix))

    async def until(self, condition: Callable[[], Any], seconds: float = 20) -> None:
        """Wait until something is so."""
        ends = time.monotonic() + seconds
        while not await asyncio.to_thread(condition):
            assert time.monotonic() < ends, f"after {seconds} s: {len(self.events())} events, the last: {self._last()}"
            await asyncio.sleep(0.02)

    def _last(self) -> list[tuple]:
        return [(event.type, event.subject, event.data["changed"]) for event in self._read[-10:]]

    async def until_begun(self) -> None:
        """Wait until the first start knows where to read from."""
        await self.until(lambda: "position" in self.remembered("position"))


def webhook(port: int) -> dict[str, Any]:
    """Return the arguments of a listener for webhooks."""
    return {"listen": f"127.0.0.1:{port}", "path": "/netbox", "secrets": [SECRET]}


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def is_open(port: int) -> bool:
    """Tell whether somebody listens on a port."""
    with socket.socket() as asking:
        asking.settimeout(5)
        return asking.connect_ex(("127.0.0.1", port)) == 0


class Documented:
    """What is written down in NetBox before a test begins: a cluster for virtual machines."""

    def __init__(self, netbox: Any) -> None:
        self.netbox = netbox
        self.site = netbox.create("dcim.site", name="lab", slug="lab")
        self.kind = netbox.create("virtualization.clustertype", name="kvm", slug="kvm")
        place = {"scope_type": "dcim.site", "scope_id": self.site["id"]} if not is_before(netbox.version, "4.2") else {"site": self.site["id"]}
        self.cluster = netbox.create("virtualization.cluster", name="lab-cluster", type=self.kind["id"], **place)

    def vm(self, name: str, **fields: Any) -> int:
        """Write a virtual machine down; return its id."""
        return self.netbox.create(VM, name=name, cluster=self.cluster["id"], **fields)["id"]

    def address(self, vm: int, address: str) -> int:
        """Give a virtual machine an interface with an address; return the address's id."""
        nic = self.netbox.create("virtualization.vminterface", virtual_machine=vm, name="eth0")
        return self.netbox.create(ADDRESS, address=address, assigned_object_type="virtualization.vminterface", assigned_object_id=nic["id"])["id"]

    def make_primary(self, vm: int, address: int) -> None:
        """Make an address the primary one of a virtual machine."""
        self.netbox.update(VM, vm, primary_ip4=address)

    def ready_vm(self, name: str, address: str, **fields: Any) -> int:
        """Write a virtual machine down with all that it needs; return its id."""
        vm = self.vm(name, **fields)
        self.make_primary(vm, self.address(vm, address))
        return vm


def repeated(events: Iterable[Event]) -> list[str]:
    """Return which events are there twice."""
    ids = [event.id for event in events]
    return sorted({each for each in ids if ids.count(each) > 1})
