# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The types of requests and the JSON schema of each one's data: those that we bring, and those of the rulebook."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.schema_mistakes import enumeration, join, nearest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

PREFIX = "request."

# Where a schema has schemas inside: as the value, in a list, or under keys of the author's own.
_ONE = ("additionalProperties", "contains", "else", "if", "items", "not", "propertyNames", "then", "unevaluatedItems", "unevaluatedProperties")
_SEVERAL = ("allOf", "anyOf", "oneOf", "prefixItems")
_NAMED = ("$defs", "dependentSchemas", "patternProperties", "properties")


@cache
def shipped_schemas() -> Mapping[str, Mapping[str, Any]]:
    """Return the schemas that the collection brings, by type: `user_onboard.json` is that of `request.user.onboard`."""
    files = sorted((Path(__file__).parent / "request_schemas").glob("*.json"))
    return {PREFIX + file.stem.replace("_", "."): json.loads(file.read_text(encoding="utf-8")) for file in files}


def known_schemas(own: Mapping[str, Any], types: Sequence[str] | None, where: str, mistakes: Mistakes) -> Mapping[str, Mapping[str, Any]]:
    """Return the schema of each type that is taken; what is wrong goes to `mistakes`.

    :param own: schemas of the rulebook, which replace those of the same type or add others.
    :param types: the types that are taken, None for all.
    :param where: the path of the adapter's settings.
    """
    for type_, schema in own.items():
        _check(schema, f"{where}.schemas[{type_}]", mistakes)
    schemas = {**shipped_schemas(), **own}
    for position, type_ in enumerate(types or ()):
        if type_ not in schemas:
            meant = nearest(type_, schemas)
            advice = f"; did you mean {meant}?" if meant else "; add its schema under schemas"
            mistakes.add(f"{where}.types[{position}]", f"must be one of {enumeration(sorted(schemas), 'or')}, got {type_!r}{advice}")
    return {type_: schema for type_, schema in schemas.items() if types is None or type_ in types}


def _check(schema: Any, where: str, mistakes: Mistakes) -> None:
    """Find at the start what would fail with the first request: no schema, a pattern that is none, a reference that leads nowhere."""
    wrong = best_match(Draft202012Validator(Draft202012Validator.META_SCHEMA).iter_errors(schema))
    if wrong is not None:
        mistakes.add(join(where, wrong.absolute_path), f"is not JSON schema, draft 2020-12: {wrong.message}")
        return
    for path, part in _parts(schema, ()):
        if not isinstance(part, Mapping):
            mistakes.add(join(where, path), "must be a mapping; write {} for what may be anything")
            continue
        for pattern in (*([part["pattern"]] if "pattern" in part else []), *part.get("patternProperties", {})):
            _check_pattern(pattern, join(where, path), mistakes)
        if "$dynamicRef" in part or not _leads_somewhere(part.get("$ref"), schema):
            mistakes.add(join(where, path), "has a reference that does not lead to one of the schema's own $defs, such as #/$defs/name; nothing is fetched")


def _check_pattern(pattern: str, where: str, mistakes: Mistakes) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        mistakes.add(where, f"the pattern {pattern!r} is no regular expression: {error}")


def _leads_somewhere(reference: Any, root: Any) -> bool:
    if reference is None:
        return True
    start, _slash, name = str(reference).rpartition("/")
    return start == "#/$defs" and isinstance(root.get("$defs", {}).get(name), Mapping)


def _parts(schema: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Yield a schema and all schemas in it with their paths; true and false where a keyword takes one schema are as good as a mapping."""
    yield path, schema
    if not isinstance(schema, Mapping):
        return
    for keyword in _ONE:
        if keyword in schema and not isinstance(schema[keyword], bool):
            yield from _parts(schema[keyword], (*path, keyword))
    for keyword in _SEVERAL:
        for position, part in enumerate(schema.get(keyword, ())):
            yield from _parts(part, (*path, keyword, position))
    for keyword in _NAMED:
        for name, part in schema.get(keyword, {}).items():
            yield from _parts(part, (*path, keyword, name))
