# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How a source of ours hears what became of its cases: each ending waits in the store until the source has heard of it."""

from __future__ import annotations

from ansible_collections.eventops.infra.plugins.plugin_utils.intake import IntakeUnavailable
from ansible_collections.eventops.infra.plugins.plugin_utils.store.finished import Finished
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import Store, StoreUnavailable
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import FINAL, Change

from .news import News, Subscribe


class Endings:
    """The endings of one child's cases.

    :param subscribe: has a function called on the event loop with what was committed.
    """

    def __init__(self, store: Store, child: str, subscribe: Subscribe) -> None:
        self._store = store
        self._child = child
        self._news = News(subscribe, self._ends)

    async def follow(self) -> None:
        """Have endings written down from now on. Raises IntakeUnavailable."""
        self._news.follow()
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
        await self._news.wait()

    def _ends(self, change: Change) -> bool:
        return change.case is not None and change.case.child == self._child and change.case.state in FINAL
