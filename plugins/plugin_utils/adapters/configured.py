# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An `adapter` as a rulebook writes it: its name, or a mapping of its name to its settings."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.registry import ADAPTERS
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.schema_mistakes import nearest

ADAPTER_SCHEMA: Mapping = {
    "anyOf": [{"type": "string"}, {"type": "object", "minProperties": 1, "maxProperties": 1}],
    "expected": "the name of an adapter, or a mapping of its name to its settings",
}


def read_adapter(given: str | Mapping | None, where: str, mistakes: Mistakes) -> tuple[str | None, Mapping]:
    """Return the name of an adapter and its settings, ready for use; what is wrong goes to `mistakes`."""
    if given is None:
        return None, {}
    name, settings = (given, {}) if isinstance(given, str) else next(iter(given.items()))
    if name not in ADAPTERS:
        meant = nearest(str(name), ADAPTERS)
        mistakes.add(where, f"must be one of {', '.join(sorted(ADAPTERS))}, got {name!r}{f', did you mean {meant}?' if meant else ''}")
        return None, {}
    adapter, where = ADAPTERS[name], f"{where}.{name}"
    values = mistakes.read(settings or {}, adapter.schema, where)
    return name, {} if values is None else adapter.prepare(values, where, mistakes)
