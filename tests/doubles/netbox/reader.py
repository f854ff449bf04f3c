# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is read of the objects, the same way from what is committed and from inside a transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

Record = dict[str, object]
Reference = tuple[str, int]  # an object's type and id


class Reader(Protocol):
    """The objects as somebody sees them."""

    version: str

    def get(self, object_type: str, object_id: int | None) -> Record | None:
        """Return an object, or None."""

    def all(self, object_type: str) -> Iterable[Record]:
        """Return all objects of a type."""

    def referring(self, target: Reference) -> Iterator[tuple[str, int, str]]:
        """Return what refers to an object: the type, the id, and the name of the field."""


def count(reader: Reader, target: Reference, object_type: str, field: str) -> int:
    """Return how many objects of a type refer to an object by a field."""
    return sum(found[0] == object_type and found[2] == field for found in reader.referring(target))


def ids(reader: Reader, target: Reference, object_type: str, field: str) -> list[int]:
    """Return the ids of the objects of a type that refer to an object by a field, sorted."""
    return sorted(found[1] for found in reader.referring(target) if found[0] == object_type and found[2] == field)
