# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A source of ours without the router, on stock ansible-rulebook: the same envelope, straight to the rules.

Under the router a source gets a queue that commits. Alone, this one does what the router would have done to the event before
the engine saw it: hosts are exact names of the inventory, and no text is a template.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence, Set
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from ansible_collections.eventops.infra.plugins.plugin_utils import declared
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.received import UNREAD
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import ConfigurationError
from ansible_collections.eventops.infra.plugins.plugin_utils.connections import InvalidConnection
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Inventory, Snapshot
from ansible_collections.eventops.infra.plugins.plugin_utils.intake import EventRefused, declared_by
from ansible_collections.eventops.infra.plugins.plugin_utils.keeper import Keeper
from ansible_collections.eventops.infra.plugins.plugin_utils.nesting import TooDeep
from ansible_collections.eventops.infra.plugins.plugin_utils.neutralize import neutralize
from ansible_collections.eventops.infra.plugins.plugin_utils.redact import redact, redact_texts
from ansible_collections.eventops.infra.plugins.plugin_utils.state_file import InProcess, StateFile
from ansible_collections.eventops.infra.plugins.plugin_utils.store.finished import Finished
from ansible_collections.eventops.infra.plugins.plugin_utils.store.underway import Underway

# A name that matches nothing: an empty `meta.hosts` would mean every host of the ruleset.
UNRESOLVED = "eventops_unresolved"
_NOTHING: Mapping = MappingProxyType({})


async def for_rules(queue: object, inventory: str | None = None, state: str | None = None) -> Keeper:
    """Return the queue that a source is to use: a router's child queue as it is, or one for use alone.

    :param queue: what the source was given.
    :param inventory: path of the inventory, for use alone.
    :param state: path of the file that keeps what the source remembers, for use alone; without it that is forgotten with the process.
    :raises ConfigurationError: when the inventory does not exist.
    :raises InventoryError: when it cannot be loaded.
    :raises StoreError: when the state file cannot be opened, or is in use by another process.
    """
    if hasattr(queue, "confirm_with"):
        return queue
    path = Path(inventory).expanduser().absolute() if inventory else None
    if path is not None and not path.exists():
        raise ConfigurationError([("inventory", f"the inventory {path} does not exist; create it or name another")])
    loaded = Inventory(path)
    await loaded.load()
    return _AloneQueue(queue, loaded, InProcess() if state is None else StateFile(Path(state).expanduser().absolute()))


class _AloneQueue:
    def __init__(self, queue: object, inventory: Inventory, memory: InProcess | StateFile) -> None:
        self.inventory = inventory
        self._queue = queue
        self._memory = memory

    def confirm_with(self, ask: Callable[[Mapping], Awaitable[str | None]]) -> None:
        """Nobody asks: without the router no case waits for a confirmation."""

    async def put(self, events: Mapping | Sequence[Mapping]) -> None:
        """Put envelopes to the rules, with `meta.hosts` and made harmless."""
        inventory = await self.inventory.fresh()
        for event in [events] if isinstance(events, Mapping) else events:
            # What could not be read is about nobody knows which hosts: a rule that reads the payload must not run on the controller for it.
            await self._put(event, (UNRESOLVED,) if UNREAD in event else hosts_of(event.get("hosts", ()), inventory))

    async def keep(self, events: Sequence[Event], remember: Mapping[str, str | None], heard: Sequence[int] = ()) -> None:
        """Put events to the rules and remember after that: cut off between the two, the source puts them again."""
        inventory = await self.inventory.fresh()
        for event in events:
            try:
                # No router tells playbooks of a host that is declared: the inventory has it, or nobody reaches it.
                named = replace(event, connections=dict.fromkeys(declared_by(event), {}))
                known = declared.hosts_of(named, inventory)
                if event.hosts and not known:
                    known = declared.hosts_of(named, await self.inventory.fresh(unknown_name=True))
                is_about_none = not event.hosts and UNREAD not in event.extra
                await self._put(event.to_mapping(), ("localhost",) if is_about_none else known or (UNRESOLVED,))
            except (TooDeep, InvalidConnection) as error:
                raise EventRefused(f"event {event.id}: {error}", event) from error
        await self._memory.remember(redact_texts(remember))

    async def _put(self, event: Mapping, hosts: Sequence[str]) -> None:
        await self._queue.put(harmless({**event, "data": redact(event["data"], in_texts=UNREAD in event)}, hosts))
        await asyncio.sleep(0)  # others have their turn

    async def recall(self, prefix: str) -> dict[str, str]:
        """Return what the source remembers under keys with a prefix."""
        return await self._memory.recall(prefix)

    async def recall_keys(self, keys: Iterable[str]) -> dict[str, str]:
        """Return what the source remembers under some keys."""
        return await self._memory.recall_keys(keys)

    async def follow_cases(self) -> None:
        """Without the router there are no cases."""

    async def finished(self, limit: int = 100, after_id: int = 0) -> list[Finished]:
        """Return none."""
        return []

    async def wait_for_finished(self) -> None:
        """Wait for ever."""
        await asyncio.get_running_loop().create_future()

    async def underway(self, known: Set[int] = frozenset(), limit: int = 100) -> Underway:
        """Return none."""
        return Underway()

    async def wait_for_underway(self) -> None:
        """Wait for ever."""
        await asyncio.get_running_loop().create_future()

    def trouble(self, where: str, text: str | None) -> None:
        """Do nothing: without the router there is no /healthz, and the source's log says it."""

    def close(self) -> None:
        """Close the state file, so that another start of the source can open it."""
        self._memory.close()


def hosts_of(named: Sequence[str], inventory: Snapshot) -> tuple[str, ...]:
    """Return the `meta.hosts` of an event that names these hosts: never none, and never a name that the inventory does not have."""
    return (inventory.resolve_all(tuple(named)) or (UNRESOLVED,)) if named else ("localhost",)


def harmless(event: Mapping, hosts: Sequence[str], meta: Mapping = _NOTHING) -> dict:
    """Return an envelope as rules get it: no text of it is a template, and `meta.hosts` says where playbooks run.

    :param meta: what else is in `meta`.
    :raises TooDeep: when it is nested too deeply to be looked through.
    """
    cleaned, changed = neutralize({**event, "meta": dict(meta)})
    cleaned["meta"].update(hosts=list(hosts), uuid=str(uuid.uuid4()))
    return {**cleaned, "neutralized": changed}
