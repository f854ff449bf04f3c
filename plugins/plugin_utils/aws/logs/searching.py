# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Searching one log group: from where it was left off to now, a day of log time in one search, and what was found is handed in as it goes."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from typing import NamedTuple

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.errors import DENIED, INVALID, MISSING
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs.folding import Folding
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs.line import Line, lines_in
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs.rate_limit import RateLimit
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs.seen import Seen
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs.settings import Settings
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs.telling import Teller
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs.window import Window
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.polling.asking import Asker, Refused
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.polling.moment import clock_of
from ansible_collections.eventops.infra.plugins.plugin_utils.batches import batches
from ansible_collections.eventops.infra.plugins.plugin_utils.turn import Turn

logger = logging.getLogger(__name__)

_SLICE = 86_400_000  # log time in one search, in milliseconds: where nothing matches, it is known afterwards that this is done with
_AT_ONCE = 100  # events in one transaction: senders wait while they are written
_UNWRITTEN = 300_000  # how far the position moves on before it is written, where nothing was found
_LINES_AT_ONCE = 500
# What is wrong with one group, or one pattern, holds up no other.
_REFUSALS = (MISSING, DENIED, INVALID)


class Page(NamedTuple):
    """Some lines, oldest first; `clock` is AWS's time when it gave them."""

    lines: list[Line]
    clock: int
    is_last: bool


class Search:
    """Searches one log group for one entry.

    :param root: what the keys of its memory begin with.
    :param rate_limit: of the searches at the place.
    """

    def __init__(self, group: str, settings: Settings, root: str, asker: Asker, teller: Teller, now: Callable[[], float], rate_limit: RateLimit) -> None:
        self._group = group
        self._settings = settings
        self._position_key, self._seen_key = f"{root}position/{group}", f"{root}seen/{group}"
        self._asker = asker
        self._teller = teller
        self._now = now
        self._rate_limit = rate_limit
        self._folding: Folding | None = None
        self._written = 0

    def resume(self, position: str, seen: str | None) -> None:
        """Go on where an earlier life left off."""
        at, start = json.loads(position)
        self._folding = self._folding_from(start, at, Seen.from_text(seen))
        self._written = at

    @property
    def has_begun(self) -> bool:
        return self._folding is not None

    async def begin(self, start: int) -> None:
        """Begin at a time, for the first time."""
        self._folding = self._folding_from(start, start, Seen())
        await self._write([], start)

    async def begin_now(self, now: int) -> None:
        """Begin at the time that AWS says it is; where it does not say so, because the group is not there yet, at `now`."""
        with suppress(Refused):
            now = clock_of(await self._ask(startTime=now, limit=1), self._now())
        await self.begin(now)

    async def look(self) -> None:
        """Tell of all that matched since the last time. Raises Refused when the group is not there, reading it is denied, or the pattern is none."""
        folding = self._folding
        folding.restart()
        since = folding.since
        while True:
            end = folding.floor(since + max(_SLICE, self._settings.window))
            # Where nobody knows when a group began, one search is for all of it.
            bounds = {"startTime": since} if since == 0 or end >= self._now() * 1000 else {"startTime": since, "endTime": end - 1}
            async for page in self._pages(bounds):
                await self._fold(page.lines)
                now = folding.floor(page.clock - self._settings.grace)
                if page.is_last:
                    await self._hand_in(min(now, end) if "endTime" in bounds else now)
                else:
                    # A line may be from a clock that is ahead.
                    await self._hand_in(min(now, folding.floor(max((line.at for line in page.lines), default=folding.position))))
            # By AWS's clock: this one may be ahead.
            if "endTime" not in bounds or now <= end:
                return
            since = end

    async def _fold(self, lines: Sequence[Line]) -> None:
        turn = Turn()
        for some in batches(lines, _LINES_AT_ONCE):
            self._folding.add(some)
            await turn.give_way()

    async def _pages(self, bounds: dict[str, int]) -> AsyncIterator[Page]:
        token: dict[str, str] = {}
        while True:
            answer = await self._ask(**bounds, **token)
            is_last = not answer.get("nextToken")
            yield Page(list(lines_in(answer)), clock_of(answer, self._now()), is_last)
            if is_last:
                return
            token = {"nextToken": answer["nextToken"]}

    async def _ask(self, **arguments):
        if self._settings.pattern:
            arguments["filterPattern"] = self._settings.pattern
        async with self._rate_limit:
            return await self._asker.ask("logs", "filter_log_events", refusals=_REFUSALS, logGroupName=self._group, **arguments)

    async def _hand_in(self, until: int) -> None:
        windows = self._folding.complete(until)
        for number in range(0, len(windows), _AT_ONCE):
            some = windows[number : number + _AT_ONCE]
            is_last = number + _AT_ONCE >= len(windows)
            await self._write(some, until if is_last else max(window.end for window in some))
        if not windows and until > self._folding.position:
            if until - self._written >= _UNWRITTEN:
                await self._write([], until)
            else:
                self._folding.note([], until)

    async def _write(self, windows: Sequence[Window], position: int) -> None:
        """Hand windows in, and with them how far all is done with."""
        folding = self._folding
        events = await self._teller.events(self._group, windows)
        after, seen = folding.after(windows, position)
        remember = {self._position_key: json.dumps([after, folding.start])}
        if seen != folding.seen:
            remember[self._seen_key] = seen.as_text()
        await self._asker.keep(events, remember)
        folding.note(windows, position)
        self._written = after

    def _folding_from(self, start: int, position: int, seen: Seen) -> Folding:
        settings = self._settings
        return Folding(length=settings.window, overlap=settings.overlap, samples=settings.samples, start=start, position=position, seen=seen)
