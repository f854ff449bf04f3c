# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What we write to NetBox's objects ourselves, known again when the change log tells of it: an answer to our own writing would have no end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .change import Change

_STAMP = "last_updated"


@dataclass(frozen=True, slots=True)
class OwnFields:
    """The custom field and the tags that are ours; None and none where nothing is written."""

    custom_field: str | None = None
    tags: frozenset[str] = frozenset()


def is_own(change: Change, own: OwnFields) -> bool:
    """Tell whether an update changed nothing but what is ours, whoever wrote it."""
    others = set(change.changed) - {_STAMP, "custom_fields", "tags"}
    if others or not change.before or not change.after:
        return False
    return _without(change.before, own) == _without(change.after, own)


def _without(flat: Mapping[str, Any], own: OwnFields) -> tuple[dict[str, Any], frozenset[str]]:
    fields = flat.get("custom_fields") or {}
    tags = flat.get("tags") or ()
    return {name: value for name, value in fields.items() if name != own.custom_field}, frozenset(tags) - own.tags
