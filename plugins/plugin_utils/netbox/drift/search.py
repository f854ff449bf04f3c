# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Find hosts in NetBox by their exact names, many with one request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Protocol

from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.drift.documented import NotNetBox, documented, owner_of, unit_of_disks_mb
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.drift.values import DEVICE, VIRTUAL_MACHINE, Documented

# The longest names, of 64 characters, make a URL of less than 4,000, which every server in front of NetBox takes.
_BATCH = 50
_PATHS = {VIRTUAL_MACHINE: "/api/virtualization/virtual-machines/", DEVICE: "/api/dcim/devices/"}
_OWNERS = {VIRTUAL_MACHINE: "virtual_machine_id", DEVICE: "device_id"}

Key = tuple[str, int]  # the kind and the id of an object


class Reads(Protocol):
    """What is needed of NetBox's API."""

    def get(self, path: str) -> Mapping[str, Any]:
        """Read one object."""

    def all(self, path: str, parameters: Sequence[tuple[str, Any]]) -> Iterator[dict[str, Any]]:
        """Yield all objects that fit."""


@dataclass(frozen=True)
class Wanted:
    """A host, and which object of NetBox is it: its exact name, and where names are not unique its site and cluster, by name or slug."""

    host: str
    name: str
    site: str = ""
    cluster: str = ""


@dataclass(frozen=True)
class Found:
    """What NetBox has of each host. One that is neither in `hosts` nor in `problems` is not documented."""

    hosts: Mapping[str, Documented] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)


def search(netbox: Reads, wanted: Sequence[Wanted]) -> Found:
    """Find hosts: a request per 50 names and kind, and one per 50 found for their addresses. Raises what the API raises, and NotNetBox."""
    unit = unit_of_disks_mb(str(netbox.get("/api/status/").get("netbox-version", "")))
    objects = _named(netbox, [each.name for each in wanted])
    chosen: dict[str, tuple[Key, dict[str, Any]]] = {}
    problems: dict[str, str] = {}
    for each in wanted:
        fitting = [(key, found) for key, found in objects.items() if _fits(found, each)]
        if len(fitting) == 1:
            chosen[each.host] = fitting[0]
        elif fitting:
            problems[each.host] = _ambiguous(each, fitting)
    addresses = _addresses(netbox, [key for key, _found in chosen.values()])
    hosts = {host: documented(key[0], found, addresses.get(key, ()), unit) for host, (key, found) in chosen.items()}
    return Found(hosts, problems)


def _named(netbox: Reads, names: Iterable[str]) -> dict[Key, dict[str, Any]]:
    """Return what has one of these names. What NetBox gives beyond is left out: a filter that it does not know gives everything."""
    asked = tuple(dict.fromkeys(names))
    objects: dict[Key, dict[str, Any]] = {}
    for kind, path in _PATHS.items():
        for batch in _batches(asked):
            for each in netbox.all(path, [*(("name", name) for name in batch), ("exclude", "config_context")]):
                if not isinstance(each, dict) or not isinstance(each.get("id"), int):
                    raise NotNetBox(f"{path} gave something without an id")
                if each.get("name") in batch:
                    objects[kind, each["id"]] = each
    return objects


def _addresses(netbox: Reads, keys: Iterable[Key]) -> dict[Key, list[dict[str, Any]]]:
    wanted = tuple(dict.fromkeys(keys))
    addresses: dict[Key, list[dict[str, Any]]] = {}
    for kind, parameter in _OWNERS.items():
        for batch in _batches(sorted(number for of_kind, number in wanted if of_kind == kind)):
            for each in netbox.all("/api/ipam/ip-addresses/", [(parameter, number) for number in batch]):
                owner = owner_of(each)
                if owner is not None and owner[0] == kind and owner[1] in batch:
                    addresses.setdefault(owner, []).append(each)
    return addresses


def _fits(found: Mapping[str, Any], wanted: Wanted) -> bool:
    return found["name"] == wanted.name and all(not value or value in _names_of(found.get(key)) for key, value in _places(wanted))


def _places(wanted: Wanted) -> tuple[tuple[str, str], ...]:
    return ("site", wanted.site), ("cluster", wanted.cluster)


def _names_of(place: Mapping[str, Any] | None) -> tuple[Any, ...]:
    return (place.get("name"), place.get("slug")) if place else ()


def _ambiguous(wanted: Wanted, fitting: Sequence[tuple[Key, Mapping[str, Any]]]) -> str:
    each = [f"{kind} {number} ({_place(found)})" for (kind, number), found in fitting[:10]]
    more = f" and {len(fitting) - 10} more" if len(fitting) > 10 else ""
    return f"{len(fitting)} objects of NetBox have the name {wanted.name}: {', '.join(each)}{more}. Say which by their site or cluster"


def _place(found: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} {found[key].get('name')}" for key in ("site", "cluster") if found.get(key)) or "no site or cluster"


def _batches(items: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
    waiting = iter(items)
    while batch := tuple(islice(waiting, _BATCH)):
        yield batch
