# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One change of an object, as NetBox's change log has it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from .errors import NetBoxUnavailable
from .shallow import shallow

CREATED, UPDATED, DELETED = "created", "updated", "deleted"
_ACTIONS = {"create": CREATED, "update": UPDATED, "delete": DELETED}
_NOTHING: Mapping[str, Any] = MappingProxyType({})

Key = tuple[str, int]  # an object's type and its id


@dataclass(frozen=True, slots=True)
class Change:
    """A row of the change log.

    `before` and `after` are flat: foreign keys are ids, choices plain texts. They are empty where there is no such state. `changed` are the names of the
    fields that differ between them, sorted. `is_consequence` is for an object that the row is not about, but that it alters: `changed` are the fields
    that it alters there, `before` and `after` what is known of these.
    """

    id: int
    time: datetime
    object_type: str
    object_id: int
    action: str
    name: str
    username: str
    request_id: str
    before: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    after: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    changed: tuple[str, ...] = ()
    is_consequence: bool = False

    @property
    def key(self) -> Key:
        return self.object_type, self.object_id

    @property
    def mark(self) -> tuple[int, Key]:
        """Return what tells it from all others: a row may alter several objects."""
        return self.id, self.key


def change_of(row: Mapping[str, Any]) -> Change:
    """Read a row of `/api/core/object-changes/`. Raises NetBoxUnavailable when it is none."""
    try:
        user = row.get("user")
        before, after = row.get("prechange_data") or {}, row.get("postchange_data") or {}
        return Change(
            id=int(row["id"]),
            time=time_of(row["time"]),
            object_type=str(row["changed_object_type"]),
            object_id=int(row["changed_object_id"]),
            action=_ACTIONS[row["action"]["value"]],
            name=str(row.get("object_repr") or ""),
            username=str(row.get("user_name") or (user.get("username") if isinstance(user, Mapping) else "") or ""),
            request_id=str(row.get("request_id") or ""),
            before=shallow(before),
            after=shallow(after),
            changed=_changed(before, after),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NetBoxUnavailable(f"a row of its change log cannot be read ({error!r}); this version of NetBox may be too new or too old") from error


def time_of(text: str) -> datetime:
    """Read a time as NetBox writes it, RFC 3339 with microseconds. Raises ValueError."""
    found = datetime.fromisoformat(text)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


def as_text(time: datetime) -> str:
    """Write a time as NetBox's filters take it: exact, in UTC."""
    return time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    if not before or not after:
        return ()
    return tuple(field for field in sorted({**before, **after}) if before.get(field) != after.get(field))


def by_type(keys: Iterable[Key]) -> dict[str, list[int]]:
    """Group objects by their type, each once, in their order."""
    grouped: dict[str, dict[int, None]] = {}
    for object_type, number in keys:
        grouped.setdefault(object_type, {})[number] = None
    return {object_type: list(numbers) for object_type, numbers in grouped.items()}
