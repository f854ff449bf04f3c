# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One transaction: what it writes is seen by itself at once, and by all others when it is committed."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from . import custom_fields, permissions, showing, versions, writing
from .database import Change, Database, references, unique_keys
from .errors import detail, invalid, not_found
from .model import Model
from .reader import Record, Reference
from .registry import MODELS
from .relations import CASCADE, NULL, PROTECT, Generic, Many


@dataclass(frozen=True)
class Request:
    """What asked for a transaction: a request to the API, or a test as if by one."""

    id: str
    user: int | None
    user_name: str
    method: str = "POST"
    path: str = "/api/"
    message: str = ""


@dataclass(frozen=True)
class Event:
    """What event rules get to see of a change: an object has at most one in a request."""

    type: str
    model: Model
    data: dict
    before: dict | None
    after: dict | None
    request: Request


class Transaction:
    """A transaction that is open.

    Args:
        database: what is committed.
        request: what asked for it.
        now: returns the time.
        wants_event: says whether an event of a type would be of use to anybody; without it nothing is prepared.
    """

    def __init__(self, database: Database, request: Request, now: Callable[[], datetime], wants_event: Callable[[str], bool] = lambda _type: True) -> None:
        self.request = request
        self.version = database.version
        self.changes: list[Change] = []
        self.events: dict[Reference, Event] = {}
        self._database = database
        self._now = now
        self._wants_event = wants_event
        self._written: dict[Reference, Record | None] = {}
        self._unique: dict[tuple, int] = {}
        self._referring: dict[Reference, dict[tuple[str, int, str], None]] = {}

    def get(self, object_type: str, object_id: int | None) -> Record | None:
        """Return an object, or None."""
        key = (object_type, object_id)
        return self._written[key] if key in self._written else self._database.get(object_type, object_id)

    def all(self, object_type: str) -> Iterable[Record]:
        """Return all objects of a type."""
        if not self._written:
            return self._database.all(object_type)
        old = (record for record in self._database.all(object_type) if (object_type, record["id"]) not in self._written)
        new = (record for (kind, _number), record in self._written.items() if kind == object_type and record is not None)
        return itertools.chain(old, new)

    def referring(self, target: Reference) -> Iterator[tuple[str, int, str]]:
        """Return what refers to an object."""
        for source in self._database.referring(target):
            if source[:2] not in self._written:
                yield source
        yield from list(self._referring.get(target, ()))

    def create(self, model: Model, data: Mapping[str, object]) -> Record:
        """Make an object of what a request sent."""
        record = writing.new(model, data, self)
        if "custom_fields" in record:
            record["custom_fields"] = writing.checked("custom_fields", lambda: custom_fields.with_defaults(self, model.type, record["custom_fields"]))
        now = self._now()
        record |= {name: now for name in ("created", "last_updated", "date_joined") if any(field.name == name for field in model.fields)}
        if model.type == "extras.journalentry" and record["created_by"] is None:
            record["created_by"] = self.request.user
        if model.type == "users.token":
            record["version"] = record["version"] if versions.has_tokens_of_version_2(self.version) else 1
            record["key"], secret = permissions.new_secret(record["version"])
            # Before 4.5 a client may say what the key is.
            given = None if versions.has_tokens_of_version_2(self.version) else data.get("key")
            record["secret"] = given or record["secret"] or secret
        self._check(model, record, None)
        record["id"] = self._database.next_id(model.type)
        self._write(model, record)
        self._log(model, "create", record, {}, showing.flat(model, record, self), now)
        return record

    def update(self, model: Model, object_id: int, data: Mapping[str, object], *, whole: bool = False) -> Record:
        """Change an object by what a request sent; `whole` asks for all required fields, as PUT does."""
        old = self.get(model.type, object_id)
        if old is None:
            raise not_found(model.class_name)
        record = writing.changed(model, old, data, self, whole=whole)
        self._check(model, record, old)
        return self._save(model, old, record)

    def delete(self, model: Model, object_id: int) -> None:
        """Delete an object, with what goes with it, and take it out of what refers to it."""
        record = self.get(model.type, object_id)
        if record is None:
            raise not_found(model.class_name)
        self._refuse_protected(model, record)
        self._delete(model, record)

    def commit(self) -> None:
        """Make all of it visible to everybody."""
        self._database.apply(self._written, self.changes)

    def _save(self, model: Model, old: Record, record: Record) -> Record:
        now = self._now()
        if "last_updated" in record:
            record["last_updated"] = now
        before = showing.flat(model, old, self)
        self._write(model, record)
        self._log(model, "update", record, before, showing.flat(model, record, self), now)
        return record

    def _delete(self, model: Model, record: Record) -> None:
        for object_type, object_id, name in list(self.referring((model.type, record["id"]))):
            child = self.get(object_type, object_id)
            if child is not None and _on_delete(object_type, name) == CASCADE:
                self._delete(MODELS[object_type], child)
        # What went with it may have been referred to by it: a VM by its primary address.
        record = self.get(model.type, record["id"])
        self._log(model, "delete", record, showing.flat(model, record, self), {}, self._now())
        referring = list(self.referring((model.type, record["id"])))
        loose = [(source, self.get(*source[:2])) for source in referring if _on_delete(source[0], source[2]) == NULL]
        for (object_type, object_id, name), _seen in loose:
            other = self.get(object_type, object_id)
            field = next(field for field in MODELS[object_type].fields if field.name == name)
            self._save(MODELS[object_type], other, _without(other, field, record["id"]))
        self._write(model, None, record)

    def _refuse_protected(self, model: Model, record: Record) -> None:
        holding = [source for source in self.referring((model.type, record["id"])) if _on_delete(source[0], source[2]) == PROTECT]
        if holding:
            shown = ", ".join(f"{MODELS[kind].display(self.get(kind, number), self)} ({number})" for kind, number, _name in holding)
            raise detail(409, f"Unable to delete object. {len(holding)} dependent objects were found: {shown}")

    def _check(self, model: Model, record: Record, old: Record | None) -> None:
        errors = model.check(record, old, self)
        if errors:
            raise invalid(errors)
        for key in unique_keys(model, record, self):
            for holder in (self._unique.get(key), self._database.holder(key)):
                current = self.get(model.type, holder)
                # The holder may have changed or gone inside this transaction.
                if current is not None and holder != record["id"] and key in unique_keys(model, current, self):
                    rule = model.unique[key[1]]
                    raise invalid({rule.field: [rule.text]})

    def _write(self, model: Model, record: Record | None, old: Record | None = None) -> None:
        """Write an object, or with None the end of an old one."""
        present = record or old
        earlier = self._written.get((model.type, present["id"]))
        for target, source in references(model, earlier) if earlier else ():
            self._referring[target].pop(source, None)
        self._written[model.type, present["id"]] = record
        if record is None:
            return
        for target, source in references(model, record):
            self._referring.setdefault(target, {})[source] = None
        for key in unique_keys(model, record, self):
            self._unique[key] = record["id"]

    def _log(self, model: Model, action: str, record: Record, before: dict, after: dict, now: datetime) -> None:
        if not model.is_logged:
            return
        if before != after:
            row = Change(self._database.next_change_id(), now, self.request.user, self.request.user_name, self.request.id, action, model.type, record["id"],
                         model.display(record, self)[:200], self.request.message, before, after)  # fmt: skip
            self.changes.append(row)
        if self._wants_event(model.type):
            self._note(model, action, record, before, after)

    def _note(self, model: Model, action: str, record: Record, before: dict, after: dict) -> None:
        """Keep the event of a change; a later change of the same object in this request changes it."""
        key = (model.type, record["id"])
        earlier = self.events.get(key)
        data = showing.full(model, record, showing.view(self, ""), ("config_context",))
        old = earlier.before if earlier else (showing.snapshot(record, before) if action != "create" else None)
        new = None if action == "delete" else showing.snapshot(record, after)
        kind = earlier.type if earlier and action == "update" else {"create": "created", "update": "updated", "delete": "deleted"}[action]
        self.events[key] = Event(kind, model, data, old, new, self.request)


def _on_delete(object_type: str, name: str) -> str:
    return next(field for field in MODELS[object_type].fields if field.name == name).on_delete


def _without(record: Record, field: object, object_id: int) -> Record:
    """Return an object that no longer refers to another."""
    if isinstance(field, Many):
        return record | {field.name: tuple(number for number in record[field.name] if number != object_id)}
    if isinstance(field, Generic):
        return record | {field.type_field: None, field.id_field: None}
    return record | {field.name: None}
