# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Objects as NetBox has them now: read in batches by their ids, through the user's filters, with what belongs to them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ansible_collections.eventops.infra.plugins.plugin_utils.batches import batches

from .access import Query
from .change import Key, by_type
from .object_types import DEVICE, VIRTUAL_MACHINE
from .shallow import shallow

if TYPE_CHECKING:
    from .client import NetBox

_AT_ONCE = 50  # so that an address stays short: each is a query parameter
_CENSUS_PAGE_SIZE = 500

CONFIG_CONTEXT, INTERFACES, IP_ADDRESSES, CUSTOM_FIELDS, TAGS = "config_context", "interfaces", "ip_addresses", "custom_fields", "tags"
INCLUDABLE = (CONFIG_CONTEXT, INTERFACES, IP_ADDRESSES, CUSTOM_FIELDS, TAGS)
# Of each type that has them: the list and the query parameter that names whose, and the field of what is listed that does.
_PARTS: Mapping[str, Mapping[str, tuple[str, str, tuple[str, ...]]]] = {
    VIRTUAL_MACHINE: {
        INTERFACES: ("virtualization/interfaces", "virtual_machine_id", ("virtual_machine",)),
        IP_ADDRESSES: ("ipam/ip-addresses", "virtual_machine_id", ("assigned_object", "virtual_machine")),
    },
    DEVICE: {
        INTERFACES: ("dcim/interfaces", "device_id", ("device",)),
        IP_ADDRESSES: ("ipam/ip-addresses", "device_id", ("assigned_object", "device")),
    },
}


@dataclass(frozen=True, slots=True)
class Found:
    """What was asked for: `inside` the objects that the filters let through, by key; `outside` those that exist and that they do not."""

    inside: Mapping[Key, dict[str, Any]]
    outside: frozenset[Key]


class Objects:
    """Reads objects of some types.

    :param paths: where the API has each type.
    :param filters: NetBox's own query parameters, by type.
    :param include: which of INCLUDABLE the objects are to have.
    """

    def __init__(self, netbox: NetBox, paths: Mapping[str, str], filters: Mapping[str, Query], include: Iterable[str]) -> None:
        self._netbox = netbox
        self._paths = paths
        self._filters = filters
        self._include = frozenset(include)

    def has_filters(self, object_type: str) -> bool:
        """Tell whether objects of this type may be there and not be ours."""
        return bool(self._filters.get(object_type))

    async def read(self, keys: Iterable[Key]) -> Found:
        """Read objects; what is in neither part of the result does not exist."""
        inside: dict[Key, dict[str, Any]] = {}
        outside: set[Key] = set()
        for object_type, numbers in by_type(keys).items():
            for some in batches(numbers, _AT_ONCE):
                found = await self._batch(object_type, some)
                inside.update(((object_type, each["id"]), each) for each in found)
                missing = [number for number in some if (object_type, number) not in inside]
                if missing and self._filters.get(object_type):
                    outside.update((object_type, number) for number in await self._existing(object_type, missing))
        return Found(inside, frozenset(outside))

    async def census(self, object_type: str) -> AsyncIterator[list[dict[str, Any]]]:
        """Yield all objects of a type that the filters let through, in pages, without what costs NetBox much."""
        query = [*self._filters.get(object_type, ()), ("exclude", CONFIG_CONTEXT)]
        async for page in self._netbox.pages(self._paths[object_type], query, _CENSUS_PAGE_SIZE):
            yield page

    async def names(self, object_type: str, query: Query) -> AsyncIterator[dict[str, Any]]:
        """Yield the objects that a query and the filters let through, with no more than their ids and names."""
        brief = [*query, *self._filters.get(object_type, ()), ("fields", "id,name,display")]
        async for page in self._netbox.pages(self._paths[object_type], brief, _CENSUS_PAGE_SIZE):
            for each in page:
                yield each

    async def _batch(self, object_type: str, numbers: Iterable[int]) -> list[dict[str, Any]]:
        without = [] if CONFIG_CONTEXT in self._include else [("exclude", CONFIG_CONTEXT)]
        query = [*(("id", number) for number in numbers), *self._filters.get(object_type, ()), *without]
        return await self._complete(object_type, await self._netbox.page(self._paths[object_type], query, _AT_ONCE))

    async def _complete(self, object_type: str, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        left_out = [name for name in (CONFIG_CONTEXT, CUSTOM_FIELDS, TAGS) if name not in self._include]
        for each in found:
            for name in left_out:
                each.pop(name, None)
        for name, (path, parameter, owner) in _PARTS.get(object_type, {}).items():
            if name in self._include and found:
                await self._add_parts(found, name, path, parameter, owner)
        return [shallow(each) for each in found]

    async def _add_parts(self, found: list[dict[str, Any]], name: str, path: str, parameter: str, owner: tuple[str, ...]) -> None:
        by_id = {each["id"]: each for each in found}
        for each in found:
            each[name] = []
        async for page in self._netbox.pages(path, [(parameter, number) for number in by_id], _CENSUS_PAGE_SIZE):
            for part in page:
                whose: Any = part
                for step in owner:
                    whose = whose.get(step) if isinstance(whose, Mapping) else None
                if isinstance(whose, Mapping) and whose.get("id") in by_id:
                    by_id[whose["id"]][name].append(part)

    async def _existing(self, object_type: str, numbers: list[int]) -> list[int]:
        query = [*(("id", number) for number in numbers), ("fields", "id")]
        return [each["id"] for each in await self._netbox.page(self._paths[object_type], query, len(numbers))]
