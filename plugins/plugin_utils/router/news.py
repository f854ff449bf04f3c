# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How a source of ours is woken by what becomes of cases: it waits for changes of one kind."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import Change

Subscribe = Callable[[Callable[[Sequence[Change]], None]], object]


class News:
    """That there was a change.

    :param subscribe: has a function called on the event loop with what was committed.
    :param counts: whether a change is of the kind that is waited for.
    """

    def __init__(self, subscribe: Subscribe, counts: Callable[[Change], bool]) -> None:
        self._subscribe = subscribe
        self._counts = counts
        self._came: asyncio.Event | None = None

    def follow(self) -> None:
        """Hear of changes from now on."""
        if self._came is None:
            self._came = asyncio.Event()
            self._subscribe(self._note)

    async def wait(self) -> None:
        """Wait until there has been a change since this was waited for last."""
        if self._came is None:
            raise RuntimeError("who waits for what becomes of cases follows them first: follow_cases()")
        await self._came.wait()
        self._came.clear()

    def _note(self, changes: Sequence[Change]) -> None:
        if any(map(self._counts, changes)):
            self._came.set()
