# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An event of which nothing more is known than that it came: what no adapter was there for, or what its adapter could not read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.host_rules import NoHost
from ansible_collections.eventops.infra.plugins.plugin_utils.attributes import event_from_attributes
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event, InvalidEvent

RECEIVED = "event.received"
# Beside an event.received: why the adapter that its source has could not read it.
UNREAD = "eventops_unread"
# And in one word, which is absent where it is the first of these.
UNREAD_FOR = "eventops_unread_for"
UNREADABLE, NO_HOST, LATE = "unreadable", "no_host", "late"
WORDS = (UNREADABLE, NO_HOST, LATE)


def received(payload: object, unread: str | None, context: AdapterContext, word: str = UNREADABLE) -> Event:
    """Make an `event.received` of what a source put; `unread` says why what was to read it could not. Raises InvalidEvent."""
    own = dict(payload) if isinstance(payload, Mapping) else {}
    data = {key: value for key, value in own.items() if key != "meta"} if own else {"payload": payload}
    return event_from_attributes(
        {"type": RECEIVED, "data": data},
        source=context.source,
        received_at=context.received_at,
        new_id=context.new_id,
        extra={**own, **reason(unread, word)} if unread else own,
    )


def reason(unread: str, word: str = UNREADABLE) -> dict[str, str]:
    """Return what stands beside an event.received that could not be read."""
    return {UNREAD: unread} if word == UNREADABLE else {UNREAD: unread, UNREAD_FOR: word}


def reason_beside(event: Event) -> dict[str, Any]:
    """Return that of an event; nothing, where it was read."""
    return {key: event.extra[key] for key in (UNREAD, UNREAD_FOR) if key in event.extra}


def word_for(error: InvalidEvent) -> str:
    """Return in one word why something could not be read."""
    return NO_HOST if isinstance(error, NoHost) else UNREADABLE


def word_of(event: Event) -> str | None:
    """Return in one word why an event is kept for its reason alone; None, where it is kept as what it says."""
    if event.type != RECEIVED or UNREAD not in event.extra:
        return None
    word = event.extra.get(UNREAD_FOR)
    return word if word in WORDS else UNREADABLE
