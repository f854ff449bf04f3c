# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read a plugin's arguments: defaults filled in, every mistake reported at once."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.schema_mistakes import (
    describe,
    explain,
    join,
    resolve,
)
from jsonschema import Draft202012Validator

_ENGINE_KEYS = frozenset({"eda_feedback_queue"})  # ansible-rulebook adds it to a source with `feedback: true`
_MOST_LINES = 50  # one mistake in a group's variables is one for each of its thousand hosts


class ConfigurationError(ValueError):
    """Say everything that is wrong with a configuration, one mistake per line."""

    def __init__(self, mistakes: list[tuple[str, str]]) -> None:
        self.mistakes = tuple(mistakes)
        lines = [f"{path}: {text}" if path else text for path, text in mistakes[:_MOST_LINES]]
        if len(mistakes) > _MOST_LINES:
            lines.append(f"and {len(mistakes) - _MOST_LINES} more")
        super().__init__("\n".join(lines))


class Mistakes:
    """Collect mistakes of several checks, so that they are reported in one error."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], None] = {}

    def __bool__(self) -> bool:
        return bool(self._found)

    @property
    def found(self) -> tuple[tuple[str, str], ...]:
        """Return the mistakes, each a path and a text, in the order they were noted."""
        return tuple(self._found)

    def add(self, path: str, text: str) -> None:
        """Note one mistake: `path` as written in the rulebook, `text` with what was expected, what came, what to do."""
        self._found[(path, text)] = None

    def take(self, error: ConfigurationError) -> None:
        """Note every mistake of another check."""
        for path, text in error.mistakes:
            self.add(path, text)

    def read(self, args: Mapping | None, schema: Mapping, where: str = "") -> dict | None:
        """Read like the function `read`, but note the mistakes instead of raising; None when there are any."""
        try:
            return read(args, schema, where)
        except ConfigurationError as error:
            self.take(error)
            return None

    def raise_if_any(self) -> None:
        """Raise one ConfigurationError with everything that was noted."""
        if self._found:
            raise ConfigurationError(list(self._found))


def read(args: Mapping | None, schema: Mapping, where: str = "") -> dict:
    """Check arguments against a JSON schema and return a deep copy with the schema's defaults filled in.

    An absent object is created when its children have defaults and none is required; `default: null` in its schema
    keeps it absent (a feature that is off unless written). Two annotations shape the messages: `expected` says in
    words what a value must be, and `writeOnly` marks a secret, which no message shows.

    :param args: the arguments as they were written; None counts as an empty mapping.
    :param schema: a JSON schema, draft 2020-12; references only to its own `$defs`.
    :param where: path of the arguments in the rulebook, which every message starts with.
    :raises ConfigurationError: with all mistakes.
    """
    mistakes = Mistakes()
    given = _as_json({} if args is None else args, where, mistakes)
    if isinstance(given, dict):
        given = {key: value for key, value in given.items() if key not in _ENGINE_KEYS}
    for error in Draft202012Validator(schema).iter_errors(given):
        for path, text in explain(error, schema):
            mistakes.add(join(where, path), text)
    mistakes.raise_if_any()
    return _filled(given, schema, schema)


def _as_json(value: Any, path: str, mistakes: Mistakes) -> Any:
    """Copy to what JSON knows: YAML also reads `on:` as the key true, `80:` as a number, and `.inf` as no finite number."""
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                mistakes.add(path, f"has the key {describe(key)}, which YAML does not read as text; write it in quotes")
        return {str(key): _as_json(item, join(path, [str(key)]), mistakes) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_as_json(item, join(path, [index]), mistakes) for index, item in enumerate(value)]
    if isinstance(value, float) and not math.isfinite(value):
        mistakes.add(path, f"must be a finite number, got {value}")  # no limit of a schema refuses NaN
    return value


def _filled(value: Any, schema: Any, root: Mapping) -> Any:
    """Fill the defaults into a valid value; in place for its mappings and lists, which are copies already."""
    for part in _applicable(value, schema, root):
        if isinstance(value, dict):
            _fill_mapping(value, part, root)
        elif isinstance(value, list) and "items" in part:
            value[:] = [_filled(item, part["items"], root) for item in value]
        elif part.get("type") == "integer" and isinstance(value, float):
            value = int(value)  # JSON schema takes 3.0 for an integer, range() does not
    return value


def _fill_mapping(value: dict, schema: Mapping, root: Mapping) -> None:
    properties = schema.get("properties", {})
    for key, child in properties.items():
        child = resolve(child, root)
        if key in value:
            value[key] = _filled(value[key], child, root)
        elif "default" in child:
            value[key] = _filled(copy.deepcopy(child["default"]), child, root)
        elif child.get("type") == "object" and "properties" in child and not child.get("required"):
            created = _filled({}, child, root)
            if created:
                value[key] = created
    others = schema.get("additionalProperties")
    if isinstance(others, Mapping):
        for key in value.keys() - properties.keys():
            value[key] = _filled(value[key], others, root)


def _applicable(value: Any, schema: Any, root: Mapping) -> Iterator[Mapping]:
    """Yield the schema and those of its alternatives that the value fits: each may have defaults of its own."""
    if not isinstance(schema, Mapping):
        return
    schema = resolve(schema, root)
    yield schema
    for part in schema.get("allOf", ()):
        yield from _applicable(value, part, root)
    for keyword in ("oneOf", "anyOf"):
        for branch in schema.get(keyword, ()):
            if Draft202012Validator(root).evolve(schema=branch).is_valid(value):
                yield from _applicable(value, branch, root)
                break
