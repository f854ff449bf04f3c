# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Take an event that already is an envelope: CloudEvents 1.0 JSON, bare or where a stock source put it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.content import contents
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.attributes import event_from_attributes
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event

SCHEMA: Mapping[str, Any] = {"type": "object", "properties": {}, "additionalProperties": False}


def adapt(payload: Mapping[str, Any], *, settings: Mapping[str, Any], context: AdapterContext) -> list[Event] | None:
    """Read the envelope in a payload, in its `payload` or in its `body`; None when there is none.

    Every other key that the source put is kept beside the envelope, for rules that were written before. There are no settings.

    Raises InvalidEvent when the envelope breaks the rules of its attributes (CloudEvents 1.0.2, "Context Attributes").
    """
    envelope = _found_in(payload)
    if envelope is None:
        return None
    event = event_from_attributes(envelope, source=context.source, received_at=context.received_at, new_id=context.new_id, extra=payload)
    return [event]


def _found_in(payload: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if "specversion" in payload:
        return payload
    return next((content for content in contents(payload) if "specversion" in content), None)
