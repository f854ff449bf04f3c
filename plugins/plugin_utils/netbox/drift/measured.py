# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read a host's facts. The host may be anyone's by now: what cannot be true is not taken, and nothing is longer than it has to be."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.drift.sizes import MOST_MB
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.drift.values import Measured

IGNORED_INTERFACES = ("lo", "docker*", "br-*", "veth*", "virbr*", "cni*", "flannel*", "cali*", "podman*", "kube-ipvs*", "nodelocaldns*")
IGNORED_DISKS = ("loop*", "ram*", "zram*", "dm-*", "md*", "sr*", "fd*", "nbd*", "zd*", "drbd*")

_MOST_VCPUS = 9999  # six digits in NetBox, of which two are decimals
_MOST_BYTES = MOST_MB * 10**6
_MOST_INTERFACES = 4096
_MOST_ADDRESSES = 1000
_MOST_DISKS = 4096

_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?")
# NetBox takes 100 characters for a platform's name.
_PLATFORM = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._+/-]{0,99}")


def measured(facts: Mapping[str, Any], ignored_interfaces: Sequence[str] = IGNORED_INTERFACES, ignored_disks: Sequence[str] = IGNORED_DISKS) -> Measured:
    """Read facts as the module setup gives them, without the prefix ansible_.

    :param ignored_interfaces: globs of interfaces whose addresses NetBox does not document.
    :param ignored_disks: globs of block devices that are no disks of their own.
    """
    unknown: dict[str, str] = {}
    names = _names(facts)
    if not names:
        unknown["name"] = "no fact hostname, fqdn or nodename that is a host's name"
    vcpus = _whole(facts, "processor_vcpus", _MOST_VCPUS, "vcpus", unknown)
    memory = _whole(facts, "memtotal_mb", MOST_MB, "memory", unknown)
    disk = _disk_bytes(facts.get("devices"), ignored_disks, unknown)
    platforms = _platforms(facts)
    if not platforms:
        unknown["platform"] = f"no fact distribution that can be a platform's name, got {_shown(facts.get('distribution'))}"
    addresses = _addresses(facts, ignored_interfaces, unknown)
    return Measured(names, addresses, vcpus, memory, disk, platforms, unknown)


def _names(facts: Mapping[str, Any]) -> tuple[str, ...]:
    told = (facts.get(name) for name in ("hostname", "fqdn", "nodename"))
    return tuple(dict.fromkeys(str(name) for name in told if isinstance(name, str) and _NAME.fullmatch(name)))


def _whole(facts: Mapping[str, Any], fact: str, most: int, field: str, unknown: dict[str, str]) -> int | None:
    value = facts.get(fact)
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most:
        return int(value)
    unknown[field] = f"the fact {fact} must be a whole number from 1 to {most}, got {_shown(value)}"
    return None


def _disk_bytes(devices: Any, ignored: Sequence[str], unknown: dict[str, str]) -> int | None:
    """Add up the block devices that are disks of their own: no loop device, no volume on another, nothing removable."""
    if not isinstance(devices, Mapping) or len(devices) > _MOST_DISKS:
        unknown["disk"] = f"the fact devices must be an object of at most {_MOST_DISKS} block devices, got {_shown(devices)}"
        return None
    total = 0
    for name, device in devices.items():
        if _is_one(name, ignored) or not isinstance(device, Mapping) or str(device.get("removable")) == "1":
            continue
        size = _natural(device.get("sectors")) * _natural(device.get("sectorsize"))
        if size > _MOST_BYTES:
            unknown["disk"] = f"the disk {_shown(name)} must have at most {_MOST_BYTES} bytes, got more"
            return None
        total += size
    if 0 < total <= _MOST_BYTES:
        return total
    unknown["disk"] = f"no disk with a size among the fact devices, got {len(devices)} block devices with {total} bytes"
    return None


def _natural(value: Any) -> int:
    """Read a number of at most 18 digits; Ansible gives some of them as text."""
    text = str(value) if isinstance(value, (int, str)) and not isinstance(value, bool) else ""
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else 0


def _platforms(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what the platform may be called: "Debian 12", "Debian 12.5"; with no version, "Debian"."""
    name = facts.get("distribution")
    if not isinstance(name, str) or not _PLATFORM.fullmatch(name):
        return ()
    versions = (facts.get("distribution_major_version"), facts.get("distribution_version"))
    full = [f"{name} {version}" for version in versions if isinstance(version, (str, int)) and version not in ("", "NA")]
    return tuple(dict.fromkeys(str(each) for each in full if _PLATFORM.fullmatch(each))) or (str(name),)


def _addresses(facts: Mapping[str, Any], ignored: Sequence[str], unknown: dict[str, str]) -> tuple[str, ...]:
    interfaces = facts.get("interfaces")
    if not isinstance(interfaces, (list, tuple)) or len(interfaces) > _MOST_INTERFACES:
        unknown["addresses"] = f"the fact interfaces must be a list of at most {_MOST_INTERFACES}, got {_shown(interfaces)}"
        return ()
    found: dict[str, None] = {}
    for name in interfaces:
        if not isinstance(name, str) or _is_one(name, ignored):
            continue
        # Ansible's own way from the name of an interface to the name of its fact.
        interface = facts.get(name.replace("-", "_").replace(":", "_"))
        if isinstance(interface, Mapping):
            found.update(dict.fromkeys(_of_interface(interface)))
    if len(found) > _MOST_ADDRESSES:
        unknown["addresses"] = f"a host must have at most {_MOST_ADDRESSES} addresses, got {len(found)}"
        return ()
    return tuple(found)


def _of_interface(interface: Mapping[str, Any]) -> Iterator[str]:
    for key in ("ipv4", "ipv4_secondaries", "ipv6"):
        told = interface.get(key)
        for each in told[:_MOST_ADDRESSES] if isinstance(told, list) else [told]:
            address = _address(each)
            if address is not None:
                yield address


def _address(told: Any) -> str | None:
    """Return an address with its mask, when it is one by which others reach the host."""
    if not isinstance(told, Mapping):
        return None
    address, mask = told.get("address"), told.get("prefix") or told.get("netmask")
    try:
        read = ipaddress.ip_interface(f"{address}/{mask}") if mask else ipaddress.ip_interface(str(address))
    except ValueError:
        return None
    ip = read.ip
    if ip.is_loopback or ip.is_link_local or ip.is_multicast or ip.is_unspecified:
        return None
    return read.with_prefixlen


def _is_one(name: Any, globs: Sequence[str]) -> bool:
    return any(fnmatchcase(str(name), glob) for glob in globs)


def _shown(value: Any) -> str:
    """Show what came, in as many characters as a message bears."""
    if value is None:
        return "nothing"
    if isinstance(value, (str, int, float)):
        return ascii(value)[:60]
    return f"{type(value).__name__} of {len(value)}" if hasattr(value, "__len__") else type(value).__name__
