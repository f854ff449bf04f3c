# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The load: senders that post each event until it got its answer, whatever happens to the router meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor

from ansible_collections.eventops.infra.tests.e2e.restarts.stories import Sending
from ansible_collections.eventops.infra.tests.e2e.restarts.worksite import send

_AGAIN_SECONDS = 0.15
_AT_ONCE = 8


class Load:
    """Senders that post to a port of this machine.

    `answered` are the events that got their answer, by their id; `unanswered` counts the tries that did not; `repeated` the
    deliveries after the answer.
    """

    def __init__(self, port: int) -> None:
        self.answered: dict[str, dict] = {}
        self.unanswered = 0
        self.repeated = 0
        self._port = port
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._senders = ThreadPoolExecutor(_AT_ONCE)
        self._told: list[Future] = []

    def tell(self, story: Iterable[Sending]) -> None:
        """Begin to send the events of a story, one after another."""
        self._told.append(self._senders.submit(self._tell, tuple(story)))

    def finish(self, timeout_seconds: float) -> None:
        """Wait until every event has got its answer. Raises TimeoutError."""
        deadline = time.monotonic() + timeout_seconds
        for told in self._told:
            told.result(max(0.0, deadline - time.monotonic()))

    def close(self) -> None:
        """Give up."""
        self._ended.set()
        self._senders.shutdown(cancel_futures=True)

    def _tell(self, story: tuple[Sending, ...]) -> None:
        for sending in story:
            time.sleep(sending.pause_seconds)
            self._deliver(sending.event)
            if sending.twice:
                self._deliver(sending.event)

    def _deliver(self, event: dict) -> None:
        while not self._ended.is_set():
            answered = send(self._port, event)
            with self._lock:
                if answered:
                    self.repeated += event["id"] in self.answered
                    self.answered[event["id"]] = event
                    return
                self.unanswered += 1
            time.sleep(_AGAIN_SECONDS)
