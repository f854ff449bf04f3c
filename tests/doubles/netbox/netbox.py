# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The double: its webhooks and its switches, beside the objects."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from ansible_collections.eventops.infra.tests.doubles.switched import Faults

from . import conditions, schema, versions, webhook_bodies
from .direct import Direct
from .faults import Fault
from .reader import Record
from .transaction import Event, Request
from .webhooks import Delivery, Worker


@dataclass(frozen=True)
class Asked:
    """A request that the API got."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    body: object
    status: int
    user: str | None
    request_id: str
    seconds: float
    headers: Mapping[str, str] = field(repr=False, default_factory=dict)


class NetBox(Direct):
    """A NetBox with one superuser, `admin`; see the package for its use.

    Args:
        version: of NetBox.
        now: returns the time, with a time zone.
    """

    def __init__(self, version: str = versions.DEFAULT, now: Callable[[], datetime] | None = None) -> None:
        super().__init__(version, now or (lambda: datetime.now(UTC)))
        self.queue_is_down = False
        self.write_pause: float = 0.0
        self.commit_delay: float | Callable[[Request], float] = 0.0
        self.worker = Worker()
        self.requests: list[Asked] = []
        self.faults: Faults[Fault] = Faults()
        self._commits_held = 0
        self.admin = self.create("users.user", username="admin", password="admin", is_superuser=True)["id"]
        self.token_v1 = self.add_token("admin", version=1)
        self.token = self.add_token("admin")

    @property
    def workers(self) -> int:
        """How many workers send webhooks; 0 keeps them in the queue, several let them overtake each other."""
        return self.worker.running

    @workers.setter
    def workers(self, number: int) -> None:
        self.worker.set_running(number)

    def add_webhook(self, url: str, object_types: list[str], secret: str = "s3cret", *, name: str = "events", **webhook: object) -> None:
        """Make a webhook and an event rule for it; `event_types` are all three by default."""
        event_types = webhook.pop("event_types", None)
        made = self.create("extras.webhook", name=name, payload_url=url, secret=secret, **webhook)
        wanted = event_types or ["object_created", "object_updated", "object_deleted"]
        flags = {f"type_{event.split('_')[1].removesuffix('d')}": True for event in wanted}
        events = flags if versions.is_before(self.version, "4.1") else {"event_types": wanted}
        self.create("extras.eventrule", name=name, object_types=object_types, action_type="webhook", action_object_type="extras.webhook",
                    action_object_id=made["id"], **events)  # fmt: skip

    @property
    def deliveries(self) -> list[Delivery]:
        """All webhooks, in the order in which they came into the queue."""
        return self.worker.deliveries

    def redeliver(self, *deliveries: Delivery) -> None:
        """Send deliveries again; the bodies are the same to the byte."""
        for delivery in deliveries:
            self.worker.put(replace(delivery, status=None, error=None, seconds=None, started=None))

    def wait_for_webhooks(self, seconds: float = 10) -> None:
        """Wait until the queue is empty. Not from the event loop that receives them."""
        end = time.monotonic() + seconds
        while not self.worker.is_idle():
            if time.monotonic() > end:
                waiting = [delivery for delivery in self.deliveries if delivery.seconds is None]
                raise TimeoutError(f"{len(waiting)} webhooks are still in the queue after {seconds} s, the first for {waiting[0].url}")
            time.sleep(0.005)

    def fail(self, status: int = 503, **fault: object) -> Fault:
        """Switch a fault on (see Fault), and return it."""
        return self.faults.add(Fault(status, **fault))

    def heal(self) -> None:
        """Switch all faults off."""
        self.faults.clear()

    @contextmanager
    def hold_commits(self) -> Iterator[None]:
        """Let no transaction of the API be committed until the end of the block."""
        self._commits_held += 1
        try:
            yield
        finally:
            self._commits_held -= 1

    @property
    def commits_are_held(self) -> bool:
        """Whether transactions wait with their commit."""
        return self._commits_held > 0

    def counted(self) -> Counter[tuple[str, str]]:
        """Return how many requests there were by method and path."""
        return Counter((asked.method, asked.path) for asked in list(self.requests))

    def flush(self, events: list[Event]) -> None:
        """Put the webhooks for events into the queue."""
        timestamp = self.now().astimezone(UTC).isoformat(timespec="microseconds")
        with self.lock:
            for event in events:
                for rule in self._rules(event.model.type):
                    kind = f"object_{event.type}"
                    webhook = self._database.get("extras.webhook", rule["action_object_id"])
                    if kind in rule["event_types"] and rule["action_type"] == "webhook" and webhook and conditions.met(rule["conditions"], event.data):
                        self._enqueue(webhook, webhook_bodies.context(event, self.version, timestamp))

    def known_parameters(self, path: str) -> frozenset[str]:
        """Return the query parameters that NetBox knows for a list."""
        return schema.parameters(self.version, path)

    def _enqueue(self, webhook: Record, told: dict[str, object]) -> None:
        content = webhook_bodies.body(webhook, told)
        headers = webhook_bodies.headers(webhook, told, content)
        self.worker.put(Delivery(webhook["payload_url"], webhook["http_method"], headers, content, webhook["ssl_verification"], webhook["ca_file_path"], told))

    def wants_event(self, object_type: str) -> bool:
        """Say whether any event rule asks for the events of a type."""
        return any(self._rules(object_type))

    def _rules(self, object_type: str) -> Iterator[Record]:
        return (rule for rule in self._database.all("extras.eventrule") if rule["enabled"] and object_type in rule["object_types"])
