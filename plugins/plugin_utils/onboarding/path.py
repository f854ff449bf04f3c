# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Find a value by the names of the fields that lead to it, as `custom_fields.ssh_host_key`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def value_at(path: str, thing: Mapping[str, Any]) -> Any:
    """Return what stands at a path, None where nothing does."""
    value: Any = thing
    for step in path.split("."):
        if not isinstance(value, Mapping) or step not in value:
            return None
        value = value[step]
    return value
