# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is committed: the objects, the change log, and the indexes that make both quick."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from .model import Model
from .reader import Record, Reference
from .registry import MODELS


@dataclass(frozen=True)
class Change:
    """A row of the change log; its id and time are those of the write, not of the commit."""

    id: int
    time: datetime
    user: int | None
    user_name: str
    request_id: str
    action: str
    object_type: str
    object_id: int
    object_repr: str
    message: str
    before: dict
    after: dict


class Database:
    """The committed objects.

    Args:
        version: of NetBox.
    """

    def __init__(self, version: str) -> None:
        self.version = version
        self.changes: dict[int, Change] = {}
        self._tables: dict[str, dict[int, Record]] = {name: {} for name in MODELS}
        self._last_ids: dict[str, int] = dict.fromkeys(MODELS, 0)
        self._last_change = 0
        self._referring: dict[Reference, dict[tuple[str, int, str], None]] = {}
        self._unique: dict[tuple, int] = {}

    def get(self, object_type: str, object_id: int | None) -> Record | None:
        """Return an object, or None."""
        return self._tables.get(object_type, {}).get(object_id)

    def all(self, object_type: str) -> Iterable[Record]:
        """Return all objects of a type."""
        return self._tables[object_type].values()

    def referring(self, target: Reference) -> Iterator[tuple[str, int, str]]:
        """Return what refers to an object."""
        return iter(self._referring.get(target, ()))

    def next_id(self, object_type: str) -> int:
        """Return a new id. As in a real database it is gone for good, whatever becomes of the transaction."""
        self._last_ids[object_type] += 1
        return self._last_ids[object_type]

    def next_change_id(self) -> int:
        """Return the id of a new row of the change log."""
        self._last_change += 1
        return self._last_change

    def holder(self, key: tuple) -> int | None:
        """Return the id of the object that has something that must be unique."""
        return self._unique.get(key)

    def apply(self, written: dict[Reference, Record | None], changes: Iterable[Change]) -> None:
        """Commit what a transaction has written."""
        for (object_type, object_id), record in written.items():
            model = MODELS[object_type]
            old = self._tables[object_type].pop(object_id, None) if record is None else self._tables[object_type].get(object_id)
            if old is not None:
                self._forget(model, old)
            if record is not None:
                self._tables[object_type][object_id] = record
                self._remember(model, record)
        for change in changes:
            self.changes[change.id] = change

    def prune(self, before: datetime) -> int:
        """Delete the rows of the change log that are older, as NetBox's housekeeping does, and return how many."""
        old = [change.id for change in self.changes.values() if change.time < before]
        for number in old:
            del self.changes[number]
        return len(old)

    def _remember(self, model: Model, record: Record) -> None:
        for target, source in references(model, record):
            self._referring.setdefault(target, {})[source] = None
        for key in unique_keys(model, record, self):
            self._unique[key] = record["id"]

    def _forget(self, model: Model, record: Record) -> None:
        for target, source in references(model, record):
            self._referring.get(target, {}).pop(source, None)
        for key in unique_keys(model, record, self):
            if self._unique.get(key) == record["id"]:
                del self._unique[key]


def references(model: Model, record: Record) -> Iterator[tuple[Reference, tuple[str, int, str]]]:
    """Return what an object refers to, and by which field."""
    for field in model.fields:
        for target in field.references(record):
            yield target, (model.type, record["id"], field.name)


def unique_keys(model: Model, record: Record, reader) -> Iterator[tuple]:
    """Return what no other object may have."""
    for number, rule in enumerate(model.unique):
        value = rule.key(record, reader)
        if value is not None:
            yield model.type, number, value
