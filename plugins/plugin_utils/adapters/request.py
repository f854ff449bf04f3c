# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read what people and their portals ask for: a request of a known type, checked against the JSON schema of the type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.content import delivered
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.host_rules import HOSTS_SCHEMA, NO_HOST, hosts_by
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.request_limits import TooMuch, ensure_modest
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.request_types import PREFIX, known_schemas
from ansible_collections.eventops.infra.plugins.plugin_utils.attributes import event_from_attributes
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event, InvalidRequestData
from ansible_collections.eventops.infra.plugins.plugin_utils.schema_mistakes import describe, enumeration, nearest

_TYPE = {"type": "string", "pattern": rf"^{PREFIX}[a-z0-9_]+(\.[a-z0-9_]+)*$", "expected": "a type such as request.user.onboard"}
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "hosts": HOSTS_SCHEMA,
        "schemas": {"type": "object", "propertyNames": _TYPE, "additionalProperties": {"type": "object"}},
        "types": {"type": "array", "items": _TYPE, "minItems": 1, "uniqueItems": True},
    },
    "additionalProperties": False,
}

ABOUT_NO_HOST = (NO_HOST,)
_ID_HEADER = "idempotency-key"
# What a request is about, for people who read of it; the first that its data has.
_SUBJECTS = ("user", "name", "report")

_ONE_LINE = {"type": "string", "minLength": 1, "maxLength": 200, "pattern": r"^[^\u0000-\u001f\u007f-\u009f]+$(?!\n)"}
_BODY: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "id": {**_ONE_LINE, "expected": "what tells this request from all others, on one line and at most 200 characters long"},
        "requested_by": {**_ONE_LINE, "expected": "who asks, on one line and at most 200 characters long"},
        "data": {"type": "object"},
    },
    "required": ["type"],
    "additionalProperties": False,
}


def prepare(settings: Mapping[str, Any], where: str, mistakes: Mistakes) -> Mapping[str, Any]:
    """Bring the schemas of all types that are taken into the settings."""
    return {**settings, "schemas": known_schemas(settings.get("schemas", {}), settings.get("types"), where, mistakes)}


def adapt(payload: Mapping[str, Any], *, settings: Mapping[str, Any], context: AdapterContext) -> list[Event] | None:
    """Make one event of a request `{type, id, requested_by, data}`; None when it has no type.

    What the schema has a default for is filled in. Without an `id` the header Idempotency-Key is it: a request that is sent once more is dropped.

    Raises InvalidRequestData with all mistakes at once, each with its path, so that who asks can put them right.
    """
    body = delivered(payload)
    if not isinstance(body, Mapping) or "type" not in body:
        return None
    request, data = _checked({key: value for key, value in body.items() if body is not payload or key != "meta"}, settings["schemas"])
    content = {**request, "data": data}
    asked_by = {"requested_by": request["requested_by"]} if "requested_by" in request else {}
    attributes = {
        "id": request.get("id") or _id_in(context.headers),
        "type": request["type"],
        "subject": next((data[key] for key in _SUBJECTS if isinstance(data.get(key), str)), None),
        "hosts": list(hosts_by(settings.get("hosts", ABOUT_NO_HOST), labels=data, content=content, context=context)),
        "data": {**data, **asked_by},
    }
    return [event_from_attributes(attributes, source=context.source, received_at=context.received_at, new_id=context.new_id, extra=payload)]


def _checked(body: Mapping[str, Any], schemas: Mapping[str, Mapping[str, Any]]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    mistakes = Mistakes()
    try:
        ensure_modest(body)
    except TooMuch as error:
        raise InvalidRequestData([("", str(error))]) from error
    request = mistakes.read(body, _BODY)
    type_ = body["type"]
    schema = schemas.get(type_) if isinstance(type_, str) else None
    if schema is None and isinstance(type_, str):
        meant = nearest(type_, schemas)
        advice = f"; did you mean {meant}?" if meant else ""
        mistakes.add("type", f"must be one of {enumeration(schemas, 'or')}, got {describe(type_)}{advice}")
    data = mistakes.read(body.get("data"), schema, "data") if schema is not None and isinstance(body.get("data", {}), Mapping) else None
    if mistakes or request is None or data is None:
        raise InvalidRequestData(mistakes.found)
    return request, data


def _id_in(headers: Mapping[str, str]) -> str | None:
    """Return the header's value; as a string of structured headers (RFC 9651 section 3.3.3) it stands in quotes."""
    value = headers.get(_ID_HEADER, "").strip()
    return value.removeprefix('"').removesuffix('"') or None
