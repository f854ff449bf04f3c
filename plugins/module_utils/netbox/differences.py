# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an object in NetBox has otherwise than it was asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

# Returns the value of a field in a form that is equal where the values mean the same.
Comparable = Callable[[str, object], object]


def as_it_is(field: str, value: object) -> object:
    """Compare a value as NetBox's API has it: a choice is {value, label}, which is written as its value alone."""
    return value["value"] if isinstance(value, Mapping) and "value" in value and "label" in value else value


def differences(existing: Mapping, wanted: Mapping, comparable: Comparable = as_it_is) -> tuple[dict, dict]:
    """Return the fields that differ, as they are and as they are wanted, both comparable.

    Args:
        existing: the object as NetBox's API returns it; empty when there is none.
        wanted: the fields that were asked for, as they would be sent.
        comparable: brings both sides into the same form.
    """
    before, after = {}, {}
    for field in sorted(wanted):
        has, wants = comparable(field, existing.get(field)), comparable(field, wanted[field])
        if field not in existing or has != wants:
            before[field], after[field] = has, wants
    return before, after
