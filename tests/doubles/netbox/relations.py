# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fields that refer to other objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .errors import Invalid
from .fields import Computed, Field
from .reader import Reader

CASCADE, PROTECT, NULL = "cascade", "protect", "null"  # what becomes of an object when the one that it refers to is deleted


@dataclass(frozen=True)
class Ref(Field):
    """One object of a type; a request names it by its id or by some of its attributes."""

    target: str = ""
    on_delete: str = NULL
    bare: bool = False  # shown as the id alone

    def read(self, value, reader):
        return _found(self.target, value, reader)

    def show(self, record, view):
        value = record[self.name]
        return value if self.bare or value is None else view.nested(self.target, value, view)

    def references(self, record):
        if record[self.name] is not None:
            yield self.target, record[self.name]


@dataclass(frozen=True)
class Many(Field):
    """Objects of a type. The change log has their ids, and the names of tags."""

    default: object = ()
    nullable: bool = False
    target: str = ""
    on_delete: str = NULL

    def read(self, value, reader):
        if not isinstance(value, list):
            raise Invalid(f'Expected a list of items but got type "{type(value).__name__}".')
        return tuple(dict.fromkeys(_found(self.target, item, reader) for item in value))

    def show(self, record, view):
        return [view.nested(self.target, value, view) for value in record[self.name]]

    def flat(self, record, reader):
        return list(record[self.name])

    def references(self, record):
        return ((self.target, value) for value in record[self.name])


@dataclass(frozen=True)
class Tags(Many):
    """The tags of an object; the change log has their names, sorted."""

    target: str = "extras.tag"

    def flat(self, record, reader):
        return sorted(reader.get(self.target, value)["name"] for value in record[self.name])


@dataclass(frozen=True)
class Slugs(Many):
    """Objects of a type by their slugs, as a config context has its tags."""

    def read(self, value, reader):
        if not isinstance(value, list):
            raise Invalid(f'Expected a list of items but got type "{type(value).__name__}".')
        known = {found["slug"]: found["id"] for found in reader.all(self.target)}
        wrong = [slug for slug in value if slug not in known]
        if wrong:
            raise Invalid(f"Object with slug={wrong[0]} does not exist.")
        return tuple(dict.fromkeys(known[slug] for slug in value))

    def show(self, record, view):
        return [view.reader.get(self.target, number)["slug"] for number in record[self.name]]


@dataclass(frozen=True)
class Generic(Computed):
    """The object that two other fields name by its type and its id."""

    type_field: str = ""
    id_field: str = ""
    on_delete: str = CASCADE

    def show(self, record, view):
        named = next(iter(self.references(record)), None)
        return None if named is None else view.nested(*named, view)

    def references(self, record):
        if record[self.type_field] is not None and record[self.id_field] is not None:
            yield record[self.type_field], record[self.id_field]


def _found(target: str, value: object, reader: Reader) -> int:
    """Return the id of the object that a request names."""
    if isinstance(value, Mapping):
        matches = [found for found in reader.all(target) if all(found.get(name) == wanted for name, wanted in value.items())]
        if len(matches) != 1:
            which = "Multiple objects match" if matches else "Related object not found using"
            raise Invalid(f"{which} the provided attributes: {dict(value)}")
        return matches[0]["id"]
    try:
        number = int(str(value))
    except ValueError as error:
        text = "Related objects must be referenced by numeric ID or by dictionary of attributes. Received an unrecognized value: "
        raise Invalid(text + str(value)) from error
    if reader.get(target, number) is None:
        raise Invalid(f"Related object not found using the provided numeric ID: {number}")
    return number
