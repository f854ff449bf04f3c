# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read any payload by paths that the user gives, dotted ones or JSONPath, for senders that have no adapter of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.content import as_object, content_of
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.host_rules import HOSTS_SCHEMA, NamesNoHost, hosts_by
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.json_path import ROOT, InvalidQuery, Query, compiled
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.path import PATH_SCHEMA, found_at
from ansible_collections.eventops.infra.plugins.plugin_utils.attributes import event_from_attributes
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.event import SEVERITIES, Event
from ansible_collections.eventops.infra.plugins.plugin_utils.timestamp import from_epoch

Path = str | Query
Locator = Path | Mapping[str, Any]

_PATH = {
    "type": "string",
    "maxLength": 1000,
    "pattern": rf"^\{ROOT}|{PATH_SCHEMA['pattern']}",
    "expected": f"{PATH_SCHEMA['expected']}, or JSONPath such as $.payload.alerts[0].host",
}


def _locator(constant: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Make the schema of one setting: a path, a path with a map of what is found there, or a constant; `more` keys beside a path."""
    mapped = {
        "type": "object",
        "properties": {"path": _PATH, "map": {"type": "object", "additionalProperties": constant}, **more},
        "required": ["path"],
        "additionalProperties": False,
    }
    fixed = {"type": "object", "properties": {"value": constant}, "required": ["value"], "additionalProperties": False}
    return {"anyOf": [_PATH, mapped, fixed]}


_TEXT = {"type": "string", "minLength": 1}
_HOSTS = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]}

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        **{name: _locator(_TEXT) for name in ("type", "id", "subject", "dedup_key", "time", "name")},
        "severity": _locator({"enum": list(SEVERITIES)}),
        "hosts": {"anyOf": [*_locator(_HOSTS, optional={"type": "boolean"})["anyOf"], HOSTS_SCHEMA]},
        "data": _PATH,
    },
    "required": ["type"],
    "additionalProperties": False,
}


def prepare(settings: Mapping[str, Any], where: str, mistakes: Mistakes) -> Mapping[str, Any]:
    """Compile the settings that are JSONPath, once."""
    return {name: _prepared(locator, f"{where}.{name}", mistakes) for name, locator in settings.items()}


def _prepared(locator: Any, where: str, mistakes: Mistakes) -> Any:
    if isinstance(locator, list):
        for position, rule in enumerate(locator):
            if isinstance(rule, Mapping) and rule.get("path", "").startswith(ROOT):
                mistakes.add(f"{where}[{position}].path", f"must be a dotted path in a list of rules, got {rule['path']!r}; for JSONPath write no list")
        return locator
    if isinstance(locator, Mapping) and "path" in locator:
        return {**locator, "path": _prepared(locator["path"], f"{where}.path", mistakes)}
    if not isinstance(locator, str) or not locator.startswith(ROOT):
        return locator
    try:
        return compiled(locator)
    except InvalidQuery as error:
        mistakes.add(where, str(error))
        return locator


def adapt(payload: Mapping[str, Any], *, settings: Mapping[str, Any], context: AdapterContext) -> list[Event] | None:
    """Make one event from what the paths in `settings` (see SCHEMA) find in a payload; None when they find no type.

    A setting is a path, `{path: ..., map: {found: meaning}}`, or `{value: constant}`. What a map does not name counts as absent, but a
    severity in our own words. Numbers become text, and a number as `time` is seconds, or milliseconds, since 1970. `data` is the object at its
    path (anything else there becomes its `value`), by default what was received; `name` is added to it. Where JSONPath finds several values, `hosts`
    takes all of them, and all else the first.

    Where `hosts` has a path and nothing is found there, the event is about nobody knows which host: it cannot be read, lest what is meant for a
    host runs on the controller. `optional: true` beside the path says that such events are about no host. A list of rules (see host_rules) says it by
    ending with `none`; its paths begin where all others do, and its labels are the object `labels` of what was received.

    Raises InvalidEvent when what was found can't be the attribute.
    """
    found = {name: _located(payload, settings[name]) for name in ("type", "id", "subject", "dedup_key", "name") if name in settings}
    if not isinstance(found.get("type"), str) or not found["type"]:
        return None
    if "hosts" in settings:
        found["hosts"] = _hosts(payload, settings["hosts"], context)
    name = _scalar_text(found.pop("name", None))
    attributes = {key: _scalar_text(value) for key, value in found.items()}
    attributes["severity"] = _severity(payload, settings.get("severity"))
    attributes["time"] = _time(payload, settings.get("time"))
    attributes["data"] = _data(payload, settings.get("data"), name)
    event = event_from_attributes(attributes, source=context.source, received_at=context.received_at, new_id=context.new_id, extra=payload)
    return [event]


def _hosts(payload: Mapping[str, Any], given: Locator | list[Any], context: AdapterContext) -> Any:
    if isinstance(given, list):
        labels = content_of(payload).get("labels")
        return hosts_by(given, labels=labels if isinstance(labels, Mapping) else {}, content=payload, context=context)
    found = _located(payload, given, _all_at)
    _require_hosts(found, given)
    return found


def _require_hosts(found: Any, locator: Locator) -> None:
    if found not in (None, "", [], ()):
        return
    path = locator.get("path") if isinstance(locator, Mapping) else locator
    if path is not None and not (isinstance(locator, Mapping) and locator.get("optional")):
        raise NamesNoHost(f"hosts: nothing is at {path}, where its host is expected; correct the path, or say optional: true beside it")


def _at(payload: Mapping[str, Any], path: Path) -> Any:
    return path.first_in(payload) if isinstance(path, Query) else found_at(payload, path)


def _all_at(payload: Mapping[str, Any], path: Path) -> Any:
    """Find all that JSONPath leads to; a single value is itself, so that a list of names is one."""
    if not isinstance(path, Query):
        return found_at(payload, path)
    found = [value for value in path.all_in(payload) if value not in (None, "")]
    return found[0] if len(found) == 1 else found


def _located(payload: Mapping[str, Any], locator: Locator, find: Callable[[Mapping[str, Any], Path], Any] = _at) -> Any:
    if not isinstance(locator, Mapping):
        return find(payload, locator)
    if "value" in locator:
        return locator["value"]
    found = find(payload, locator["path"])
    return _mapped(found, locator["map"]) if "map" in locator else found


def _mapped(found: Any, meanings: Mapping[str, Any]) -> Any:
    # YAML and JSON spell a boolean in lower case, Python does not.
    key = str(found).lower() if isinstance(found, bool) else _scalar_text(found)
    return meanings.get(key) if isinstance(key, str) else None


def _severity(payload: Mapping[str, Any], locator: Locator | None) -> str | None:
    """Find a severity; a level that the user did not foresee is no reason to refuse an alert."""
    if locator is None:
        return None
    severity = _located(payload, locator)
    if severity is None and isinstance(locator, Mapping) and "path" in locator:
        severity = _at(payload, locator["path"])
    word = severity.strip().lower() if isinstance(severity, str) else None
    return word if word in SEVERITIES else None


def _time(payload: Mapping[str, Any], locator: Locator | None) -> Any:
    found = None if locator is None else _located(payload, locator)
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        return found or None
    try:
        # 100,000,000,000 seconds are in the year 5138: a sender that says more counts milliseconds.
        return from_epoch(found if found < 100_000_000_000 else found / 1000)
    except (ValueError, OverflowError):
        return found  # event_from_attributes says what is wrong with it


def _data(payload: Mapping[str, Any], path: Path | None, name: Any) -> dict[str, Any]:
    found = content_of(payload) if path is None else _at(payload, path)
    content = as_object(found)
    if content is None:
        content = {} if found is None else {"value": found}
    return dict(content) if name is None else {**content, "name": name}


def _scalar_text(value: Any) -> Any:
    """Write a number as text, take an empty text as absent, and leave the rest to the validation of the attribute."""
    if value == "":
        return None
    is_number = isinstance(value, float) or (isinstance(value, int) and not isinstance(value, bool) and value.bit_length() <= 64)
    return str(value) if is_number else value
