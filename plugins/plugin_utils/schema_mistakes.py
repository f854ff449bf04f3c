# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Say what a JSON schema error means to the author of a rulebook."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from jsonschema import ValidationError

Explanation = tuple[list, str]  # where in the arguments (keys and list indexes), and what is wrong there

_TYPES = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "nothing",
    "number": "a number",
    "object": "a mapping",
    "string": "a string",
}
_SECRET = re.compile(r"passw(or)?d|secret|token|authorization|api_?key|private_?key", re.IGNORECASE)
_URL_PASSWORD = re.compile(r"(?<=://)([^/@\s]*):[^/@\s]*@")
_LONGEST_VALUE = 80  # a message is one line of a log


def explain(error: ValidationError, root: Mapping) -> Iterator[Explanation]:
    """Explain one error of a validator.

    :param error: what `iter_errors` yielded; its path is taken from the instance's root.
    :param root: the whole schema, for references into `$defs`.
    """
    path = list(error.absolute_path)
    keyword, wanted, value, schema = error.validator, error.validator_value, error.instance, error.schema
    if keyword == "additionalProperties":
        yield from ((path + [key], text) for key, text in _unknown_keys(value, schema))
    elif keyword == "required":
        # one error per missing key; which one, only its message says
        for key in (key for key in wanted if key not in value and error.message.startswith(repr(key))):
            child = resolve(schema.get("properties", {}).get(key, {}), root)
            yield path + [key], f"is missing; it must be {expectation(child, root)}"
    elif keyword == "dependentRequired":
        for key, needed in wanted.items():
            yield from ((path + [other], f"is missing; {key} needs it") for other in needed if key in value and other not in value)
    elif keyword in ("oneOf", "anyOf"):
        yield from _explain_alternatives(error, root)
    else:
        text = _sentence(keyword, wanted, value, schema, root)
        shown = describe(value, path, schema)
        yield path, (f"must {text}, got {shown}" if text else f"{error.message}") + _advice(keyword, wanted, value)


def join(where: str, path: Iterable) -> str:
    """Write a path as `policy.attempts.max` and `checks[0].http`, after the place where it starts."""
    for step in path:
        if isinstance(step, int):
            where += f"[{step}]"
        else:
            where += f".{step}" if where else str(step)
    return where


def resolve(schema: Any, root: Mapping) -> Any:
    """Follow a reference into the schema's own `$defs`; what stands beside the reference wins."""
    while isinstance(schema, Mapping) and "$ref" in schema:
        target: Any = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        schema = {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
    return schema


def describe(value: Any, path: Sequence = (), schema: Mapping = MappingProxyType({})) -> str:
    """Name a value as its author wrote it, bounded in length, secrets never."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "nothing"
    if isinstance(value, Mapping):
        return f"a mapping with {enumeration(value, 'and')}" if value else "an empty mapping"
    if isinstance(value, (list, tuple)):
        return f"a list of {len(value)}" if value else "an empty list"
    if schema.get("writeOnly") or any(_SECRET.search(str(step)) for step in path):
        return f"{_TYPES['string'] if isinstance(value, str) else 'a value'} that is not shown here"
    if isinstance(value, str):
        shown = _URL_PASSWORD.sub(r"\1:[redacted]@", value)
        return f"the string {shown[:_LONGEST_VALUE]!r}" + ("..." if len(shown) > _LONGEST_VALUE else "")
    return str(value)[:_LONGEST_VALUE]


def expectation(schema: Any, root: Mapping) -> str:
    """Say in words what a schema takes: its own `expected`, or what can be read from it."""
    schema = resolve(schema, root)
    if not isinstance(schema, Mapping):
        return "something else"
    if "expected" in schema:
        return schema["expected"]
    if "const" in schema:
        return repr(schema["const"])
    if "enum" in schema:
        return f"one of {enumeration(schema['enum'], 'or')}"
    for keyword in ("oneOf", "anyOf"):
        if keyword in schema:
            forms = dict.fromkeys(expectation({**schema, **branch, keyword: ()} if "required" in branch else branch, root) for branch in schema[keyword])
            return enumeration(forms, "or")
    kinds = schema.get("type", ())
    named = [_TYPES[kind] for kind in ([kinds] if isinstance(kinds, str) else kinds)]
    return enumeration(named, "or") if named else "given"


def enumeration(words: Iterable, last: str) -> str:
    """Write `a, b and c`."""
    words = [str(word) for word in words]
    return f" {last} ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Find the known word that was probably meant."""
    by_form = {_plain(name): name for name in known}
    found = difflib.get_close_matches(_plain(word), by_form, n=1, cutoff=0.6)
    return by_form[found[0]] if found else None


def _plain(word: str) -> str:
    return word.casefold().replace("-", "_").replace(" ", "_")


def _unknown_keys(value: Mapping, schema: Mapping) -> Iterator[tuple[str, str]]:
    known = list(schema.get("properties", {}))
    patterns = list(schema.get("patternProperties", {}))
    for key in value:
        if key in known or any(re.search(pattern, key) for pattern in patterns):
            continue
        meant = nearest(key, known)
        if meant:
            yield key, f"unknown key, did you mean {meant}?"
        elif known:
            yield key, f"unknown key, the known ones are {enumeration(known, 'and')}"
        else:
            yield key, "unknown key, none is known here; remove it"


def _sentence(keyword: str, wanted: Any, value: Any, schema: Mapping, root: Mapping) -> str | None:
    """Say what must be, without what came; None for a keyword that has no better words than the validator's."""
    if keyword in ("type", "pattern", "const", "enum", "format", "not") and "expected" in schema:
        return f"be {schema['expected']}"
    if keyword in ("type", "const", "enum"):
        return f"be {expectation(schema, root)}"
    if keyword in ("minLength", "minItems", "minProperties") and wanted == 1:
        return "not be empty"
    sentences = {
        "minimum": f"be at least {wanted}",
        "maximum": f"be at most {wanted}",
        "exclusiveMinimum": f"be greater than {wanted}",
        "exclusiveMaximum": f"be less than {wanted}",
        "multipleOf": f"be a multiple of {wanted}",
        "pattern": f"match {wanted}",
        "minLength": f"have at least {wanted} characters",
        "maxLength": f"have at most {wanted} characters",
        "minItems": f"have at least {wanted} entries",
        "maxItems": f"have at most {wanted} entries",
        "uniqueItems": "have no entry twice",
        "minProperties": f"have at least {wanted} keys",
        "maxProperties": f"have at most {wanted} {'key' if wanted == 1 else 'keys'}",
    }
    return sentences.get(keyword)


def _advice(keyword: str, wanted: Any, value: Any) -> str:
    if keyword == "enum" and isinstance(value, str):
        meant = nearest(value, (word for word in wanted if isinstance(word, str)))
        return f"; did you mean {meant}?" if meant else ""
    if keyword == "type" and isinstance(value, str):
        if wanted in ("number", "integer") and re.fullmatch(r"\s*-?\d+(\.\d+)?\s*", value):
            return "; remove the quotes"
        if wanted == "array":
            return "; write it as a list"
    return ""


def _explain_alternatives(error: ValidationError, root: Mapping) -> Iterator[Explanation]:
    """Report the branch that the author meant, or the choice when that cannot be told."""
    path, value, exactly_one = list(error.absolute_path), error.instance, error.validator == "oneOf"
    branches = [resolve(branch, root) for branch in error.validator_value]
    if isinstance(value, Mapping) and all(set(branch) == {"required"} for branch in branches):
        choices = [enumeration(branch["required"], "and") for branch in branches]
        present = [choice for choice, branch in zip(choices, branches) if set(branch["required"]) <= value.keys()]
        if present:
            yield path, f"must have only one of {enumeration(choices, 'or')}, got {enumeration(present, 'and')}; keep one of them"
        else:
            yield path, f"must have {'one' if exactly_one else 'at least one'} of {enumeration(choices, 'or')}, got none of them"
        return
    by_branch: dict[int, list[ValidationError]] = {}
    for inner in error.context or ():
        by_branch.setdefault(inner.schema_path[0], []).append(inner)
    if len(by_branch) < len(branches):
        yield path, f"fits more than one form ({expectation(error.schema, root)}); keep the keys of only one"
        return
    meant = [index for index, inner in by_branch.items() if not any(_is_other_kind(one, error) for one in inner)]
    if not meant:
        yield path, f"must be {expectation(error.schema, root)}, got {describe(value, path, error.schema)}"
        return
    likeliest = min(meant, key=lambda index: (-_shared_keys(branches[index], value), len(by_branch[index])))
    for inner in by_branch[likeliest]:
        yield from explain(inner, root)


def _is_other_kind(inner: ValidationError, outer: ValidationError) -> bool:
    """Tell whether a branch was not meant at all: another type, or another value of the key that tells forms apart."""
    depth = len(inner.absolute_path) - len(outer.absolute_path)
    return (depth == 0 and inner.validator in ("type", "const", "enum")) or (depth == 1 and inner.validator == "const")


def _shared_keys(branch: Any, value: Any) -> int:
    known = branch.get("properties", {}) if isinstance(branch, Mapping) else {}
    return len(known.keys() & value.keys()) if isinstance(value, Mapping) else 0
