# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The NetBox that the contract is asked of: the double, or a real one, where all that a test makes is removed again."""

from __future__ import annotations

import ipaddress
import os
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from random import randrange
from urllib.parse import quote, urlsplit

import pytest
from ansible_collections.eventops.infra.tests.doubles.netbox import NetBox, versions
from ansible_collections.eventops.infra.tests.integration.netbox.lab import ADDRESSES, INTERFACE, INTERFACES, VMS, Answer, Api
from ansible_collections.eventops.infra.tests.integration.netbox.receiver import Receiver, receiving

URL, TOKEN, RECEIVER = os.environ.get("NETBOX_URL", ""), os.environ.get("NETBOX_TOKEN", ""), os.environ.get("NETBOX_RECEIVER", "")


@dataclass
class Instance:
    """A NetBox, with what a test has made in it.

    `double` is the double itself, and None for a real NetBox: what only it can do is skipped there, visibly.
    """

    api: Api
    double: NetBox | None
    prefix: str = field(default_factory=lambda: f"contract-{uuid.uuid4().hex[:12]}")
    _made: list[str] = field(default_factory=list)

    @property
    def version(self) -> str:
        """NetBox's version."""
        return self.api.get("status/")["netbox-version"]

    @property
    def log(self) -> str:
        """Where the change log is."""
        return versions.change_log_path(self.version)

    def make(self, path: str, **fields: object) -> dict:
        """Make an object that is removed again."""
        made = self.api.post(path, **fields)
        self._made.append(f"{path}/{made['id']}/")
        return made

    def name(self, what: str) -> str:
        """Return a name that nothing else in this NetBox has."""
        return f"{self.prefix}-{what}"

    def cluster(self) -> int:
        """Make a cluster at a site, and return its id."""
        site = self.make("dcim/sites", name=self.name("site"), slug=self.name("site"))["id"]
        kind = self.make("virtualization/cluster-types", name=self.name("type"), slug=self.name("type"))["id"]
        where = {"site": site} if versions.is_before(self.version, "4.2") else {"scope_type": "dcim.site", "scope_id": site}
        return self.make("virtualization/clusters", name=self.name("cluster"), type=kind, **where)["id"]

    def vm(self, cluster: int, name: str = "vm", **fields: object) -> dict:
        """Make a virtual machine."""
        return self.make(VMS, name=self.name(name), cluster=cluster, **fields)

    def address(self, vm: int) -> dict:
        """Give a virtual machine an interface with an address, which is not yet its primary one."""
        interface = self.make(INTERFACES, virtual_machine=vm, name="eth0")["id"]
        # Of the range for benchmarks (RFC 2544), which nobody documents.
        address = str(ipaddress.ip_address("198.18.0.0") + randrange(1, 2**17 - 1))
        return self.make(ADDRESSES, address=f"{address}/15", assigned_object_type=INTERFACE, assigned_object_id=interface)

    def ready_vm(self, cluster: int, name: str = "vm", **fields: object) -> tuple[int, int]:
        """Make a virtual machine with a primary address, and return the ids of both."""
        vm = self.vm(cluster, name, **fields)["id"]
        address = self.address(vm)["id"]
        self.patch(f"{VMS}/{vm}/", primary_ip4=address)
        return vm, address

    def patch(self, path: str, **fields: object) -> Answer:
        """Change an object."""
        answer = self.api.ask("PATCH", path, fields)
        assert answer.status == 200, answer
        return answer

    def delete(self, path: str) -> Answer:
        """Delete an object."""
        answer = self.api.ask("DELETE", path)
        assert answer.status == 204, answer
        return answer

    def rows(self, **query: object) -> list[dict]:
        """Return rows of the change log, oldest id first."""
        parts = [(name, item) for name, value in query.items() for item in (value if isinstance(value, list) else [value])]
        return self.api.results(f"{self.log}/?{'&'.join(f'{name}={quote(str(value))}' for name, value in parts)}&ordering=id&limit=1000")

    def with_token(self, token: str | None) -> Api:
        """Return the API for somebody else."""
        return replace(self.api, token=token)

    def remove_all(self) -> None:
        """Remove what was made, the newest first; what went with something else is no longer there."""
        for path in reversed(self._made):
            # A virtual machine refers to its primary address, and a real NetBox deletes both ways.
            answer = self.api.ask("DELETE", path)
            assert answer.status in (204, 404), (path, answer)

    @contextmanager
    def hooked(self, *object_types: str, **webhook: object) -> Iterator[Receiver]:
        """Receive the webhooks for some types until the end of the block."""
        address = RECEIVER or urlsplit(self.api.url).hostname or ""
        if self.double is None and not RECEIVER and not _is_loopback(address):
            pytest.skip(f"no webhook of {self.api.url} reaches this machine: NETBOX_RECEIVER names the address at which it would")
        with receiving("0.0.0.0" if RECEIVER else "127.0.0.1") as receiver:
            url = f"http://{RECEIVER or '127.0.0.1'}:{receiver.port}/netbox-vm"
            made = self.make("extras/webhooks", name=self.name("hook"), payload_url=url, secret="s3cret", **webhook)["id"]
            old = versions.is_before(self.version, "4.1")
            kinds = {"type_create": True, "type_update": True, "type_delete": True}
            events = kinds if old else {"event_types": ["object_created", "object_updated", "object_deleted"]}
            rule = {"name": self.name("rule"), "object_types": list(object_types), "action_type": "webhook", "action_object_type": "extras.webhook"}
            self.make("extras/event-rules", **rule, action_object_id=made, **events)
            yield receiver


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(socket.gethostbyname(host)).is_loopback
    except OSError:
        return False
