# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Leave out of an event what is too long for the engine; the store has it whole."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.eventops.infra.plugins.plugin_utils.neutralize import neutralize
from ansible_collections.eventops.infra.plugins.plugin_utils.neutralize_text import neutralize_text

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


def shorten(mapping: dict, most_bytes: int, *, data_too: bool = True) -> None:
    """Take the longest parts out of `data` and of what a stock child put, in place, until the event is no longer than allowed.

    Rules still read what is short beside something long. Their paths are named in `left_out`. Everything is measured once, so that a
    hostile event does not keep the event loop.

    :param data_too: False spares `data`.
    """
    excess = len(json.dumps(mapping)) - most_bytes
    if excess <= 0:
        return
    excess += _NOTE_BYTES
    own = {key: value for key, value in mapping.items() if key not in _FIXED}
    root = _Part("", {}, None, parts=[_measured("*", mapping, None, own, 1)])
    if data_too:
        # The leading case's entry may have it once more, as the same object.
        weight = 2 if mapping["events"][0]["data"] is mapping["data"] else 1
        root.parts.append(_measured("data", mapping["data"], None, mapping["data"], weight))
    left_out: list[str] = mapping.get("left_out", [])
    while excess > 0 and any(part.size for part in root.parts):
        excess -= _drop_longest(root, excess, left_out)
    if left_out:
        mapping["left_out"] = left_out


def keep_what_fits(values: Sequence[Mapping], room_bytes: int) -> list[tuple[dict, bool] | None]:
    """Clean as many of some objects as have room together, the shortest first; None stands for each of the others.

    What is too long is not looked at any further: a crowd of hostile events does not keep the event loop.
    """
    kept: list[tuple[dict, bool] | None] = [None] * len(values)
    measured = ((_length_within(value, room_bytes), number) for number, value in enumerate(values))
    for length, number in sorted(pair for pair in measured if pair[0] is not None):
        if length > room_bytes:
            break
        cleaned = neutralize(values[number])
        exact = len(json.dumps(cleaned[0]))  # with every escape
        if exact <= room_bytes:
            kept[number] = cleaned
            room_bytes -= exact
    return kept


def _length_within(value: object, most: int) -> int | None:
    """Return at least how long a value is as JSON, or None when that is more than `most`; it stops looking there."""
    length = 0
    todo = [value]
    while todo:
        one = todo.pop()
        if isinstance(one, Mapping):
            length += 2 + 4 * len(one)
            if length <= most:
                todo.extend(one)
                todo.extend(one.values())
        elif isinstance(one, (list, tuple)):
            length += 2 + len(one)
            if length <= most:
                todo.extend(one)
        else:
            length += len(one) if isinstance(one, str) else 1
        if length > most:
            return None
    return length


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
    left_out.append(neutralize_text(dropped.path[:_LONGEST_PATH]))  # cut off, it may end with half of a marker
    trail[-1].parts.remove(dropped)
    for part in trail:
        part.size -= dropped.size
    return dropped.size
