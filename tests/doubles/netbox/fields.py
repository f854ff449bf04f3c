# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A field of NetBox's objects: how a value is read from a request, kept, and shown nested or flat."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .errors import Invalid
from .reader import Reader, Record, Reference


@dataclass(frozen=True)
class Field:
    """A field of any JSON value.

    Args:
        name: of the field.
        default: what an object gets that was made without it.
        required: whether an object cannot be made without it.
        nullable: whether it may be null.
        since, until: the version that it came with, and the one that it went with.
        tracked: whether the change log and a webhook's snapshots have it.
        writable: whether a request can set it.
        hidden: whether it is kept and never shown.
    """

    name: str
    default: object = None
    required: bool = False
    nullable: bool = True
    since: str = ""
    until: str = ""
    tracked: bool = True
    writable: bool = True
    hidden: bool = False
    stored = True

    def parse(self, value: object, reader: Reader) -> object:
        """Return what is kept of a value in a request."""
        if value is None and not self.nullable:
            raise Invalid("This field may not be null.")
        return None if value is None else self.read(value, reader)

    def read(self, value: object, reader: Reader) -> object:
        """Return what is kept of a value that is not null."""
        return value

    def show(self, record: Record, view: View) -> object:
        """Return the value as the API shows it."""
        return record[self.name]

    def flat(self, record: Record, reader: Reader) -> object:
        """Return the value as the change log has it."""
        return record[self.name]

    def references(self, record: Record) -> Iterator[Reference]:
        """Return the objects that it refers to."""
        return iter(())


@dataclass(frozen=True)
class View:
    """How objects are shown: read from where, with what in front of the paths, and nested by whom."""

    reader: Reader
    base: str
    nested: Callable[[str, int, View], object]


Json = Field


@dataclass(frozen=True)
class Computed(Field):
    """What NetBox works out when it shows an object; `value` gets the object and the view."""

    writable: bool = False
    tracked: bool = False
    value: Callable[[Record, View], object] = lambda _record, _view: None
    stored = False

    def show(self, record, view):
        return self.value(record, view)

    def flat(self, record, reader):
        return self.value(record, View(reader, "", lambda *_arguments: None))
