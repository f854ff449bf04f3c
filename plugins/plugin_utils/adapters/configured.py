# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An `adapter` as a rulebook writes it: its name, or a mapping of its name to its settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.registry import ADAPTERS
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.schema_mistakes import nearest

ADAPTER_SCHEMA: Mapping = {
    "anyOf": [{"type": "string"}, {"type": "object", "minProperties": 1, "maxProperties": 1}],
    "expected": "the name of an adapter, or a mapping of its name to its settings",
}


def read_adapter(given: str | Mapping | None, where: str, mistakes: Mistakes, *, looks_up: bool = False) -> tuple[str | None, Mapping]:
    """Return the name of an adapter and its settings, ready for use; what is wrong goes to `mistakes`.

    :param looks_up: whether there is a directory that rules for hosts can ask (adapters/names.py).
    """
    if given is None:
        return None, {}
    name, settings = (given, {}) if isinstance(given, str) else next(iter(given.items()))
    if name not in ADAPTERS:
        meant = nearest(str(name), ADAPTERS)
        mistakes.add(where, f"must be one of {', '.join(sorted(ADAPTERS))}, got {name!r}{f', did you mean {meant}?' if meant else ''}")
        return None, {}
    adapter, where = ADAPTERS[name], f"{where}.{name}"
    values = mistakes.read(settings or {}, adapter.schema, where)
    if values is not None and not looks_up:
        for path in _lookups(values, where):
            mistakes.add(path, "only the source eventops.infra.cloudwatch can ask AWS how a host is called; here write hostvar, a variable with the value")
    return name, {} if values is None else adapter.prepare(values, where, mistakes)


def _lookups(settings: Mapping, where: str) -> Iterator[str]:
    """Yield where rules for hosts have something looked up."""
    for key, value in settings.items():
        if key == "hosts" and isinstance(value, list):
            yield from (f"{where}.{key}[{position}].by" for position, rule in enumerate(value) if isinstance(rule, Mapping) and "by" in rule)
        elif isinstance(value, Mapping):
            yield from _lookups(value, f"{where}.{key}")
