# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A keeper and a NetBox that are lists and mappings, for tests of what is between the two."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Inventory
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.errors import NoSuchEndpoint


class MemoryKeeper:
    """Keeps events and memory; `endings` are what became of cases, until they are heard."""

    def __init__(self) -> None:
        self.inventory = Inventory(None)
        self.memory: dict[str, str] = {}
        self.events: list[Any] = []
        self.endings: list[Any] = []
        self.broken: list[Exception] = []  # what is raised instead of keeping

    async def keep(self, events: Sequence[Any], remember: Mapping[str, str | None], heard: Sequence[int] = ()) -> None:
        for error in self.broken:
            raise error
        self.events += events
        for key, value in remember.items():
            if value is None:
                self.memory.pop(key, None)
            else:
                self.memory[key] = value
        self.endings = [each for each in self.endings if each.id not in heard]

    async def recall(self, prefix: str) -> dict[str, str]:
        return {key: value for key, value in sorted(self.memory.items()) if key.startswith(prefix)}

    async def recall_keys(self, keys: Iterable[str]) -> dict[str, str]:
        return {key: self.memory[key] for key in keys if key in self.memory}

    async def finished(self, limit: int = 100, after_id: int = 0) -> list[Any]:
        return [each for each in self.endings if each.id > after_id][:limit]

    async def wait_for_finished(self) -> None:
        await asyncio.Event().wait()


class ListedNetBox:
    """Lists of objects by their paths. `matches` tells whether an object fits a query; `asked` are all requests."""

    url = "https://netbox.example.com"

    def __init__(self, matches: Callable[[str, Mapping[str, list], dict], bool], **lists: list[dict[str, Any]]) -> None:
        self.matches = matches
        self.lists = {path.replace("__", "/").replace("_", "-"): things for path, things in lists.items()}
        self.asked: list[tuple[str, str, Any]] = []

    async def page(self, path: str, query: Iterable[tuple[str, Any]], limit: int) -> list[dict[str, Any]]:
        query = list(query)
        self.asked.append(("GET", path, query))
        several: dict[str, list] = {}
        for name, value in query:
            several.setdefault(name, []).append(value)
        found = [thing for thing in self.lists.get(path, []) if self._fits(path, several, thing)]
        names = several["fields"][0].split(",") if "fields" in several else None
        found = sorted(found, key=lambda thing: thing["id"])[:limit]
        return [{name: value for name, value in thing.items() if names is None or name in names} for thing in found]

    async def pages(self, path: str, query: Iterable[tuple[str, Any]], page_size: int):
        page = await self.page(path, query, 10_000)
        for begin in range(0, len(page), page_size):
            yield page[begin : begin + page_size]

    async def one(self, path: str, number: int) -> dict[str, Any]:
        for thing in self.lists.get(path, []):
            if thing["id"] == number:
                return dict(thing)
        raise NoSuchEndpoint(f"GET {path}/{number}: 404")

    async def create(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        self.asked.append(("POST", path, dict(body)))
        things = self.lists.setdefault(path, [])
        things.append({"id": len(things) + 1, **body})
        return things[-1]

    async def change(self, path: str, number: int, body: Mapping[str, Any]) -> dict[str, Any]:
        self.asked.append(("PATCH", f"{path}/{number}", dict(body)))
        return {}

    def is_since(self, _major: int, _minor: int) -> bool:
        return True

    def _fits(self, path: str, query: Mapping[str, list], thing: dict[str, Any]) -> bool:
        if "id" in query and thing["id"] not in query["id"]:
            return False
        return self.matches(path, query, thing)
