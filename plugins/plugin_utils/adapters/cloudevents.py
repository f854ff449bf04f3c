# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read CloudEvents 1.0 as they come by HTTP: one, a batch, or the attributes in headers.

The modes: HTTP Protocol Binding for CloudEvents 1.0.2, section 3.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.cloudevents_headers import attributes_in
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.content import CONTENT_KEYS, as_object, delivered
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.host_rules import HOSTS_SCHEMA, hosts_by
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.several import read_each
from ansible_collections.eventops.infra.plugins.plugin_utils.attributes import event_from_attributes
from ansible_collections.eventops.infra.plugins.plugin_utils.event import ATTRIBUTES, Event, InvalidEvent

SCHEMA: Mapping[str, Any] = {"type": "object", "properties": {"hosts": HOSTS_SCHEMA}, "additionalProperties": False}
MEDIA_TYPES = ("application/cloudevents+json", "application/cloudevents-batch+json", "application/json")

_BATCH = "application/cloudevents-batch+json"
# The names of extension attributes have no underscore (CloudEvents 1.0.2, "Attribute Naming Convention").
_DEDUP_KEY = "dedupkey"
_REQUIRED = ("id", "source")  # beside specversion and type (CloudEvents 1.0.2, "REQUIRED Attributes")
_NO_EXTENSIONS = frozenset((*ATTRIBUTES, _DEDUP_KEY, "data_base64", "datacontenttype", "dataschema"))

# Makes the key of an event that names none of its own: of its attributes; None leaves it to the envelope.
DefaultKey = Callable[[Mapping[str, Any]], str | None]


def adapt(payload: Mapping[str, Any], *, settings: Mapping[str, Any], context: AdapterContext) -> list[Event] | None:
    """Make an event of each CloudEvent; None when there is none.

    The extensions `severity`, `hosts` (a list, or names with commas between them) and `dedupkey` are ours. Where the sender names no `hosts`, the
    rules of the setting `hosts` do: a label is an extension, and a path leads through the attributes and `data`. Data that is no object becomes
    its `value`.

    Raises InvalidEvent.
    """
    return read_cloudevents(payload, settings=settings, context=context, default_key=_of_the_envelope)


def read_cloudevents(payload: Mapping[str, Any], *, settings: Mapping[str, Any], context: AdapterContext, default_key: DefaultKey) -> list[Event] | None:
    """Read like `adapt`, for senders whose events of one problem have more in common than the envelope knows."""

    def read(attributes: Mapping[str, Any], data: Any, extra: Mapping[str, Any]) -> Event:
        return _read(attributes, data, settings, context, extra, default_key)

    if "ce-specversion" in context.headers:
        return [read(attributes_in(context.headers), _body(payload), payload)]
    content = delivered(payload)
    if isinstance(content, Mapping) and "specversion" in content:
        return [read(content, _data(content), payload)]
    if not isinstance(content, list) or not (_is_batch(context) or any(isinstance(part, Mapping) and "specversion" in part for part in content)):
        return None

    def read_part(part: Any) -> Event:
        if not isinstance(part, Mapping) or "specversion" not in part:
            raise InvalidEvent("must be a CloudEvent, with specversion")
        return read(part, _data(part), {"payload": part})

    return read_each(content, "the batch", read_part, context) if content else []


def _of_the_envelope(attributes: Mapping[str, Any]) -> str | None:
    return None


def _is_batch(context: AdapterContext) -> bool:
    return context.headers.get("content-type", "").partition(";")[0].strip().lower() == _BATCH


def _read(
    attributes: Mapping[str, Any], data: Any, settings: Mapping[str, Any], context: AdapterContext, extra: Mapping[str, Any], default_key: DefaultKey
) -> Event:
    for name in _REQUIRED:
        if attributes.get(name) is None:
            raise InvalidEvent(f"{name}: must be there in every CloudEvent, but is absent")
    hosts = attributes.get("hosts")
    if isinstance(hosts, str):
        hosts = [name.strip() for name in hosts.split(",") if name.strip()]
    if not hosts and "hosts" in settings:
        extensions = {name: value for name, value in attributes.items() if name not in _NO_EXTENSIONS}
        hosts = list(hosts_by(settings["hosts"], labels=extensions, content={**attributes, "data": data}, context=context))
    own_keys = (attributes.get("dedup_key"), attributes.get(_DEDUP_KEY))
    found = {
        **attributes,
        "hosts": hosts,
        "dedup_key": next((key for key in own_keys if key is not None), None) or default_key(attributes),
        "data": data if data is None or isinstance(data, Mapping) else {"value": data},
    }
    return event_from_attributes(found, source=context.source, received_at=context.received_at, new_id=context.new_id, extra=extra)


def _body(payload: Mapping[str, Any]) -> Any:
    """Return what came as the body; an event without data has none. What the source has left as text is no JSON."""
    found = next((payload[key] for key in CONTENT_KEYS if key in payload), None)
    return None if found == "" else found


def _data(event: Mapping[str, Any]) -> Any:
    encoded = event.get("data_base64")
    if encoded is None:
        return event.get("data")
    if event.get("data") is not None:
        raise InvalidEvent("data_base64: must not stand beside data; leave one out")
    try:
        content = base64.b64decode(encoded, validate=True) if isinstance(encoded, str) else None
    except (binascii.Error, ValueError):
        content = None
    if content is None:
        raise InvalidEvent("data_base64: must be text in Base64 (RFC 4648 section 4)")
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return {"base64": encoded}
    read = as_object(text)
    return text if read is None else read
