# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read NetBox's webhook, of versions 4.0 to 4.7: what was created, updated or deleted."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.content import delivered
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.host_rules import HOSTS_SCHEMA, hosts_by
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.netbox_hosts import host_of
from ansible_collections.eventops.infra.plugins.plugin_utils.attributes import default_dedup_key, event_from_attributes
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event, InvalidEvent
from ansible_collections.eventops.infra.plugins.plugin_utils.nesting import TooDeep, ensure_shallow
from ansible_collections.eventops.infra.plugins.plugin_utils.schema_mistakes import describe
from ansible_collections.eventops.infra.plugins.plugin_utils.timestamp import in_utc

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "hosts": HOSTS_SCHEMA,
        "url": {
            "type": "string",
            "pattern": r"^https?://[^\s/@?#]+(/[^\s?#]*)?$",
            "expected": "the address of NetBox, such as https://netbox.example.com, without a user or a password",
        },
    },
    "additionalProperties": False,
}

ACTIONS = ("created", "updated", "deleted")
_ID = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)
_OBJECT_TYPE = re.compile(r"(?:[A-Za-z0-9_]{1,100}\.)?([a-z0-9_]{1,100})", re.ASCII)


def adapt(payload: Mapping[str, Any], *, settings: Mapping[str, Any], context: AdapterContext) -> list[Event] | None:
    """Make one event of a webhook: `netbox.<model>.created`, `updated` or `deleted`; None when it is no webhook of an object.

    NetBox gives its deliveries no id, but sends the same bytes again when it repeats one, with the time inside: their hash is the id.

    Raises InvalidEvent when what every webhook has is missing.
    """
    body = delivered(payload)
    if not isinstance(body, Mapping) or body.get("event") not in ACTIONS or not ("object_type" in body or "model" in body):
        return None
    object_type, model = _object_type(body)
    thing = body.get("data")
    if not isinstance(thing, Mapping):
        raise InvalidEvent(f"data: must be the object, got {describe(thing)}")
    _require_shallow(body)
    number = _number(thing.get("id"))
    type_ = f"netbox.{model}.{body['event']}"
    name = next((text for text in (thing.get("display"), thing.get("name")) if isinstance(text, str) and text), f"{model} {number}")
    time = _time(body.get("timestamp"))
    attributes = {
        "id": None if time is None else _hash(body),
        "source": f"netbox:{settings['url'].rstrip('/')}" if "url" in settings else None,
        "type": type_,
        "subject": name,
        "time": time,
        "hosts": _hosts(body, model, thing, settings, context),
        # Names are unique in a site or a cluster only, and models in an app: two plugins may have one of the same name.
        "dedup_key": default_dedup_key(f"netbox.{object_type}.{body['event']}", "", f"{number}/{name}", {}),
        "data": _data(body, model, thing),
    }
    return [event_from_attributes(attributes, source=context.source, received_at=context.received_at, new_id=context.new_id, extra=payload)]


def _hosts(body: Mapping[str, Any], model: str, thing: Mapping[str, Any], settings: Mapping[str, Any], context: AdapterContext) -> list[str]:
    if "hosts" in settings:
        return list(hosts_by(settings["hosts"], labels=thing, content=body, context=context))
    host = host_of(model, thing)
    return [] if host is None else [host]


def _object_type(body: Mapping[str, Any]) -> tuple[str, str]:
    """Return the type with its app and the model alone; `object_type` is all that 4.5 and later have, `model` all that some earlier versions have."""
    object_type = body.get("object_type")
    given = object_type if isinstance(object_type, str) else body.get("model")
    found = _OBJECT_TYPE.fullmatch(given) if isinstance(given, str) else None
    if found is None:
        raise InvalidEvent(f"object_type: must be such as virtualization.virtualmachine, got {describe(object_type if 'object_type' in body else given)}")
    return found[0], found[1]


def _data(body: Mapping[str, Any], model: str, thing: Mapping[str, Any]) -> dict[str, Any]:
    """Return what rules read, the same for all versions: 4.7 says who it was in `request` alone."""
    request = body["request"] if isinstance(body.get("request"), Mapping) else {}
    snapshots = body["snapshots"] if isinstance(body.get("snapshots"), Mapping) else {}
    found = {
        "model": model,
        "object_type": body.get("object_type"),
        "object": dict(thing),
        "snapshots": dict(snapshots),
        "username": body.get("username") or request.get("user"),
        "request_id": body.get("request_id") or request.get("id"),
        "changed": _changed(snapshots.get("prechange"), snapshots.get("postchange")),
    }
    return {key: value for key, value in found.items() if value is not None}


def _changed(before: Any, after: Any) -> list[str]:
    """Return the fields whose values an update changed, none for one that changed nothing; what was created or deleted has no two states."""
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return []
    return [field for field in sorted({**before, **after}) if field not in before or field not in after or before[field] != after[field]]


def _require_shallow(body: Mapping[str, Any]) -> None:
    try:
        ensure_shallow(body)
    except TooDeep as error:
        raise InvalidEvent(f"data: {error}") from error


def _number(given: Any) -> str:
    """Write an object's id as text; those of plugins may be UUIDs."""
    text = str(given) if isinstance(given, int) and not isinstance(given, bool) and given.bit_length() <= 64 else given
    if not isinstance(text, str) or not _ID.fullmatch(text):
        raise InvalidEvent(f"data.id: must be the object's id, got {describe(given)}")
    return text


def _hash(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _time(value: Any) -> str | None:
    try:
        return in_utc(value) if isinstance(value, str) else None
    except ValueError:
        return None
