# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Feedback: AWS is told which cases are being worked on, and what became of cases, also of those that ended while the source was away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence, Set
from functools import partial
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.patience import Patience
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Place
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.around import Around
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.feedback.counting import Counting
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.feedback.marking import Marking
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.feedback.metrics import MOST_ENDS
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.feedback.settings import Feedback
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.feedback.ways import Ways
from ansible_collections.eventops.infra.plugins.plugin_utils.intake import IntakeUnavailable
from ansible_collections.eventops.infra.plugins.plugin_utils.store.finished import Finished

_AT_ONCE = min(100, MOST_ENDS)


async def run(feedback: Feedback, places: Sequence[Place], around: Around) -> None:
    """Tell AWS of the ends of cases until cancelled.

    Ends are written down for the source since `keeper.follow_cases()`, which is to be awaited before it hands in anything.

    :param places: all that the source works with.
    """
    await _Reporter(feedback, tuple(places), around).run()


class _Reporter:
    def __init__(self, feedback: Feedback, places: Sequence[Place], around: Around) -> None:
        self._keeper = around.keeper
        self._ways = Ways(around)
        self._counting = Counting(feedback.metrics, places, around, self._ways)
        self._marking = Marking(feedback.tag, places, around, self._ways)
        self._patience = Patience("feedback", places[0], around.keeper, around.clients)
        self._past = 0  # ends up to this one have been tried

    async def run(self) -> None:
        """Tell of what begins and of what ends, and once more of what could not be told, when its way has rested."""
        await self._store(self._keeper.follow_cases)
        await self._store(self._counting.recall)
        ended, begun = self._waits(self._keeper.wait_for_finished), self._waits(self._keeper.wait_for_underway)
        begin: int | None = 0
        try:
            while True:
                # First: the end of one case does not hide that another goes on.
                await self._show_all()
                if begin is not None:
                    await self._tell_all(begin)
                await asyncio.wait({ended, begun, *self._ways.resting}, return_when=asyncio.FIRST_COMPLETED)
                begin = None
                if ended.done():
                    ended.result()
                    begin, ended = self._past, self._waits(self._keeper.wait_for_finished)
                if begun.done():
                    begun.result()
                    begun = self._waits(self._keeper.wait_for_underway)
                if self._ways.wake():
                    begin = 0
        finally:
            ended.cancel()
            begun.cancel()
            self._ways.close()

    def _waits(self, wait: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        return asyncio.create_task(self._store(wait), name="eventops feedback waits")

    async def _show_all(self) -> None:
        tried: set[int] = set()
        while self._marking.is_on:
            found = await self._store(partial(self._keeper.underway, tried | self._marking.known, _AT_ONCE))
            await self._marking.show(found)
            tried.update(each.case.id for each in found.cases)
            if not found.cases:
                break

    async def _tell_all(self, begin: int) -> None:
        listed: set[int] = set()
        after = begin
        while ends := await self._store(partial(self._keeper.finished, _AT_ONCE, after)):
            after = ends[-1].id
            listed.update(end.id for end in ends)
            await self._tell(ends)
        self._past = max(self._past, after)
        if begin == 0 and (left_over := self._counting.left_over(listed)):
            await self._store(partial(self._keeper.keep, (), left_over))

    async def _tell(self, ends: Sequence[Finished]) -> None:
        counted = await self._counting.tell(ends)
        if self._marking.is_on:
            # At once: who is cut off while tags are written is not to count again.
            await self._remember(ends, frozenset())
        heard = counted & await self._marking.tell(ends)
        await self._remember(ends, heard)

    async def _remember(self, ends: Sequence[Finished], heard: Set[int]) -> None:
        remember = self._counting.remembering(ends, heard)
        if heard or remember:
            await self._store(partial(self._keeper.keep, (), remember, heard=sorted(heard)))
        self._counting.note(ends, heard)

    async def _store(self, ask: Callable[[], Awaitable[Any]]) -> Any:
        """Ask the store until it answers."""
        while True:
            try:
                answer = await ask()
            except IntakeUnavailable as error:
                await self._patience.failed(error)
            else:
                self._patience.well()
                return answer
