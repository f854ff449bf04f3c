# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Answers compared with the recorded OpenAPI schema, and with recordings by their shape: names, order and types."""

from __future__ import annotations

import functools
from collections.abc import Mapping

import jsonschema

from . import schema


def mistakes(component: str, value: object) -> list[str]:
    """Return what in a value is not as a component of the recorded schema says."""
    return [f"{component}.{error.json_path}: {error.message}" for error in _validator(component).iter_errors(value) if not _is_wrong_in_schema(error)]


def _is_wrong_in_schema(error: jsonschema.ValidationError) -> bool:
    """Say whether NetBox itself does otherwise than its schema says: the recordings have null there, and the schema has not."""
    name = error.path[-1] if error.path else ""
    is_empty_choice = "" in error.schema.get("properties", {}).get("value", {}).get("enum", ())
    return error.instance is None and (is_empty_choice or name == "count" or str(name).startswith("allocated_"))


def component_of(path: str, method: str, status: str) -> str | None:
    """Return the component that the answer to a request is, or None where nothing was recorded; a path has {id}."""
    answer = schema.recorded()["paths"][path][method]["responses"][status]
    content = answer.get("content", {}).get("application/json", {}).get("schema", {})
    return content["$ref"].rpartition("/")[2] if "$ref" in content else None


def differences(recorded: object, found: object, at: str = "$") -> list[str]:
    """Return where a value has another shape than a recorded one; what was null, or empty, says nothing of its type."""
    if isinstance(recorded, Mapping) and isinstance(found, Mapping):
        if not recorded or not found:
            return []
        if list(recorded) != list(found) and set(recorded) != set(found):
            return [f"{at}: missing {sorted(set(recorded) - set(found))}, too much {sorted(set(found) - set(recorded))}"]
        return [line for name in recorded for line in differences(recorded[name], found[name], f"{at}.{name}")]
    if isinstance(recorded, list) and isinstance(found, list):
        return differences(recorded[0], found[0], f"{at}[0]") if recorded and found else []
    if recorded is None or found is None:
        return []
    same = isinstance(found, type(recorded)) and isinstance(recorded, type(found))
    return [] if same else [f"{at}: {recorded!r} was recorded, {found!r} came"]


@functools.cache
def _validator(component: str) -> jsonschema.Draft4Validator:
    # OpenAPI 3.0 has the words of draft 4, and `nullable` beside them.
    components = {name: _with_null(found) for name, found in schema.recorded()["components"]["schemas"].items()}
    return jsonschema.Draft4Validator({"$ref": f"#/components/schemas/{component}", "components": {"schemas": components}})


def _with_null(found: object) -> object:
    if isinstance(found, list):
        return [_with_null(item) for item in found]
    if not isinstance(found, dict):
        return found
    rest = {name: _with_null(value) for name, value in found.items() if name != "nullable"}
    return {"anyOf": [{"type": "null"}, rest]} if found.get("nullable") is True else rest
