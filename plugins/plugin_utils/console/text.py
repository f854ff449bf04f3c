# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How hostile text is shown: what would hide, reverse or reorder it stands there by its number.

Escaping is the templates' (rendering.py); this is about characters that are harmless to HTML and deceive a reader.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

# The categories Cc, Cf, Cs, Zl and Zp of Unicode 15 without tab and line feed, and noncharacters: controls; marks that change the direction of text
# (Unicode TR 36, section 3.3); joiners, soft hyphens and tags, which nobody sees; lone surrogates, which UTF-8 cannot write.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U000110bd\U000110cd\U00013430-\U0001345f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_MARKS = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\ufe20-\ufe2f]"
_HEAP_OF_MARKS = re.compile(f"({_MARKS}{{4}}){_MARKS}+")


def visible(text: str) -> str:
    """Return a text in which nothing is hidden: each character that a reader would not see, or that moves others, becomes ⟦U+202E⟧.

    More than four marks on one letter, which climb over the lines above, are left out.
    """
    return _HEAP_OF_MARKS.sub(r"\1", _UNSEEN.sub(lambda found: f"⟦U+{ord(found[0]):04X}⟧", text))


_WRITER = json.JSONEncoder(indent=2, ensure_ascii=False, default=str)


def as_json(value: Any, most: int | None = None) -> str:
    """Write a value of an event for a reader: indented, letters of every script as they are.

    With `most`, writing ends soon after so many characters: a large value costs no more than it shows.
    """
    if most is None:
        return _WRITER.encode(value)
    pieces, length = [], 0
    for piece in _WRITER.iterencode(value):
        pieces.append(piece)
        length += len(piece)
        if length > most:
            break
    return "".join(pieces)


def iso(time: float) -> str:
    """Write a time, in seconds since the epoch, for a machine."""
    return datetime.fromtimestamp(time, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def clock(time: float) -> str:
    """Write a time, in seconds since the epoch, for a reader without JavaScript."""
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def span(seconds: float) -> str:
    """Write how long something took."""
    if seconds < 10:
        return f"{max(seconds, 0):.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < 172_800 else f"{seconds / 86_400:.0f} days"


def some_hosts(hosts: Sequence[str], most: int = 5) -> str:
    """Name the first hosts, and say how many more there are."""
    more = len(hosts) - most
    return ", ".join(hosts[:most]) + (f" and {more} more" if more > 0 else "")
