# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An event as the text that a store keeps, and back."""

from __future__ import annotations

import json

from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event

# ASCII only: a lone surrogate in a sender's text cannot be written as UTF-8, but can as \\ud800. The encoder is made once, which
# takes longer than to use it.
_encode = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), default=str).encode


def written(event: Event) -> str:
    """Write an event as JSON in ASCII. Raises TypeError, ValueError or RecursionError when that cannot be done."""
    return _encode(event.to_stored())


def read(text: str) -> Event:
    """Read what `written` wrote."""
    return Event.from_stored(json.loads(text))
