# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What tests do to the objects and users of a double directly, without HTTP."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from . import change_log, permissions, showing, versions
from .changes import Changes
from .database import Database
from .reader import Record
from .registry import model_named
from .transaction import Request, Transaction


class Direct:
    """The objects of a double.

    Args:
        version: of NetBox.
        now: returns the time, with a time zone.
    """

    def __init__(self, version: str, now: Callable[[], datetime]) -> None:
        self.url = ""
        self.now = now
        self.lock = threading.RLock()
        self._database = Database(version)

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

    def open(self, request: Request) -> Transaction:
        """Open a transaction for a request."""
        return Transaction(self._database, request, self.now, self.wants_event)

    def wants_event(self, object_type: str) -> bool:
        """Say whether any event rule asks for the events of a type."""
        raise NotImplementedError

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

    def create(self, object_type: str, /, by: str = "admin", **data: object) -> Record:
        """Make an object and return it as it is kept (flat, with its id); fields are those of the REST API. `object_type` may be the endpoint's path, too."""
        with self.lock:
            if not self._database.get("users.user", 1):
                return self._first_user(data)
            with self.transaction(by) as changes:
                return changes.create(object_type, **data)

    def update(self, object_type: str, id: int, /, by: str = "admin", **data: object) -> Record:
        """Change an object."""
        with self.lock, self.transaction(by) as changes:
            return changes.update(object_type, id, **data)

    def delete(self, object_type: str, id: int, /, by: str = "admin") -> None:
        """Delete an object."""
        with self.lock, self.transaction(by) as changes:
            changes.delete(object_type, id)

    def get(self, object_type: str, id: int, /) -> dict | None:
        """Return an object as the API shows it, or None."""
        model = model_named(object_type)
        with self.lock:
            record = self._database.get(model.type, id)
            return None if record is None else showing.full(model, record, showing.view(self._database, self.url))

    def all(self, object_type: str, /) -> list[dict]:
        """Return all objects of a type as the API shows them, by their ids."""
        model = model_named(object_type)
        with self.lock:
            records = sorted(self._database.all(model.type), key=lambda record: record["id"])
            return [showing.full(model, record, showing.view(self._database, self.url)) for record in records]

    def find(self, object_type: str, /, **fields: object) -> Record | None:
        """Return the first object, as it is kept, whose fields are these."""
        with self.lock:
            for record in self._database.all(model_named(object_type).type):
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

    def _first_user(self, data: Mapping[str, object]) -> Record:
        transaction = self.open(Request(str(uuid.uuid4()), None, "admin"))
        record = transaction.create(model_named("users.user"), data)
        transaction.commit()
        return record
