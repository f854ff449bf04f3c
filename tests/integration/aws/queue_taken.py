# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The intake of a queue at work in a test: it takes from the double of AWS, and what it hands in is in a real store."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.clients import Clients
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Access, Place
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.around import Around
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.queues.intake import run
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.queues.settings import QueueSettings
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Inventory
from ansible_collections.eventops.infra.plugins.plugin_utils.intake import Intake
from ansible_collections.eventops.infra.plugins.plugin_utils.router.child_queue import ChildQueue
from ansible_collections.eventops.infra.plugins.plugin_utils.router.config import ChildConfig
from ansible_collections.eventops.infra.plugins.plugin_utils.router.signals.metrics import Metrics
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import StoreUnavailable
from ansible_collections.eventops.infra.plugins.plugin_utils.store.sqlite import SqliteStore
from ansible_collections.eventops.infra.tests.doubles.aws import REGION, RunningAws

LARGEST_EVENT = 20_000
FIFO = {"FifoQueue": "true", "ContentBasedDeduplication": "false"}


class NoDirectory:
    """Knows no host of AWS."""

    async def read(self, place: Place, read: Callable[[Any], Any], known: Any = None) -> Any:
        return read(None)


class SomeStore:
    """A store that can be written, or cannot just now."""

    def __init__(self, store: SqliteStore) -> None:
        self.store = store
        self.is_away = False
        self.refusals = 0

    async def run(self, function: Callable) -> Any:
        if self.is_away:
            self.refusals += 1
            raise StoreUnavailable("the disk is full")
        return await self.store.run(function)


class Taken:
    """A queue of the double, its intake, and the store that it hands in to.

    :param path: a directory for the store.
    :param url: where AWS is asked, the double itself or a proxy before it.
    :param settings: of the queue, beside `where` and `name`.
    """

    def __init__(
        self, path: Path, aws: RunningAws, name: str = "eventops", *, url: str | None = None, attributes: Mapping[str, str] | None = None, **settings: Any
    ) -> None:
        self.client = aws.client("sqs")
        self.name = name
        self.attributes = {**(FIFO if name.endswith(".fifo") else {}), **(attributes or {})}
        self.settings = QueueSettings("queues[0]", None, name, **{"wait_seconds": 1, "visibility_seconds": 3, "envelopes": True, **settings})
        self.url = ""
        self.troubles: dict[str, str] = {}
        self.metrics = Metrics(version="0", sources=["aws"])
        self._place = Place("tests", REGION, Access(endpoint_url=url or aws.url))
        self._store = SomeStore(SqliteStore(path / "store.db"))
        self._events: list[Event] = []

    def create(self) -> Taken:
        """Create the queue."""
        self.url = self.client.create_queue(QueueName=self.name, Attributes=self.attributes)["QueueUrl"]
        return self

    @property
    def store(self) -> SomeStore:
        return self._store

    def send(self, bodies: Iterable[Any], group: Callable[[int], str] = lambda number: "a") -> None:
        """Send messages, as JSON where they are no text."""
        entries = []
        for number, body in enumerate(bodies):
            more = {"MessageGroupId": group(number), "MessageDeduplicationId": str(uuid.uuid4())} if self.settings.is_fifo else {}
            entries.append({"Id": str(number % 10), "MessageBody": body if isinstance(body, str) else json.dumps(body), **more})
        for start in range(0, len(entries), 10):
            answer = self.client.send_message_batch(QueueUrl=self.url, Entries=entries[start : start + 10])
            assert not answer.get("Failed"), answer

    @asynccontextmanager
    async def running(self):
        """Run the intake, as a child of a router whose store is this one's."""
        intake = Intake(self._store, redact_words=("password",), max_event_bytes=LARGEST_EVENT, accepted=lambda: None, observer=self.metrics)
        keeper = ChildQueue(ChildConfig("aws", "eventops.infra.cloudwatch", {}, None, {}, (), "sources[0]"), (), intake, Inventory(None))
        self.troubles = keeper.condition.troubles
        clients = Clients()
        around = Around(keeper, clients, NoDirectory(), time.time, lambda: str(uuid.uuid4()))
        task = asyncio.create_task(run(self.settings, self._place, around))
        try:
            yield task
            assert not task.done(), task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await clients.close()

    def close(self) -> None:
        """Close the store."""
        self._store.store.close()

    def events(self) -> list[Event]:
        """Return all that was handed in, in its order; what was known is not in it."""
        store = self._store.store
        while rows := store.run_now(lambda tx: tx.unhandled_events(1000)):
            self._events += [row.event for row in rows]
            numbers = [(row.id, None) for row in rows]
            store.run_now(lambda tx, numbers=numbers: tx.mark_all_handled(numbers))
        return self._events

    def subjects(self) -> list[str]:
        """Return the subjects of the events."""
        return [event.subject for event in self.events()]

    def put_aside(self, why: str) -> float:
        """Return how many messages were put aside, as operators see it."""
        return self.metrics.registry.get_sample_value("eventops_events_unread_total", {"source": "aws", "why": why})

    def counts(self) -> tuple[int, int]:
        """Return how many messages are visible, and how many are not."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.client.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)["Attributes"]
        return int(found[names[0]]), int(found[names[1]])

    def is_empty(self) -> bool:
        return self.counts() == (0, 0)

    async def until(self, condition: Callable[[], Any], seconds: float = 60) -> None:
        """Wait until something is so."""
        ends = time.monotonic() + seconds
        while not await asyncio.to_thread(condition):
            assert time.monotonic() < ends, f"after {seconds} s: {len(self.events())} events, {self.counts()} messages, {self.troubles}"
            await asyncio.sleep(0.05)


def envelope(subject: str, **more: Any) -> dict[str, Any]:
    """Return a body that its sender gave no id."""
    return {"specversion": "1.0", "type": "request.report", "subject": subject, **more}
