# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What becomes of a message that cannot be kept as what it says: it is left in the queue for some times, and then put aside with the reason."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.host_rules import NamesNoHost
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.received import UNREADABLE, reason, received, word_for
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event, InvalidEvent
from ansible_collections.eventops.infra.plugins.plugin_utils.nesting import TooDeep
from ansible_collections.eventops.infra.plugins.plugin_utils.redact import redact

from .message import Message

_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 10, 900
# How much of the body is kept, in characters: all of it, and where that is refused, what a person recognises it by, and nothing.
_KEPT_CHARACTERS = (None, 4096, 0)
LEAST = len(_KEPT_CHARACTERS) - 1  # of the ways to shorten it, the last
_LONGEST_REASON = 1000


@dataclass(frozen=True, slots=True)
class Unread:
    """Why a message cannot be kept as what it says, as a text and in one word (received.WORDS); `lasts` where waiting changes nothing about that."""

    reason: str
    word: str = UNREADABLE
    lasts: bool = False

    @classmethod
    def of(cls, error: InvalidEvent) -> Unread:
        return cls(str(error), word_for(error), isinstance(error, NamesNoHost))


def pause_seconds(receives: int, visibility_seconds: int) -> int:
    """Return for how long a message that was received so often is left alone: longer each time.

    :param visibility_seconds: what the first pause is not longer than.
    """
    return min(_LONGEST_PAUSE_SECONDS, min(_FIRST_PAUSE_SECONDS, visibility_seconds) * 2 ** min(max(receives - 1, 0), 10))


def put_aside(message: Message, queue: str, unread: Unread, context: AdapterContext, *, shortening: int = 0) -> Event:
    """Make the event that a message is put aside as: an `event.received` with the reason, whose case ends suppressed.

    :param queue: the queue's name.
    :param context: its `new_id` makes ids of this message.
    :param shortening: how often it was refused as too large, up to LEAST.
    """
    about = {"name": queue, "queue": queue, "message_id": message.id, "receives": message.receives, "sent_at": message.sent_at}
    body = {"body": _kept_of(message.body, _KEPT_CHARACTERS[shortening]), "body_characters": len(message.body)}
    event = received({key: value for key, value in {**about, **body}.items() if value is not None}, None, context)
    return event.with_content(event.data, reason(f"{unread.reason[:_LONGEST_REASON]} (receipt {message.receives})", unread.word))


def _kept_of(body: str, most: int | None) -> str | None:
    if most is None:
        return body
    try:
        # In JSON as it was written they are found for certain, in a part of it only as far as they look like secrets.
        return str(redact(body, in_texts=True))[:most] if most else None
    except TooDeep:
        return None
