# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Live pages: each is read and rendered once for all who look at it, when something has changed, and only while somebody looks.

In a storm, changes come by the hundred. A page is read at most four times a second, and never so often that it takes more than a
tenth of the store's or the event loop's time.
"""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import StoreUnavailable
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import Change
from markupsafe import Markup

from .text import iso
from .views import CaseView, NowView

NOW = -1  # the first page among the pages of cases; no address can name it

_SHORTEST_SECONDS = 0.25  # between two readings of a page
_SHARE = 0.1  # of the time of the store, and of the loop
_OLDEST_SECONDS = 5.0  # what no change tells (a count, a source that fails) is at most so old
_PATIENCE_SECONDS = 5.0  # with a store that does not answer
_MOST_PAGES = 20  # that nobody has open: between the loading of a page and its stream
_MOST_STREAMS = 50

View = NowView | CaseView
Load = Callable[[int], Awaitable[View]]


@dataclass
class Rendered:
    """A page as one kind of visitor sees it; `version` grows with each change, `changed` has the version of each part's last one."""

    version: int = 0
    title: str = ""
    parts: dict[str, Markup] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    _messages: dict[int, bytes] = field(default_factory=dict)

    def take(self, title: str, parts: Mapping[str, Markup]) -> None:
        """Note how the page looks now."""
        news = [name for name, text in parts.items() if self.parts.get(name) != text]
        if news or title != self.title:
            self.version += 1
            self.title = title
            self.parts.update(parts)
            self.changed.update(dict.fromkeys(news, self.version))
            self._messages.clear()

    def message(self, since: int) -> bytes:
        """Return what a browser is sent that has seen an older version: written once for all that have seen the same one."""
        if since not in self._messages:
            news = {name: text for name, text in self.parts.items() if self.changed[name] > since}
            body = json.dumps({"now": iso(time.time()), "title": self.title, "parts": news})  # one line, whatever is in it
            self._messages[since] = f"event: parts\ndata: {body}\n\n".encode()
        return self._messages[since]


class Page:
    """One page and those who look at it."""

    def __init__(self, load: Callable[[], Awaitable[View]], clock: Callable[[], float] = time.monotonic) -> None:
        self._load = load
        self._clock = clock
        self._lock = asyncio.Lock()
        self._view: View | None = None
        self._read_at = -math.inf
        self._not_before = -math.inf
        self._stale = True
        self._rendered: dict[bool, tuple[View | None, Rendered]] = {each: (None, Rendered()) for each in (True, False)}
        self._news = asyncio.Event()
        self.watchers = 0

    def touch(self) -> None:
        """Note that it may look different now."""
        self._stale = True
        self._news.set()

    async def look(self, may_act: bool, *, patience_seconds: float = math.inf) -> Rendered:
        """Return how it looks now; or how it looked last, when it may not be read again within so many seconds.

        Raises KeyError when there is no such case, StoreUnavailable when nothing is known.
        """
        wait = self._not_before - self._clock()
        if self._is_old and 0 < wait <= patience_seconds:
            await asyncio.sleep(wait)
        async with self._lock:
            if self._is_old and (self._view is None or self._clock() >= self._not_before):
                self._stale = False
                self._news.clear()
                self._view = await self._read()
                self._read_at = self._clock()
                self._not_before = self._read_at + max(_SHORTEST_SECONDS, self._view.seconds / _SHARE)
            return await self._render(may_act)

    async def news(self, seconds: float) -> None:
        """Wait until it may look different, or for so long."""
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            pass

    @property
    def _is_old(self) -> bool:
        return self._stale or self._clock() - self._read_at >= _OLDEST_SECONDS

    async def _read(self) -> View:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return await self._load()
        except (StoreUnavailable, TimeoutError) as error:
            if self._view is None:
                raise
            # What was seen last stays, and is said to be old.
            trouble = str(error) or "It does not answer; what is shown is how things were."
            return replace(self._view, status=replace(self._view.status, trouble=trouble))

    async def _render(self, may_act: bool) -> Rendered:
        view, rendered = self._rendered[may_act]
        if view is not self._view:
            parts, spent, began = {}, 0.0, self._clock()
            for name, text in self._view.parts(may_act):
                parts[name] = text
                spent += self._clock() - began
                await asyncio.sleep(0)  # between two parts, others have their turn
                began = self._clock()
            rendered.take(self._view.title, parts)
            self._rendered[may_act] = (self._view, rendered)
            self._not_before = max(self._not_before, self._clock() + spent / _SHARE)
        return rendered


class Live:
    """All live pages. `changed` is told of everything that was committed; it costs next to nothing for pages that nobody has open.

    :param load: reads a page by its case's id, or NOW.
    """

    def __init__(self, load: Load) -> None:
        self._load = load
        self._pages: OrderedDict[int, Page] = OrderedDict()
        self._streams: dict[asyncio.Task, bool] = {}

    def changed(self, changes: Sequence[Change]) -> None:
        """Note that pages may look different."""
        touched = {NOW}
        for change in changes:
            if change.pause is not None or change.storm is not None:
                return self.touch()  # they stand at the top of all pages
            if change.case is not None:
                touched.add(change.case.id)
            if change.dispatch is not None:
                touched.update(change.dispatch.case_ids)
        for key in touched & self._pages.keys():
            self._pages[key].touch()
        return None

    def touch(self) -> None:
        """Note that every page may look different."""
        for page in self._pages.values():
            page.touch()

    def page(self, key: int) -> Page:
        """Return a page by its case's id, or NOW. Those that were looked at last are kept."""
        page = self._pages.get(key)
        if page is None:
            page = self._pages[key] = Page(lambda: self._load(key))
            self._forget_some()
        self._pages.move_to_end(key)
        return page

    @contextmanager
    def watching(self, page: Page, may_act: bool) -> Iterator[None]:
        """Take one of the places for streams while the context lasts. Raises TooManyStreams.

        Whoever may change things takes the place of somebody who may only look, when there is no other.
        """
        if len(self._streams) >= _MOST_STREAMS:
            evicted = next((task for task, acts in self._streams.items() if not acts), None) if may_act else None
            if evicted is None:
                raise TooManyStreams
            del self._streams[evicted]
            evicted.cancel()
        task = asyncio.current_task()
        self._streams[task] = may_act
        page.watchers += 1
        try:
            yield
        finally:
            page.watchers -= 1
            self._streams.pop(task, None)

    def close(self) -> None:
        """End all streams: browsers connect again when there is a router again."""
        for task in self._streams:
            task.cancel()

    def _forget_some(self) -> None:
        unwatched = [key for key, page in self._pages.items() if not page.watchers]
        for key in unwatched[:-_MOST_PAGES]:
            del self._pages[key]


class TooManyStreams(Exception):
    """As many pages are open as may be live at once."""
