# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How a source of ours sees which of its cases are being worked on now. Unlike an ending, this is no news that waits for it: it is how things stand."""

from __future__ import annotations

from collections.abc import Set

from ansible_collections.eventops.infra.plugins.plugin_utils.intake import IntakeUnavailable
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import Store, StoreUnavailable
from ansible_collections.eventops.infra.plugins.plugin_utils.store.underway import Underway, underway
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import RUNNING, Change

from .news import News, Subscribe


class WorkBegun:
    """The cases of one child that are being worked on.

    :param subscribe: has a function called on the event loop with what was committed.
    """

    def __init__(self, store: Store, child: str, subscribe: Subscribe) -> None:
        self._store = store
        self._child = child
        self._news = News(subscribe, self._begins)

    async def underway(self, known: Set[int], limit: int) -> Underway:
        """Return how it stands. Raises IntakeUnavailable."""
        try:
            return await self._store.run(lambda tx: underway(tx, self._child, known, limit))
        except StoreUnavailable as error:
            raise IntakeUnavailable(str(error)) from error

    def follow(self) -> None:
        """Hear of what begins from now on."""
        self._news.follow()

    async def wait(self) -> None:
        """Wait until work on a case has begun since this was waited for last."""
        await self._news.wait()

    def _begins(self, change: Change) -> bool:
        """Tell whether a run begins: what else happens to a case is nothing new."""
        case = change.case
        return case is not None and case.child == self._child and case.state == RUNNING and change.from_state != RUNNING
