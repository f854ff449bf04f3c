# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a source of ours has in the store from one life to the next, read so that no sender waits for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from ansible_collections.eventops.infra.plugins.plugin_utils.batches import batches
from ansible_collections.eventops.infra.plugins.plugin_utils.intake import IntakeUnavailable
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import Store, StoreUnavailable, Transaction

T = TypeVar("T")
# What takes a few milliseconds; between two of them the store is the senders'.
_MOST_AT_ONCE = 5000


class Memory:
    """What one source remembers. It writes by `Intake.keep`, or by `remember` where events go elsewhere."""

    def __init__(self, store: Store, child: str) -> None:
        self._store = store
        self._child = child

    async def recall(self, prefix: str) -> dict[str, str]:
        """Return what is remembered under keys with a prefix, by key. Raises IntakeUnavailable."""
        found: dict[str, str] = {}
        last: str | None = None
        while True:
            some = await self._run(lambda tx, after=last: tx.recall(self._child, prefix, after=after, limit=_MOST_AT_ONCE))
            found.update(some)
            if len(some) < _MOST_AT_ONCE:
                return found
            last = next(reversed(some))

    async def recall_keys(self, keys: Iterable[str]) -> dict[str, str]:
        """Return what is remembered under some keys; what is not is left out. Raises IntakeUnavailable."""
        wanted = list(dict.fromkeys(keys))
        found: dict[str, str] = {}
        for some in batches(wanted, _MOST_AT_ONCE):
            found.update(await self._run(lambda tx, some=some: tx.recall_keys(self._child, some)))
        return found

    async def remember(self, items: dict[str, str | None]) -> None:
        """Keep texts by their keys; None forgets a key. Raises IntakeUnavailable."""
        await self._run(lambda tx: tx.remember(self._child, items))

    async def _run(self, function: Callable[[Transaction], T]) -> T:
        try:
            return await self._store.run(function)
        except StoreUnavailable as error:
            raise IntakeUnavailable(str(error)) from error
