# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Leave out of an event what is too long for the engine; the store has it whole."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

# What rules cannot do without, or is not the sender's.
_FIXED = frozenset(
    ("specversion", "id", "source", "type", "subject", "time", "severity", "hosts", "dedup_key", "data")
    + ("case", "events", "meta", "neutralized", "left_out")
)
# An object goes as a whole when nothing in it is longer than this: what many small things add up to is not taken apart.
_CRUMB_BYTES = 4_096
_LONGEST_PATH = 100
_NOTE_BYTES = 8_192  # what naming the parts may take: each is a sixteenth of the excess or more, so they are few


@dataclass(eq=False)
class _Part:
    """A part of the event: its length as JSON, the object that holds it under a key, and its own parts."""

    path: str
    holder: dict
    key: str | None  # None: all of the holder
    size: int = 0
    parts: list[_Part] = field(default_factory=list)


def shorten(mapping: dict, most_bytes: int) -> None:
    """Take the longest parts out of `data` and of what a stock child put, in place, until the event is no longer than allowed.

    Rules still read what is short beside something long. Their paths are named in `left_out`. Everything is measured once, so that a
    hostile event does not keep the event loop.
    """
    excess = len(json.dumps(mapping)) - most_bytes
    if excess <= 0:
        return
    excess += _NOTE_BYTES
    own = {key: value for key, value in mapping.items() if key not in _FIXED}
    # `events` has `data` once more, as the same object.
    root = _Part("", {}, None, parts=[_measured("*", mapping, None, own, 1), _measured("data", mapping["data"], None, mapping["data"], 2)])
    left_out: list[str] = []
    while excess > 0 and any(part.size for part in root.parts):
        excess -= _drop_longest(root, excess, left_out)
    mapping["left_out"] = left_out


def _measured(path: str, holder: dict, key: str | None, value: object, weight: int) -> _Part:
    part = _Part(path, holder, key)
    if isinstance(value, dict) and value:
        prefix = "" if path == "*" else f"{path}."
        inside = holder if key is None else value
        part.parts = [_measured(f"{prefix}{name}", inside, name, item, weight) for name, item in value.items()]
        part.size = sum(each.size for each in part.parts)
    elif key is not None:
        part.size = weight * len(json.dumps(value))
    if key is not None:
        part.size += weight * (len(json.dumps(key)) + 4)
    return part


def _drop_longest(root: _Part, excess: int, left_out: list[str]) -> int:
    """Drop one part and return how much that saved."""
    trail = [root]
    while trail[-1].parts:
        longest = max(trail[-1].parts, key=lambda part: part.size)
        if len(trail) > 1 and longest.size < max(_CRUMB_BYTES, excess / 16):
            break
        trail.append(longest)
    dropped = trail.pop()
    if dropped.key is None:
        for part in dropped.parts:
            del part.holder[part.key]
    else:
        del dropped.holder[dropped.key]
    left_out.append(dropped.path[:_LONGEST_PATH])
    trail[-1].parts.remove(dropped)
    for part in trail:
        part.size -= dropped.size
    return dropped.size
