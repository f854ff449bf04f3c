# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read NetBox's objects, as its REST API gives them, for what they document of a host."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.drift.values import DEVICE, VIRTUAL_MACHINE, Documented, Platform

# Addresses that move between hosts (roles of NetBox), and those that are not in use.
_FLOATING_ROLES = ("vip", "vrrp", "hsrp", "glbp", "carp", "anycast")
_USED = ("active", "dhcp", "slaac")


class NotNetBox(ValueError):
    """What came is no object of NetBox; the message says what is missing."""


def documented(kind: str, host: Mapping[str, Any], addresses: Iterable[Mapping[str, Any]], disk_unit_mb: int = 1) -> Documented:
    """Put together what NetBox documents of one host.

    :param kind: virtualization.virtualmachine or dcim.device.
    :param host: the virtual machine or device.
    :param addresses: IP addresses; those that belong to others are left out.
    :param disk_unit_mb: of which unit `disk` is; NetBox before 4.1 has GB, 1000.
    :raises NotNetBox: when a key is missing that every NetBox gives.
    """
    try:
        own = [each for each in addresses if owner_of(each) == (kind, host["id"])]
        inside = {each["address"].partition("/")[0]: _inside(each) for each in own}
        used = [each for each in own if _value(each["status"]) in _USED and not _inside(each)]
        primary = [host.get(key) for key in ("primary_ip4", "primary_ip6")]
        virtual = kind == VIRTUAL_MACHINE
        disk = host.get("disk") if virtual else None
        return Documented(
            kind=kind,
            id=host["id"],
            name=host["name"],
            url=host.get("display_url") or host["url"],
            vcpus=float(host["vcpus"]) if virtual and host.get("vcpus") is not None else None,
            memory_mb=host.get("memory") if virtual else None,
            disk_mb=None if disk is None else disk * disk_unit_mb,
            disk_unit_mb=disk_unit_mb,
            virtual_disks=host.get("virtual_disk_count") or 0 if virtual else 0,
            platform=_platform(host.get("platform")),
            addresses=tuple(_plain(each) for each in used if _value(each.get("role")) not in _FLOATING_ROLES),
            floating=tuple(_plain(each) for each in own if each not in used or _value(each.get("role")) in _FLOATING_ROLES),
            primary=tuple(_ways_to(each, inside) for each in primary if each),
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise NotNetBox(f"not as NetBox gives a {kind} with its addresses: {type(error).__name__}: {str(error)[:200]}") from error


def owner_of(address: Mapping[str, Any]) -> tuple[str, int] | None:
    """Return the kind and id of the virtual machine or device whose interface an IP address is assigned to."""
    interface = address.get("assigned_object") or {}
    for kind, key in ((VIRTUAL_MACHINE, "virtual_machine"), (DEVICE, "device")):
        if interface.get(key):
            return kind, interface[key]["id"]
    return None


def unit_of_disks_mb(version: str) -> int:
    """Return of how many MB NetBox's `disk` counts, by its version: GB before 4.1, MB since."""
    numbers = [int(number) for number in re.findall(r"\d+", version)[:2]]
    return 1000 if numbers < [4, 1] else 1


def _ways_to(primary: Mapping[str, Any], inside: Mapping[str, str]) -> tuple[str, ...]:
    """Return a primary address without its mask, and the one that it has behind NAT."""
    address = primary["address"].partition("/")[0]
    return tuple(dict.fromkeys(way for way in (address, _inside(primary), inside.get(address)) if way))


def _inside(address: Mapping[str, Any]) -> str:
    inside = address.get("nat_inside")
    return inside["address"].partition("/")[0] if inside else ""


def _platform(platform: Mapping[str, Any] | None) -> Platform | None:
    return None if platform is None else Platform(platform["id"], platform["name"], platform["slug"])


def _plain(address: Mapping[str, Any]) -> str:
    return ipaddress.ip_interface(address["address"]).with_prefixlen


def _value(choice: Any) -> Any:
    """Return the value of a choice: NetBox gives {value, label}, or null."""
    return choice["value"] if isinstance(choice, Mapping) else choice
