# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""IP addresses: whose they are, which is the primary one, and the fields and filters that come of it."""

from __future__ import annotations

import ipaddress

from . import config_contexts
from .fields import Computed, Json
from .kinds import Choice
from .reader import Reader, Record, count, ids

_OWNERS = {"virtualization.vminterface": ("virtualization.virtualmachine", "virtual_machine"), "dcim.interface": ("dcim.device", "device")}


def primary(record: Record) -> int | None:
    """Return the id of a host's primary address; NetBox prefers that of version 6."""
    return record["primary_ip4"] if record["primary_ip6"] is None else record["primary_ip6"]


def host_of(address: Record, reader: Reader) -> tuple[str, int] | None:
    """Return the type and the id of the host that has an address, or None."""
    if address["assigned_object_type"] not in _OWNERS:
        return None
    interface = reader.get(address["assigned_object_type"], address["assigned_object_id"])
    host_type, field = _OWNERS[address["assigned_object_type"]]
    return None if interface is None else (host_type, interface[field])


def count_of(object_type: str):
    """Return what counts the addresses of an interface."""
    return lambda record, view: count(view.reader, (object_type, record["id"]), "ipam.ipaddress", "assigned_object")


def check_primary(interface_type: str, field: str, noun: str):
    """Return the rule that a host's primary address is its own."""

    def check(new: Record, old: Record | None, reader: Reader) -> dict[str, list[str]]:
        for name, version in (("primary_ip4", 4), ("primary_ip6", 6)):
            if new[name] is None or (old and old[name] == new[name]):
                continue
            found = reader.get("ipam.ipaddress", new[name])
            if ipaddress.ip_interface(found["address"]).version != version:
                return {name: [f"{found['address']} is not an IPv{version} address."]}
            interface = reader.get(interface_type, found["assigned_object_id"]) if found["assigned_object_type"] == interface_type else None
            if interface is None or interface[field] != new.get("id"):
                return {name: [f"The specified IP address ({found['address']}) is not assigned to this {noun}."]}
        return {}

    return check


def check_address(new: Record, old: Record | None, reader: Reader) -> dict[str, list[str]]:
    """Say that an address belongs to something, and that a primary one stays where it is."""
    kind, number = new["assigned_object_type"], new["assigned_object_id"]
    if (kind is None) != (number is None):
        return {"__all__": ["assigned_object_type and assigned_object_id must be set together."]}
    if kind is not None and reader.get(kind, number) is None:
        return {"assigned_object_id": [f"Invalid object ID: {number}"]}
    if old and (old["assigned_object_type"], old["assigned_object_id"]) != (kind, number):
        for field in ("primary_ip4", "primary_ip6"):
            for host in ("virtualization.virtualmachine", "dcim.device"):
                if ids(reader, ("ipam.ipaddress", new["id"]), host, field):
                    return {"assigned_object": ["Cannot reassign IP address while it is designated as the primary IP for the parent object"]}
    return {}


def _show_primary(record, view):
    found = primary(record)
    return None if found is None else view.nested("ipam.ipaddress", found, view)


def _has_primary_ip(record, wanted, _reader):
    return (primary(record) is not None) == (wanted[-1].lower() in ("true", "1"))


PRIMARY = Computed("primary_ip", value=_show_primary)
CONTEXT = Computed("config_context", value=config_contexts.rendered)
HOST_FILTERS = {"has_primary_ip": _has_primary_ip}
MACS = (
    Computed("mac_address"), Computed("primary_mac_address", since="4.2", tracked=True),
    Computed("mac_addresses", since="4.2", value=lambda _record, _view: []),
)  # fmt: skip
LINK = (
    Choice("mode", None, nullable=True, choices={"access": "Access", "tagged": "Tagged", "tagged-all": "Tagged (All)"}), Json("untagged_vlan"),
    Json("tagged_vlans", ()), Json("qinq_svlan", since="4.2"), Json("vlan_translation_policy", since="4.2"), Json("vrf"), Computed("l2vpn_termination"),
)  # fmt: skip
