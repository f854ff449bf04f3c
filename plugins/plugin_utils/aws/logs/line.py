# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A line that matched, bounded in what of it goes on: it is text that anybody may have written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.web.strict_json import parse

# Characters that are kept of a line, which has up to a million: what is told of it is shorter, and very many lines are held until their window is over.
LONGEST = 8192
_CUT = " [...]"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a log at a time (milliseconds)."""

    id: str
    at: int
    stream: str
    message: str

    @property
    def mark(self) -> str:
        """Return what it is known by, in a few characters."""
        return hashlib.sha256(self.id.encode()).hexdigest()[:16]

    def text(self, most: int) -> str:
        """Return the message, cut where it is longer."""
        return self.message if len(self.message) <= most else self.message[: most - len(_CUT)] + _CUT

    def json(self, most: int) -> dict[str, Any] | None:
        """Return the object that the line is in JSON; None where it is none, is written ambiguously, or is too long."""
        text = self.message.strip()
        if not text.startswith("{") or len(text) > min(most, LONGEST):
            return None
        try:
            parsed = parse(text.encode())
        except ValueError:  # surrogates, too
            return None
        return parsed if isinstance(parsed, dict) and len(json.dumps(parsed)) <= 2 * most else None


def lines_in(answer: Mapping[str, Any]) -> Iterator[Line]:
    """Yield the lines of one answer of FilterLogEvents."""
    for event in answer.get("events") or ():
        yield Line(event["eventId"], event["timestamp"], event.get("logStreamName") or "", (event.get("message") or "")[:LONGEST])
