# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The double: its objects, its switches, and what tests do with it directly."""

from __future__ import annotations

import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from . import change_log, conditions, permissions, schema, showing, versions, webhook_bodies
from .database import Database
from .faults import Fault, Faults
from .reader import Record
from .registry import model_named
from .transaction import Event, Request, Transaction
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


class NetBox:
    """A NetBox with one superuser, `admin`; see the package for its use.

    Args:
        version: of NetBox.
        now: returns the time, with a time zone.
    """

    def __init__(self, version: str = versions.DEFAULT, now: Callable[[], datetime] | None = None) -> None:
        self.url = ""
        self.now: Callable[[], datetime] = now or (lambda: datetime.now(UTC))
        self.queue_is_down = False
        self.write_pause: float = 0.0
        self.commit_delay: float | Callable[[Request], float] = 0.0
        self.worker = Worker()
        self.requests: list[Asked] = []
        self.lock = threading.RLock()
        self.faults = Faults()
        self._commits_held = 0
        self._database = Database(version)
        self.admin = self.create("users.user", username="admin", password="admin", is_superuser=True)["id"]
        self.token_v1 = self.add_token("admin", version=1)
        self.token = self.add_token("admin")

    # --- what it is

    @property
    def version(self) -> str:
        """The version; set it while the double runs to upgrade NetBox."""
        return self._database.version

    @version.setter
    def version(self, version: str) -> None:
        with self.lock:
            self._database.version = version

    @property
    def database(self) -> Database:
        """What is committed."""
        return self._database

    @property
    def workers(self) -> int:
        """How many workers send webhooks; 0 keeps them in the queue, several let them overtake each other."""
        return self.worker.running

    @workers.setter
    def workers(self, number: int) -> None:
        self.worker.set_running(number)

    # --- objects

    @contextmanager
    def transaction(self, user: str = "admin", message: str = "") -> Iterator[Changes]:
        """Open a transaction: all that is done in it is committed at the end of the block, and rolled back by an exception.

        Other writers go on meanwhile, so commits come in another order than ids.
        """
        changes = self.begin(user, message)
        try:
            yield changes
        except BaseException:
            changes.rollback()
            raise
        changes.commit()

    def begin(self, user: str = "admin", message: str = "") -> Changes:
        """Open a transaction that lasts until its `commit` or `rollback`."""
        with self.lock:
            found = next((known for known in self._database.all("users.user") if known["username"] == user), None)
            request = Request(str(uuid.uuid4()), found["id"] if found else None, user, message=message)
            return Changes(self, self.open(request))

    def create(self, type: str, /, by: str = "admin", **data: object) -> Record:
        """Make an object and return it as it is kept (flat, with its id); fields are those of the REST API. `type` may be the endpoint's path, too."""
        with self.lock:
            if not self._database.get("users.user", 1):
                return self._first_user(data)
            with self.transaction(by) as changes:
                return changes.create(type, **data)

    def update(self, type: str, id: int, /, by: str = "admin", **data: object) -> Record:
        """Change an object."""
        with self.lock, self.transaction(by) as changes:
            return changes.update(type, id, **data)

    def delete(self, type: str, id: int, /, by: str = "admin") -> None:
        """Delete an object."""
        with self.lock, self.transaction(by) as changes:
            changes.delete(type, id)

    def get(self, type: str, id: int, /) -> dict | None:
        """Return an object as the API shows it, or None."""
        model = model_named(type)
        with self.lock:
            record = self._database.get(model.type, id)
            return None if record is None else showing.full(model, record, showing.view(self._database, self.url))

    def all(self, type: str, /) -> list[dict]:
        """Return all objects of a type as the API shows them."""
        model = model_named(type)
        with self.lock:
            return [showing.full(model, record, showing.view(self._database, self.url)) for record in self._database.all(model.type)]

    def find(self, type: str, /, **fields: object) -> Record | None:
        """Return the first object, as it is kept, whose fields are these."""
        with self.lock:
            for record in self._database.all(model_named(type).type):
                if all(record.get(name) == value for name, value in fields.items()):
                    return record
        return None

    @property
    def virtual_machines(self) -> list[dict]:
        """All virtual machines, as the API shows them."""
        return self.all("virtualization.virtualmachine")

    @property
    def journal_entries(self) -> list[dict]:
        """All journal entries, as the API shows them, oldest first."""
        return self.all("extras.journalentry")

    def changes(self, **query: object) -> list[dict]:
        """Return rows of the change log, oldest id first, by the parameters of its endpoint."""
        wanted = {name: [str(item) for item in (value if isinstance(value, (list, tuple)) else [value])] for name, value in query.items()}
        with self.lock:
            view = showing.view(self._database, self.url)
            rows = change_log.rows(self._database, wanted, lambda _name: True)
            return [change_log.show(change, view) for change in sorted(rows, key=lambda change: change.id)]

    def prune_before(self, moment: datetime) -> int:
        """Delete the rows of the change log that are older, and return how many those were."""
        with self.lock:
            return self._database.prune(moment)

    # --- users

    def add_token(self, user: str, *, version: int | None = None, **data: object) -> str:
        """Make a token for a user and return it as a client is given it."""
        known = self.find("users.user", username=user)
        if version is None:
            version = 2 if versions.has_tokens_of_version_2(self.version) else 1
        record = self.create("users.token", user=known["id"], **({"version": version} if versions.has_tokens_of_version_2(self.version) else {}), **data)
        return permissions.written_out(record)

    def add_user(self, name: str, allowed: Mapping[str, list[str]] | None = None, *, version: int | None = None, **token: object) -> str:
        """Make a user who may do what `allowed` says ({"ipam.ipaddress": ["view"]}), and return a token of this user."""
        user = self.create("users.user", username=name, password="a password of a user")
        for object_type, actions in (allowed or {}).items():
            self.create("users.objectpermission", name=f"{name}: {object_type}", object_types=[object_type], actions=list(actions), users=[user["id"]])
        return self.add_token(name, version=version, **token)

    def header(self, token: str | None = None) -> dict[str, str]:
        """Return the headers for a request with a token; `admin`'s by default."""
        return {"Authorization": permissions.header_of(token or self.token)}

    # --- webhooks

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

    # --- faults

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

    # --- for the API

    def open(self, request: Request) -> Transaction:
        """Open a transaction for a request."""
        return Transaction(self._database, request, self.now, self._wants_event)

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

    def _wants_event(self, object_type: str) -> bool:
        return any(self._rules(object_type))

    def _rules(self, object_type: str) -> Iterator[Record]:
        return (rule for rule in self._database.all("extras.eventrule") if rule["enabled"] and object_type in rule["object_types"])

    def _first_user(self, data: Mapping[str, object]) -> Record:
        transaction = self.open(Request(str(uuid.uuid4()), None, "admin"))
        record = transaction.create(model_named("users.user"), data)
        transaction.commit()
        return record


class Changes:
    """A transaction as tests use it.

    Args:
        netbox: the double.
        transaction: that is open.
    """

    def __init__(self, netbox: NetBox, transaction: Transaction) -> None:
        self._netbox = netbox
        self._transaction = transaction

    @property
    def request_id(self) -> str:
        """The request id of all its changes."""
        return self._transaction.request.id

    def create(self, type: str, /, **data: object) -> Record:
        """Make an object and return it as it is kept."""
        with self._netbox.lock:
            return self._transaction.create(model_named(type), data)

    def update(self, type: str, id: int, /, **data: object) -> Record:
        """Change an object."""
        with self._netbox.lock:
            return self._transaction.update(model_named(type), id, data)

    def delete(self, type: str, id: int, /) -> None:
        """Delete an object."""
        with self._netbox.lock:
            self._transaction.delete(model_named(type), id)

    def commit(self) -> None:
        """Make all of it visible, and send the webhooks."""
        with self._netbox.lock:
            self._transaction.commit()
            self._netbox.flush(list(self._transaction.events.values()))

    def rollback(self) -> None:
        """Undo all of it; the webhooks are sent all the same, as NetBox sends those of a bulk request that fails."""
        with self._netbox.lock:
            self._netbox.flush(list(self._transaction.events.values()))
