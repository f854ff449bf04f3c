# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Follow a dotted path, such as `payload.alerts.0.labels.host`, into a payload."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.content import parsed_text

# A key may hold dots itself (Kubernetes labels do), so several readings of a path are tried; that many segments are more than enough.
MAX_SEGMENTS = 16
PATH_SCHEMA: Mapping[str, Any] = {
    "type": "string",
    "pattern": rf"^[^.]+(\.[^.]+){{0,{MAX_SEGMENTS - 1}}}$",
    "expected": f"a dotted path into the payload such as payload.alert.host, at most {MAX_SEGMENTS} keys long",
}


def found_at(value: Any, path: str) -> Any:
    """Return what is at the path, or None.

    A number is a position in a list. A text that holds JSON, as SNS and queues deliver it, is looked into. Where a key holds dots itself, the
    shortest key that leads to something is taken.
    """
    segments = _segments(path)
    found = value
    for segment in segments:
        if found.__class__ is not dict or (found := found.get(segment)) is None:
            return _follow(value, segments)
    return found


@cache
def _segments(path: str) -> tuple[str, ...]:
    return tuple(path.split("."))


def _follow(value: Any, segments: Sequence[str]) -> Any:
    if not segments:
        return value
    if isinstance(value, str):
        value = parsed_text(value)
    if isinstance(value, Mapping):
        return _follow_into_object(value, segments)
    if isinstance(value, (list, tuple)):
        position = segments[0]
        if position.isascii() and position.isdigit() and len(position) < 10 and int(position) < len(value):
            return _follow(value[int(position)], segments[1:])
    return None


def _follow_into_object(value: Mapping[str, Any], segments: Sequence[str]) -> Any:
    for length in range(1, len(segments) + 1):
        key = ".".join(segments[:length])
        if key in value:
            found = _follow(value[key], segments[length:])
            if found is not None:
                return found
    return None
