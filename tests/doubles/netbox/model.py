# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the double knows of one type of NetBox's objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from . import versions
from .custom_fields import CustomFields
from .fields import Field, Json
from .kinds import Text, Time
from .reader import Reader, Record
from .relations import Tags


def display_name(record: Record, _reader: Reader) -> str:
    """Return the name."""
    return record["name"]


@dataclass(frozen=True)
class Unique:
    """What no two objects of a type may have in common.

    Args:
        text: of the refusal.
        key: what is compared; None is always unique.
        field: that the refusal names.
    """

    text: str
    key: Callable[[Record, Reader], object]
    field: str = "__all__"


@dataclass(frozen=True)
class Model:
    """A type of objects.

    Args:
        type: as NetBox names it, "virtualization.virtualmachine".
        path: of its endpoint below /api/.
        label: what the change log calls it.
        class_name: what a 404 calls it.
        fields: in the order in which the API shows them.
        brief: the names of the fields of the nested form, and of `brief=true`, after id, url and display.
        sort: the key of the order without `ordering`.
        check: finds what is wrong between fields; gets the new record, the old one or None, and the reader.
        is_logged: whether changes get rows in the change log, and events.
        recorded: whether it is in the recorded schema; others follow NetBox's documentation.
    """

    type: str
    path: str
    label: str
    class_name: str
    fields: Sequence[Field]
    brief: Sequence[str] = ("name", "slug", "description")
    display: Callable[[Record, Reader], str] = display_name
    sort: Callable[[Record], object] = lambda record: (record["name"] or "", record["id"])
    unique: Sequence[Unique] = ()
    check: Callable[[Record, Record | None, Reader], Mapping[str, list[str]]] = lambda _new, _old, _reader: {}
    is_logged: bool = True
    recorded: bool = True
    web_path: str = ""
    filters: Mapping[str, Callable] = field(default_factory=dict)

    @property
    def app(self) -> str:
        """The application that it belongs to."""
        return self.type.split(".", 1)[0]

    @property
    def key(self) -> str:
        """The type without its application."""
        return self.type.split(".", 1)[1]

    def fields_of(self, version: str) -> list[Field]:
        """Return the fields that a version has."""
        return [found for found in self.fields if versions.covers(version, found.since, found.until)]


def by_name(noun: str, name: str = "name") -> Unique:
    """Return the rule that no two objects have the same name, or slug."""
    return Unique(f"{noun} with this {name} already exists.", lambda record, _reader: record[name], name)


def owned(object_type: str, *, comments: bool = True) -> list[Field]:
    """Return what most objects end with."""
    found = [Text("description", max_length=200), Json("owner", since="4.5")]
    if comments:
        found.append(Text("comments"))
    return [*found, *tagged(object_type)]


def tagged(object_type: str) -> list[Field]:
    """Return tags, custom fields and the times."""
    return [Tags("tags"), CustomFields("custom_fields", {}, of=object_type), *stamped()]


def stamped() -> list[Field]:
    """Return the times of creation and of the last change; the change log has neither, a webhook's snapshots the first."""
    return [Time("created", writable=False, tracked=False), Time("last_updated", writable=False, tracked=False)]
