# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The hub: what was committed goes from the store's thread to everybody who wants to know."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Sequence

from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import Change

logger = logging.getLogger(__name__)

Listener = Callable[[Sequence[Change]], None]

_QUIET_SECONDS = 60.0  # a listener that always fails is a line a minute, not a line a commit


class Hub:
    """The function that a store calls after each commit: it hands the changes on, and never raises.

    Sinks are called at once, on the thread that committed, and must be quick and safe to call from there. Subscribers are called on the event
    loop that the hub was made in, with the changes of one commit or of several, in order. Whoever raises is logged and harms nobody else.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._loop = asyncio.get_running_loop()
        self._clock = clock
        self._sinks: tuple[Listener, ...] = ()  # replaced, never changed: another thread may be going through it
        self._subscribers: tuple[Listener, ...] = ()
        self._pending: list[Change] = []
        self._handing_over = threading.Lock()
        self._complained: dict[Listener, float] = {}

    def __call__(self, changes: Sequence[Change]) -> None:
        """Hand on what was committed; from any thread."""
        for sink in self._sinks:
            self._tell(sink, changes)
        if self._subscribers:
            self._wake_the_loop(changes)

    def add_sink(self, sink: Listener) -> Callable[[], None]:
        """Call a function with the changes of each commit, on the store's thread; return how to end that."""
        self._sinks = (*self._sinks, sink)

        def remove() -> None:
            self._sinks = _without(sink, self._sinks)
            self._complained.pop(sink, None)

        return remove

    def subscribe(self, callback: Listener) -> Callable[[], None]:
        """Call a function on the event loop with what was committed; return how to end that. To be called on the loop."""
        self._subscribers = (*self._subscribers, callback)

        def unsubscribe() -> None:
            self._subscribers = _without(callback, self._subscribers)
            self._complained.pop(callback, None)

        return unsubscribe

    def _wake_the_loop(self, changes: Sequence[Change]) -> None:
        with self._handing_over:
            # The loop takes all that is pending: what is added before it comes round needs no call of its own.
            woken = bool(self._pending)
            self._pending.extend(changes)
        if not woken:
            try:
                self._loop.call_soon_threadsafe(self._tell_subscribers)
            except RuntimeError:  # the loop is closed: nobody is left to be told
                self._pending = []

    def _tell_subscribers(self) -> None:
        with self._handing_over:
            changes, self._pending = self._pending, []
        for subscriber in self._subscribers:
            self._tell(subscriber, changes)

    def _tell(self, listener: Listener, changes: Sequence[Change]) -> None:
        try:
            listener(changes)
        except Exception:
            now = self._clock()
            if now - self._complained.get(listener, float("-inf")) >= _QUIET_SECONDS:
                self._complained[listener] = now
                logger.exception("what was committed could not be told to %s; it misses %d change(s)", _name(listener), len(changes))


def _without(listener: Listener, listeners: tuple[Listener, ...]) -> tuple[Listener, ...]:
    return tuple(each for each in listeners if each != listener)


def _name(listener: Listener) -> str:
    return getattr(listener, "__qualname__", type(listener).__qualname__)
