# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a delivery says: its payload, read by the adapter of its endpoint, as events with only what the rulebook lets in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.received import reason_beside, received, word_for
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event, InvalidEvent
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Snapshot
from ansible_collections.eventops.infra.plugins.plugin_utils.own_name import require_own_name
from ansible_collections.eventops.infra.plugins.plugin_utils.timestamp import from_epoch
from ansible_collections.eventops.infra.plugins.plugin_utils.web.auth.delivery import Delivery

from .endpoint import Endpoint

_OWN_SOURCES = "eventops.http:"  # with the path: what an endpoint's events have as `source` where their sender names none
_NO_STATEMENT = ("content-type",)  # headers that say how to read a body, not what has happened
_MOST_KEPT_BYTES = 64 * 1024 * 1024  # of one delivery's events together, where each keeps the payload


def read_events(payload: Any, delivery: Delivery, endpoint: Endpoint, *, new_id: Callable[[], str], inventory: Snapshot) -> list[Event]:
    """Return the events of a payload.

    Where the adapter cannot read it, and the endpoint is told to keep such payloads, it is one `event.received` that says why.

    :raises InvalidEvent: when it cannot be read and is not to be kept.
    """
    # In lower case, so that a rule or an adapter need not know how a sender writes them.
    names = delivery.headers if endpoint.trusts_headers else _NO_STATEMENT
    headers = {name.lower(): delivery.headers[name] for name in names if name in delivery.headers}
    context = AdapterContext(_OWN_SOURCES + endpoint.path, from_epoch(delivery.now), new_id, inventory, headers)
    kept_headers = {name: delivery.headers[name] for name in endpoint.headers if name in delivery.headers}
    events = _adapted({"payload": payload}, endpoint, context, kept_headers)
    if endpoint.keeps_payload and len(events) * len(delivery.body) > _MOST_KEPT_BYTES:
        raise InvalidEvent(f"a body of {len(delivery.body)} bytes with {len(events)} events is too much where each keeps it (keep_payload)")
    for event in events:
        _require_own_name(event, context.source)
    return [_as_kept(event, endpoint, kept_headers) for event in events]


def _adapted(payload: dict[str, Any], endpoint: Endpoint, context: AdapterContext, headers: Mapping[str, str]) -> list[Event]:
    if endpoint.adapter is None:
        return [received(payload, None, context)]
    try:
        events = endpoint.adapter.adapt(payload if not headers else {**payload, "headers": headers}, settings=endpoint.adapter_settings, context=context)
        if events is None:
            raise InvalidEvent(f"the payload is not what the adapter {endpoint.adapter_name} reads")
    except InvalidEvent as error:
        if not endpoint.keeps_unread:
            raise
        return [received(payload, str(error), context, word_for(error))]
    return events


def _require_own_name(event: Event, source: str) -> None:
    """Refuse an event that somebody sends in the name of another: the router's, or another endpoint's, whose deliveries would be taken for repeated."""
    if event.source.startswith(_OWN_SOURCES) and event.source != source:
        raise InvalidEvent(f"source: must not begin with {_OWN_SOURCES}, by which the endpoints here are named")
    require_own_name(event)


def _as_kept(event: Event, endpoint: Endpoint, headers: Mapping[str, str]) -> Event:
    """Add where the event came in, and leave out what only the adapter needed to see."""
    data = {**event.data, "endpoint": endpoint.path}
    if headers:
        data["headers"] = dict(headers)
    extra = reason_beside(event)
    if endpoint.keeps_payload and "payload" in event.extra:
        extra["payload"] = event.extra["payload"]
    return event.with_content(data, extra)
