# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Compare what is documented with what was measured, field by field. What NetBox does not keep for the kind of object is not compared."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping

from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.drift.platforms import is_platform, wanted_platform
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.drift.sizes import about_the_same, installed_memory_mb
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.drift.values import (
    DIFFERS,
    FIELDS,
    SAME,
    UNKNOWN,
    VIRTUAL_MACHINE,
    Documented,
    Finding,
    Measured,
    Settings,
)

_MB = {1000: 10**6, 1024: 2**20}


def compare(documented: Documented, measured: Measured, settings: Settings) -> tuple[Finding, ...]:
    """Compare a host with its documentation; one finding for each field that both can have, in the order of FIELDS."""
    findings = []
    for field in FIELDS:
        if field in settings.fields and (field not in _OF_VIRTUAL_MACHINES or documented.kind == VIRTUAL_MACHINE):
            why = measured.unknown.get("addresses" if field == "primary_address" else field)
            findings.append(
                _COMPARISONS[field](documented, measured, settings) if why is None else Finding(field, UNKNOWN, _written(documented, field), None, why)
            )
    return tuple(findings)


def _name(documented: Documented, measured: Measured, settings: Settings) -> Finding:
    """A host may call itself by the first label of its documented name, or the other way round."""
    del settings
    name = documented.name.lower()
    told = [each.lower() for each in measured.names]
    same = name in told or name.partition(".")[0] in told or name in [each.partition(".")[0] for each in told]
    return Finding("name", SAME if same else DIFFERS, documented.name, list(measured.names))


def _addresses(documented: Documented, measured: Measured, settings: Settings) -> Finding:
    del settings
    expected, may_be = _sorted(documented.addresses), {*documented.addresses, *documented.floating}
    have = _sorted(measured.addresses)
    missing = [address for address in expected if address not in have]
    others = [address for address in have if address not in may_be]
    notes = [f"not on the host: {', '.join(missing)}"] * bool(missing) + [f"not in NetBox: {', '.join(others)}"] * bool(others)
    return Finding("addresses", DIFFERS if notes else SAME, expected, have, "; ".join(notes))


def _primary_address(documented: Documented, measured: Measured, settings: Settings) -> Finding:
    del settings
    have = {address.partition("/")[0] for address in measured.addresses}
    wrong = [ways[0] for ways in documented.primary if not have.intersection(ways)]
    note = f"not on the host: {', '.join(wrong)}" if wrong else "" if documented.primary else "NetBox has no primary address"
    same = documented.primary and not wrong
    return Finding("primary_address", SAME if same else DIFFERS, _written(documented, "primary_address"), _sorted(measured.addresses), note)


def _vcpus(documented: Documented, measured: Measured, settings: Settings) -> Finding:
    del settings
    same = documented.vcpus == measured.vcpus
    return Finding("vcpus", SAME if same else DIFFERS, documented.vcpus, measured.vcpus, proposed=None if same else measured.vcpus)


def _memory(documented: Documented, measured: Measured, settings: Settings) -> Finding:
    have, written = measured.memory_mb, documented.memory_mb
    if written is not None and about_the_same(written, have, settings.memory_tolerance):
        return Finding("memory", SAME, written, have)
    return Finding("memory", DIFFERS, written, have, proposed=installed_memory_mb(have, settings.memory_tolerance))


def _disk(documented: Documented, measured: Measured, settings: Settings) -> Finding:
    have, written = round(measured.disk_bytes / _MB[settings.disk_base]) or 1, documented.disk_mb
    if written is not None and about_the_same(written, have, settings.disk_tolerance):
        return Finding("disk", SAME, written, have)
    if documented.virtual_disks:
        return Finding("disk", DIFFERS, written, have, f"NetBox adds it up from {documented.virtual_disks} virtual disks: correct those")
    return Finding("disk", DIFFERS, written, have, proposed=have)


def _platform(documented: Documented, measured: Measured, settings: Settings) -> Finding:
    platform, told = documented.platform, measured.platforms
    written = platform and platform.name
    if platform is not None and is_platform(platform, told, settings.platforms):
        return Finding("platform", SAME, written, told[0])
    return Finding("platform", DIFFERS, written, told[0], proposed=list(_proposed_platforms(told, settings.platforms)))


def _proposed_platforms(told: tuple[str, ...], mapping: Mapping[str, str]) -> tuple[str, ...]:
    mapped = wanted_platform(told, mapping)
    return told if mapped is None else (mapped,)


def _written(documented: Documented, field: str) -> object:
    """Return what NetBox has for a field, as a finding shows it."""
    if field == "primary_address":
        return [ways[0] for ways in documented.primary]
    if field == "platform":
        return documented.platform and documented.platform.name
    value = getattr(documented, {"memory": "memory_mb", "disk": "disk_mb"}.get(field, field))
    return _sorted(value) if field == "addresses" else value


def _sorted(addresses: tuple[str, ...]) -> list[str]:
    return sorted(addresses, key=lambda address: (address.count(":") > 0, ipaddress.ip_interface(address)))


_OF_VIRTUAL_MACHINES = ("vcpus", "memory", "disk")
_COMPARISONS: Mapping[str, Callable[[Documented, Measured, Settings], Finding]] = {
    "name": _name,
    "addresses": _addresses,
    "primary_address": _primary_address,
    "vcpus": _vcpus,
    "memory": _memory,
    "disk": _disk,
    "platform": _platform,
}
