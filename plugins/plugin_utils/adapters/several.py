# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Several things that one delivery brings: each is read for itself, and one that cannot be read does not take the others with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.host_rules import NamesNoHost
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.received import received, word_for
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event, InvalidEvent

MAX_PARTS = 5000  # each takes some time: nobody is heard meanwhile


def read_each(parts: Sequence[Any], where: str, read: Callable[[Any], Event], context: AdapterContext) -> list[Event]:
    """Return one event for each part; a part that cannot be read becomes an `event.received` with the reason, which is kept and suppressed.

    :param where: the path of the parts in the payload, for the reason.
    :raises InvalidEvent: when none of the parts can be read, or there are too many: then the sender is told why. NamesNoHost, when that is so of each.
    """
    if len(parts) > MAX_PARTS:
        raise InvalidEvent(f"{where}: must be at most {MAX_PARTS} at once, got {len(parts)}; have the sender send fewer in one delivery")
    events, reasons, kind = [], [], NamesNoHost
    for position, part in enumerate(parts):
        try:
            events.append(read(part))
        except InvalidEvent as error:
            kind = kind if isinstance(error, NamesNoHost) else InvalidEvent
            reasons.append(f"{where}[{position}]: {error}")
            events.append(received(part, reasons[-1], context, word_for(error)))
    if len(reasons) == len(events):
        others = f" (and {len(reasons) - 1} more that cannot be read)" if len(reasons) > 1 else ""
        raise kind(f"{reasons[0]}{others}") if reasons else InvalidEvent(f"{where}: must not be empty")
    return events
