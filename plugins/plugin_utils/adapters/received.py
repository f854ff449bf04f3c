# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An event of which nothing more is known than that it came: what no adapter was there for, or what its adapter could not read."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.attributes import event_from_attributes
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event

RECEIVED = "event.received"
# Beside an event.received: why the adapter that its source has could not read it.
UNREAD = "eventops_unread"


def received(payload: object, unread: str | None, context: AdapterContext) -> Event:
    """Make an `event.received` of what a source put; `unread` says why what was to read it could not. Raises InvalidEvent."""
    own = dict(payload) if isinstance(payload, Mapping) else {}
    data = {key: value for key, value in own.items() if key != "meta"} if own else {"payload": payload}
    return event_from_attributes(
        {"type": RECEIVED, "data": data},
        source=context.source,
        received_at=context.received_at,
        new_id=context.new_id,
        extra={**own, UNREAD: unread} if unread else own,
    )
