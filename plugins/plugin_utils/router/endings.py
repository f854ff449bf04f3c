# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How a source of ours hears what became of its cases: each ending waits in the store until the source has heard of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from ansible_collections.eventops.infra.plugins.plugin_utils.intake import IntakeUnavailable
from ansible_collections.eventops.infra.plugins.plugin_utils.store.finished import Finished
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import Store, StoreUnavailable
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import FINAL, Change

Subscribe = Callable[[Callable[[Sequence[Change]], None]], object]


class Endings:
    """The endings of one child's cases.

    :param subscribe: has a function called on the event loop with what was committed.
    """

    def __init__(self, store: Store, child: str, subscribe: Subscribe) -> None:
        self._store = store
        self._child = child
        self._subscribe = subscribe
        self._news: asyncio.Event | None = None

    async def follow(self) -> None:
        """Have endings written down from now on. Raises IntakeUnavailable."""
        if self._news is None:
            self._news = asyncio.Event()
            self._subscribe(self._note)
        try:
            await self._store.run(lambda tx: tx.follow(self._child))
        except StoreUnavailable as error:
            raise IntakeUnavailable(str(error)) from error

    async def finished(self, limit: int, after_id: int) -> list[Finished]:
        """List what the child has not heard of, oldest first. Raises IntakeUnavailable."""
        try:
            return await self._store.run(lambda tx: tx.finished(self._child, limit, after_id))
        except StoreUnavailable as error:
            raise IntakeUnavailable(str(error)) from error

    async def wait(self) -> None:
        """Wait until a case has come to an end since this was waited for last."""
        if self._news is None:
            raise RuntimeError("who waits for the ends of cases follows them first: follow_cases()")
        await self._news.wait()
        self._news.clear()

    def _note(self, changes: Sequence[Change]) -> None:
        if any(change.case is not None and change.case.child == self._child and change.case.state in FINAL for change in changes):
            self._news.set()
