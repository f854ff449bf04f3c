# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the change of one object alters in others, which NetBox's change log does not say: the address of a host, and its config context.

A changed config context, or a changed address of a primary IP, sends nothing for the machines it is about, and writes no row for them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from ansible_collections.eventops.infra.plugins.plugin_utils.batches import batches

from .access import Query
from .change import UPDATED, Change, Key
from .errors import NetBoxRefused
from .object_types import CONFIG_CONTEXT, DEVICE, HOST_TYPES, IP_ADDRESS, PATHS
from .objects import Objects

if TYPE_CHECKING:
    from .client import NetBox

_CLUSTERS = "virtualization/clusters"
_AT_ONCE = 50  # so that an address stays short: each is a query parameter
_PAGE_SIZE = 500
_ADDRESS = "address"
# Of the parameters of one request: the server in front of NetBox takes an address of 4094 bytes, unless it is told otherwise.
_LONGEST_QUERY = 3000
# What a config context is assigned to, by the names of its fields: the query parameter for the objects that have it. They include what is below
# a region, a site group, a location, a role or a platform, as config contexts do.
_ASSIGNED: Mapping[str, str] = {
    "regions": "region_id",
    "site_groups": "site_group_id",
    "sites": "site_id",
    "roles": "role_id",
    "platforms": "platform_id",
    "tenant_groups": "tenant_group_id",
    "tenants": "tenant_id",
}
_OF_CLUSTERS: Mapping[str, str] = {"cluster_types": "type_id", "cluster_groups": "group_id"}
_OF_DEVICES: Mapping[str, str] = {"locations": "location_id", "device_types": "device_type_id"}
_TAGS = "tags"
_MATTERS = frozenset({"weight", "is_active", "data", _TAGS, "clusters", *_ASSIGNED, *_OF_CLUSTERS, *_OF_DEVICES})


class Consequences:
    """Finds which hosts a change alters.

    :param object_types: the types that events are about.
    """

    def __init__(self, netbox: NetBox, objects: Objects, object_types: Iterable[str]) -> None:
        self._netbox = netbox
        self._objects = objects
        self._hosts = [each for each in HOST_TYPES if each in frozenset(object_types)]

    @property
    def causes(self) -> tuple[str, ...]:
        """Return the types whose changes are to be read for this."""
        return (IP_ADDRESS, CONFIG_CONTEXT) if self._hosts else ()

    async def of_addresses(self, changes: Iterable[Change]) -> list[Change]:
        """Return what changed addresses alter: the hosts whose primary they are."""
        of_addresses = [change for change in changes if change.object_type == IP_ADDRESS and change.action == UPDATED]
        causes = {change.object_id: change for change in of_addresses if _ADDRESS in change.changed}
        found = []
        for object_type in self._hosts if causes else ():
            for field in ("primary_ip4", "primary_ip6"):
                found += await self._with_primary(object_type, field, causes)
        return found

    async def of_contexts(self, changes: Iterable[Change]) -> AsyncIterator[Change]:
        """Yield what changed config contexts alter: the hosts that they apply to, or did; whether it is rendered otherwise for them is not known here."""
        for cause in changes:
            if cause.object_type != CONFIG_CONTEXT or not self._hosts or (cause.action == UPDATED and not _MATTERS.intersection(cause.changed)):
                continue
            found: set[Key] = set()
            for state in (cause.before, cause.after):
                if not state or not state.get("is_active", True):
                    continue
                for object_type in self._hosts:
                    async for thing in self._assigned(object_type, state):
                        key = (object_type, thing["id"])
                        if key not in found:
                            found.add(key)
                            yield _altered(cause, key, thing, "config_context", {}, {})

    async def _with_primary(self, object_type: str, field: str, causes: Mapping[int, Change]) -> list[Change]:
        found = []
        for some in batches(list(causes), _AT_ONCE):
            query: list[tuple[str, str | int]] = [(f"{field}_id", number) for number in some]
            try:
                found_some = await self._with(object_type, query, field)
            except NetBoxRefused:
                query = await self._taken(PATHS[object_type], query)
                found_some = await self._with(object_type, query, field) if query else []
            for thing in found_some:
                cause = causes.get((thing.get(field) or {}).get("id"))
                if cause is not None:
                    before, after = ({field: state.get(_ADDRESS)} for state in (cause.before, cause.after))
                    found.append(_altered(cause, (object_type, thing["id"]), thing, field, before, after))
        return found

    async def _with(self, object_type: str, query: Query, field: str) -> list[dict[str, Any]]:
        return await self._netbox.page(PATHS[object_type], [*query, ("fields", f"id,name,display,{field}")], _PAGE_SIZE)

    async def _taken(self, path: str, query: list[tuple[str, str | int]]) -> list[tuple[str, str | int]]:
        """Return the parameters that NetBox takes: it refuses to be asked by what was deleted since the change log told of it."""
        if not query:
            return []
        try:
            await self._netbox.page(path, [*query, ("fields", "id")], 1)
        except NetBoxRefused:
            half = len(query) // 2
            return [*await self._taken(path, query[:half]), *await self._taken(path, query[half:])] if half else []
        return query

    async def _assigned(self, object_type: str, state: Mapping[str, Any]) -> AsyncIterator[dict[str, Any]]:
        """Yield the hosts of a type that a config context applies to: of each kind of assignment that it has, one at least must fit."""
        query = [(parameter, number) for field, parameter in _ASSIGNED.items() for number in state.get(field) or ()]
        for field, parameter in _OF_DEVICES.items():
            if state.get(field) and object_type != DEVICE:
                return
            query += [(parameter, number) for number in state.get(field) or ()]
        clusters = await self._clusters(state)
        tags = await self._tag_slugs(state.get(_TAGS) or ())
        if clusters == set() or (state.get(_TAGS) and not tags):
            return  # it is assigned to what nothing can have
        query += [("cluster_id", number) for number in sorted(clusters or ())]
        standing = await self._standing(PATHS[object_type], query)
        if {name for name, _value in standing} != {name for name, _value in query}:
            return  # what it was assigned to is gone
        # Several tags in one query would mean objects that have all of them.
        of_tags: list[Query] = [[("tag", tag)] for tag in tags]
        if len(list(_short(standing))) <= 1:
            async for thing in self._of_any(object_type, [[*standing, *each] for each in of_tags or [[]]]):
                yield thing
            return
        # Too many for one request: those of each kind by themselves, and of them those that are among the others, too.
        kinds = [list(_short([each for each in standing if each[0] == name])) for name in dict.fromkeys(name for name, _value in standing)]
        fitting: dict[int, dict[str, Any]] | None = None
        for queries in [*kinds, *([of_tags] if of_tags else [])]:
            found = {thing["id"]: thing async for thing in self._of_any(object_type, queries)}
            fitting = found if fitting is None else {number: thing for number, thing in fitting.items() if number in found}
        for thing in (fitting or {}).values():
            yield thing

    async def _of_any(self, object_type: str, queries: Iterable[Query]) -> AsyncIterator[dict[str, Any]]:
        for query in queries:
            async for thing in self._objects.names(object_type, query):
                yield thing

    async def _standing(self, path: str, query: Query) -> Query:
        """Return the parameters that NetBox takes, of as many as there may be."""
        return [each for some in _short(query) for each in await self._taken(path, some)]

    async def _clusters(self, state: Mapping[str, Any]) -> set[int] | None:
        """Return the clusters that a config context is for, by name, type and group; None for any or none."""
        clusters = set(state["clusters"]) if state.get("clusters") else None
        for field, parameter in _OF_CLUSTERS.items():
            if state.get(field):
                wanted = await self._standing(_CLUSTERS, [(parameter, number) for number in state[field]])
                found = {number for some in _short(wanted) for number in await self._ids(_CLUSTERS, some)}
                clusters = found if clusters is None else clusters & found
        return clusters

    async def _ids(self, path: str, query: Query) -> list[int]:
        return [each["id"] async for page in self._netbox.pages(path, [*query, ("fields", "id")], _PAGE_SIZE) for each in page]

    async def _tag_slugs(self, tags: Iterable[Any]) -> list[str]:
        """Return the slugs of tags that the change log names by id or by name."""
        query = [("id" if isinstance(tag, int) else "name", tag) for tag in tags]
        return [each["slug"] for some in _short(query) async for page in self._netbox.pages("extras/tags", some, _PAGE_SIZE) for each in page]


def _short(query: Query) -> Iterator[list[tuple[str, str | int]]]:
    """Yield some parameters at a time, so that an address stays short: a config context may be for thousands of sites, or tags with long names."""
    some: list[tuple[str, str | int]] = []
    length = 0
    for each in query:
        size = len(urlencode([each])) + 1
        if some and length + size > _LONGEST_QUERY:
            yield some
            some, length = [], 0
        some.append(each)
        length += size
    if some:
        yield some


def _altered(cause: Change, key: Key, thing: Mapping[str, Any], field: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Change:
    name = str(thing.get("name") or thing.get("display") or "")
    its = {"object_type": key[0], "object_id": key[1], "name": name, "before": before, "after": after, "changed": (field,)}
    return replace(cause, action=UPDATED, is_consequence=True, **its)
