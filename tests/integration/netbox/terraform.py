# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Terraform as NetBox sees it: the HCL of a page of docs/ is read, and the calls are made that the provider e-breuninger/netbox 5.7 makes for it.

Which calls, in which order and with which fields, is taken from the provider's source (resource_netbox_*.go, data_source_netbox_*.go) and from the models of
its client, fbreckle/go-netbox, which say what is sent as null and what is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .lab import ADDRESSES, INTERFACE, INTERFACES, VMS, Api

_BLOCK = re.compile(r'^(data|resource) "netbox_(\w+)" "(\w+)" \{\n(.*?)^\}', re.MULTILINE | re.DOTALL)
_ATTRIBUTE = re.compile(r"^  (\w+)\s+= (.+)$", re.MULTILINE)
_PAIR = re.compile(r'(\w+) = ("[^"]*"|\[[^]]*\])')
_DATA = {"cluster": "virtualization/clusters", "platform": "dcim/platforms"}


@dataclass
class Terraform:
    """A configuration and its state, which is the ids of what there is."""

    api: Api
    hcl: str
    state: dict[str, int] = field(default_factory=dict)

    def apply(self) -> None:
        """Read the data sources, then make what is not there yet, in the order of the page, which is that of the references."""
        self.api.get("status/")
        for kind, model, name, body in _BLOCK.findall(self.hcl):
            arguments = {key: self._value(text) for key, text in _ATTRIBUTE.findall(body)}
            if kind == "data":
                [found] = self.api.results(f"{_DATA[model]}/?limit=2&name={arguments['name'].replace(' ', '+')}")
                self.state[f"data.netbox_{model}.{name}"] = found["id"]
            elif f"netbox_{model}.{name}" not in self.state:
                self.state[f"netbox_{model}.{name}"] = getattr(self, f"_create_{model}")(arguments)
            elif model == "virtual_machine":
                self._update_virtual_machine(self.state[f"netbox_{model}.{name}"], arguments)

    def destroy(self) -> None:
        """Take everything away, in the opposite order."""
        for address, number in reversed([item for item in self.state.items() if not item[0].startswith("data.")]):
            if address.startswith("netbox_primary_ip."):
                self._put_primary(number, None)
            else:
                path = {"virtual_machine": VMS, "interface": INTERFACES, "ip_address": ADDRESSES}[address.split(".")[0].removeprefix("netbox_")]
                self._write("DELETE", f"{path}/{number}/", None)
            del self.state[address]

    def _create_virtual_machine(self, arguments: Mapping[str, Any]) -> int:
        number = self._write("POST", f"{VMS}/", self._virtual_machine(arguments))["id"]
        self.api.get(f"{VMS}/{number}/")
        return number

    def _update_virtual_machine(self, number: int, arguments: Mapping[str, Any]) -> None:
        """Put the whole of it when the plan finds a difference."""
        now = self.api.get(f"{VMS}/{number}/")
        wanted = self._virtual_machine(arguments)
        if any(now[key] != wanted[key] for key in ("name", "vcpus", "memory", "disk")):
            primary = now["primary_ip4"] and now["primary_ip4"]["id"]
            self._write("PUT", f"{VMS}/{number}/", {**wanted, "primary_ip4": primary})

    def _virtual_machine(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        return {
            **_nothing("created", "last_updated", "device", "primary_ip4", "primary_ip6", "role", "site", "tenant"),
            "name": arguments["name"],
            "cluster": arguments["cluster_id"],
            "platform": arguments["platform_id"],
            "status": arguments["status"],
            "vcpus": arguments["vcpus"],
            "memory": arguments["memory_mb"],
            "disk": arguments["disk_size_mb"],
            "custom_fields": arguments["custom_fields"],
            "local_context_data": arguments["local_context_data"],
            "tags": [self._tag(name) for name in arguments["tags"]],
        }

    def _tag(self, name: str) -> dict[str, str]:
        [tag] = self.api.results(f"extras/tags/?limit=2&name={name}")
        return {"name": tag["name"], "slug": tag["slug"]}

    def _create_interface(self, arguments: Mapping[str, Any]) -> int:
        values = {"name": arguments["name"], "virtual_machine": arguments["virtual_machine_id"], "enabled": True, "tags": [], "tagged_vlans": []}
        return self._write("POST", f"{INTERFACES}/", values)["id"]

    def _create_ip_address(self, arguments: Mapping[str, Any]) -> int:
        assigned = {"assigned_object_type": INTERFACE, "assigned_object_id": arguments["virtual_machine_interface_id"]}
        values = {"address": arguments["ip_address"], "status": arguments["status"], "role": "", "tags": [], **assigned}
        number = self._write("POST", f"{ADDRESSES}/", {**values, **_nothing("nat_inside", "nat_outside", "tenant", "vrf")})["id"]
        self.api.get(f"{ADDRESSES}/{number}/")
        return number

    def _create_primary_ip(self, arguments: Mapping[str, Any]) -> int:
        self._put_primary(arguments["virtual_machine_id"], arguments["ip_address_id"])
        return arguments["virtual_machine_id"]

    def _put_primary(self, number: int, address: int | None) -> None:
        """Put the whole virtual machine as it is, with another primary address; status and custom fields are left out."""
        now = self.api.get(f"{VMS}/{number}/")
        references = {key: now[key] and now[key]["id"] for key in ("cluster", "site", "platform", "tenant", "role", "device", "primary_ip6")}
        texts = {key: now[key] for key in ("comments", "description") if now[key]}
        values = {key: now[key] for key in ("name", "memory", "vcpus", "disk", "local_context_data")}
        tags = [{key: tag[key] for key in ("id", "name", "slug", "color")} for tag in now["tags"]]
        self._write("PUT", f"{VMS}/{number}/", {**values, **texts, **references, **_nothing("created", "last_updated"), "tags": tags, "primary_ip4": address})
        self.api.get(f"{VMS}/{number}/")

    def _write(self, method: str, path: str, values: Mapping[str, Any] | None) -> dict[str, Any]:
        answer = self.api.ask(method, path, values)
        assert answer.status in (200, 201, 204), answer
        return answer.body

    def _value(self, text: str) -> Any:
        """Read a value as it is written on the page: a string, a number, a list, an object of such, or a reference to an id."""
        if text.endswith(".id"):
            return self.state[text.removesuffix(".id")]
        encoded = re.fullmatch(r"(?:jsonencode\()?\{ (.+) \}\)?", text)
        return {name: json.loads(value) for name, value in _PAIR.findall(encoded[1])} if encoded else json.loads(text)


def _nothing(*names: str) -> dict[str, None]:
    return dict.fromkeys(names)
