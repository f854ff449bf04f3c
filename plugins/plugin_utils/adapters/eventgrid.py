# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read events of Azure Event Grid, in its own schema or as CloudEvents.

The schema: Azure Event Grid documentation, "Azure Event Grid event schema".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters import cloudevents
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.alert import fingerprint
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.content import delivered
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.host_rules import HOSTS_SCHEMA, hosts_by
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.several import read_each
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.snake_case import snake_case
from ansible_collections.eventops.infra.plugins.plugin_utils.attributes import default_dedup_key, event_from_attributes
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event, InvalidEvent

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "hosts": HOSTS_SCHEMA,
        # For the handshake; see receiver/handshakes/event_grid_validation.py.
        "topics": {
            "type": "array",
            "minItems": 1,
            "maxItems": 100,
            "items": {"type": "string", "minLength": 1, "maxLength": 1024},
            "expected": "a list of topics, such as /subscriptions/<id>/resourceGroups/ops/providers/Microsoft.EventGrid/topics/alarms",
        },
    },
    "additionalProperties": False,
}


def adapt(payload: Mapping[str, Any], *, settings: Mapping[str, Any], context: AdapterContext) -> list[Event] | None:
    """Make an event of each event of the delivery; None when there is none. CloudEvents are read as the adapter cloudevents reads them.

    Raises InvalidEvent when none of them can be read.
    """
    content = delivered(payload)
    events = content if isinstance(content, list) else [content]
    is_ours = any(isinstance(event, Mapping) and "eventType" in event and "specversion" not in event for event in events)
    if not is_ours or "ce-specversion" in context.headers:
        rules = {"hosts": settings["hosts"]} if "hosts" in settings else {}
        return cloudevents.read_cloudevents(payload, settings=rules, context=context, default_key=_key_of_cloudevent)

    def read(event: Any) -> Event:
        return _event(event, settings, context, payload if len(events) == 1 else {"payload": event})

    return read_each(events, "the batch", read, context)


def _event(event: Any, settings: Mapping[str, Any], context: AdapterContext, extra: Mapping[str, Any]) -> Event:
    if not isinstance(event, Mapping):
        raise InvalidEvent("must be an object with id, topic, subject, eventType, eventTime and data")
    type_ = _type(event.get("eventType"))
    topic, subject, data = event.get("topic"), event.get("subject"), event.get("data")
    # Without rules it is about no host: most of what Event Grid tells is about no machine.
    hosts = hosts_by(settings["hosts"], labels={}, content=event, context=context) if "hosts" in settings else ()
    attributes = {
        "id": event.get("id"),
        # Ids are those of a topic's publisher; as CloudEvents, the topic is the source, too.
        "source": topic or None,
        "type": type_,
        "subject": subject or None,
        "time": event.get("eventTime"),
        "hosts": list(hosts),
        "dedup_key": _key(type_, topic, subject),
        "data": data if data is None or isinstance(data, Mapping) else {"value": data},
    }
    return event_from_attributes(attributes, source=context.source, received_at=context.received_at, new_id=context.new_id, extra=extra)


def _type(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise InvalidEvent("eventType: must be text such as Microsoft.Storage.BlobCreated")
    return ".".join(("azure", *(snake_case(part, "eventType") for part in value.split(".") if part)))


def _key_of_cloudevent(attributes: Mapping[str, Any]) -> str | None:
    type_ = attributes.get("type")
    # An alert and its end share the envelope's key, and each request is one of its own.
    is_change = _are_texts(type_) and not type_.startswith(("alert.", "request."))
    return _key(type_, attributes.get("source"), attributes.get("subject")) if is_change else None


def _key(type_: str, topic: Any, subject: Any) -> str | None:
    """Make the key of a subject of a topic: two topics may have the same subject."""
    return default_dedup_key(type_, "", fingerprint(topic, subject), {}) if _are_texts(topic, subject) else None


def _are_texts(*values: Any) -> bool:
    return all(isinstance(value, str) and value for value in values)
