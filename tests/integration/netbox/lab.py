# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""NetBox's API over HTTP, as the tests of the double and of the contract speak it, and the lab that was recorded."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.eventops.infra.tests.doubles.netbox import NetBox
from ansible_collections.eventops.infra.tests.doubles.netbox.permissions import header_of

FIXTURES = Path(__file__).absolute().parents[2] / "fixtures" / "netbox"
VM, INTERFACE, ADDRESS, DEVICE = "virtualization.virtualmachine", "virtualization.vminterface", "ipam.ipaddress", "dcim.device"
VMS, INTERFACES, ADDRESSES, JOURNAL = "virtualization/virtual-machines", "virtualization/interfaces", "ipam/ip-addresses", "extras/journal-entries"


@dataclass(frozen=True)
class Answer:
    """An answer: `body` is JSON where it was that."""

    status: int
    headers: Mapping[str, str]
    body: object

    @property
    def request_id(self) -> str:
        """The request id, which the change log and the webhooks name too."""
        return self.headers["X-Request-ID"]


@dataclass(frozen=True)
class Api:
    """The API of a NetBox, asked with a token."""

    url: str
    token: str | None

    def ask(self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> Answer:
        """Send a request to a path below /api/."""
        known = {"Authorization": header_of(self.token)} if self.token and headers is None else dict(headers or {})
        content = None if body is None else json.dumps(body).encode()
        address = f"{self.url.rstrip('/')}/api/{path.removeprefix('/api/').lstrip('/')}"
        request = urllib.request.Request(address, content, {"Content-Type": "application/json", "Accept": "application/json", **known}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return Answer(response.status, response.headers, _read(response.read()))
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers, _read(error.read()))

    def get(self, path: str) -> object:
        """Return what is at a path; it must be there."""
        answer = self.ask("GET", path)
        assert answer.status == 200, answer
        return answer.body

    def results(self, path: str) -> list[dict]:
        """Return the first page of a list."""
        return self.get(path)["results"]

    def post(self, path: str, **fields: object) -> dict:
        """Make an object and return it."""
        answer = self.ask("POST", f"{path}/", fields)
        assert answer.status == 201, answer
        return answer.body


def recorded(name: str) -> dict:
    """Return a recorded request to the API with its answer."""
    return json.loads((FIXTURES / "api" / f"{name}.json").read_text(encoding="utf-8"))


def recorded_webhook(name: str) -> dict:
    """Return the recorded body of a webhook."""
    return json.loads(json.loads((FIXTURES / "webhooks" / f"{name}.json").read_text(encoding="utf-8"))["body"])


def make_lab(netbox: NetBox) -> dict[str, int]:
    """Make the objects that the recorded NetBox had before the story of the VM began, and return ids by name."""
    site = netbox.create("dcim.site", name="lab", slug="lab")["id"]
    kind = netbox.create("virtualization.clustertype", name="kvm", slug="kvm")["id"]
    cluster = netbox.create("virtualization.cluster", name="lab-cluster", type=kind, scope_type="dcim.site", scope_id=site)["id"]
    role = netbox.create("dcim.devicerole", name="server", slug="server")["id"]
    platform = netbox.create("dcim.platform", name="Debian 12", slug="debian-12")["id"]
    tag = netbox.create("extras.tag", name="eda", slug="eda")["id"]
    netbox.create("extras.customfield", name="login_user", label="Login user", type="text", object_types=[VM])
    return {"site": site, "cluster": cluster, "role": role, "platform": platform, "tag": tag}


def make_vm(netbox: NetBox, lab: Mapping[str, int], name: str, address: str | None = None) -> int:
    """Make a VM, with an interface and a primary address where one is given, and return its id."""
    vm = netbox.create(VM, name=name, cluster=lab["cluster"], role=lab["role"], platform=lab["platform"])["id"]
    if address is not None:
        interface = netbox.create(INTERFACE, virtual_machine=vm, name="eth0")["id"]
        found = netbox.create(ADDRESS, address=address, assigned_object_type=INTERFACE, assigned_object_id=interface)["id"]
        netbox.update(VM, vm, primary_ip4=found)
    return vm


def make_device(netbox: NetBox, lab: Mapping[str, int], name: str) -> int:
    """Make a device and return its id."""
    maker = netbox.create("dcim.manufacturer", name="acme", slug="acme")["id"]
    kind = netbox.create("dcim.devicetype", manufacturer=maker, model="srv1", slug="srv1")["id"]
    return netbox.create(DEVICE, name=name, device_type=kind, role=lab["role"], site=lab["site"])["id"]


def _read(content: bytes) -> object:
    try:
        return json.loads(content) if content else None
    except ValueError:
        return content.decode("utf-8", "replace")
