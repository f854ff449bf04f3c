# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fields that are nested no deeper than an event may be: NetBox takes any JSON from whoever may write a config context or a custom field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.nesting import MAX_DEPTH, TooDeep, ensure_shallow

# A field stands in an object, and that in the data of an event.
MAX_FIELD_DEPTH = MAX_DEPTH - 2
LEFT_OUT = f"[left out: nested more than {MAX_FIELD_DEPTH} levels deep]"


def shallow(thing: Mapping[str, Any]) -> dict[str, Any]:
    """Return an object with a text in place of each field that is nested too deeply: one such object is to hold up no other."""
    return {name: value if _is_shallow(value) else LEFT_OUT for name, value in thing.items()}


def _is_shallow(value: Any) -> bool:
    try:
        ensure_shallow(value, MAX_FIELD_DEPTH)
    except TooDeep:
        return False
    return True
