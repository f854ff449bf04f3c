# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read CloudEvents 1.0 as they come by HTTP: one, a batch, or the attributes in headers.

The modes: HTTP Protocol Binding for CloudEvents 1.0.2, section 3.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.cloudevents_headers import attributes_in
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.content import CONTENT_KEYS, as_object, delivered
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.host_rules import HOSTS_SCHEMA, NoHost, hosts_by
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.received import received
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.several import read_each
from ansible_collections.eventops.infra.plugins.plugin_utils.event import ATTRIBUTES, Event, InvalidEvent, event_from_attributes

SCHEMA: Mapping[str, Any] = {"type": "object", "properties": {"hosts": HOSTS_SCHEMA}, "additionalProperties": False}
MEDIA_TYPES = ("application/cloudevents+json", "application/cloudevents-batch+json", "application/json")

_BATCH = "application/cloudevents-batch+json"
# The names of extension attributes have no underscore (CloudEvents 1.0.2, "Attribute Naming Convention").
_DEDUP_KEY = "dedupkey"
_NO_EXTENSIONS = frozenset((*ATTRIBUTES, _DEDUP_KEY, "data_base64", "datacontenttype", "dataschema"))


def adapt(payload: Mapping[str, Any], *, settings: Mapping[str, Any], context: AdapterContext) -> list[Event] | None:
    """Make an event of each CloudEvent; None when there is none.

    The extensions `severity`, `hosts` (a list, or names with commas between them) and `dedupkey` are ours. Where the sender names no `hosts`, the
    rules of the setting `hosts` do: a label is an extension, and a path leads through the attributes and `data`. Data that is no object becomes
    its `value`.

    Raises InvalidEvent.
    """
    if "ce-specversion" in context.headers:
        return [_read(attributes_in(context.headers), _body(payload), settings, context, payload)]
    content = delivered(payload)
    if isinstance(content, Mapping) and "specversion" in content:
        return [_read(content, _data(content), settings, context, payload)]
    if not isinstance(content, list) or not (_is_batch(context) or any(isinstance(part, Mapping) and "specversion" in part for part in content)):
        return None

    def read(part: Any) -> Event:
        if not isinstance(part, Mapping) or "specversion" not in part:
            raise InvalidEvent("must be a CloudEvent, with specversion")
        return _read(part, _data(part), settings, context, {"payload": part})

    return read_each(content, "the batch", read, context) if content else []


def _is_batch(context: AdapterContext) -> bool:
    return context.headers.get("content-type", "").partition(";")[0].strip().lower() == _BATCH


def _read(attributes: Mapping[str, Any], data: Any, settings: Mapping[str, Any], context: AdapterContext, extra: Mapping[str, Any]) -> Event:
    hosts = attributes.get("hosts")
    if isinstance(hosts, str):
        hosts = [name.strip() for name in hosts.split(",") if name.strip()]
    if not hosts and "hosts" in settings:
        extensions = {name: value for name, value in attributes.items() if name not in _NO_EXTENSIONS}
        try:
            hosts = list(hosts_by(settings["hosts"], labels=extensions, content={**attributes, "data": data}, inventory=context.inventory))
        except NoHost as error:
            return received(extra, str(error), context)
    found = {
        **attributes,
        "hosts": hosts,
        "dedup_key": attributes.get("dedup_key", attributes.get(_DEDUP_KEY)),
        "data": data if data is None or isinstance(data, Mapping) else {"value": data},
    }
    return event_from_attributes(found, source=context.source, received_at=context.received_at, new_id=context.new_id, extra=extra)


def _body(payload: Mapping[str, Any]) -> Any:
    """Return what came as the body; an event without data has none."""
    found = next((payload[key] for key in CONTENT_KEYS if key in payload), None)
    read = as_object(found)
    return read if read is not None or found == "" else found


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
