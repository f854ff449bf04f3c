# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where stock sources put what they received: under `payload` or `body`, as an object or as its JSON text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.web.strict_json import parse

CONTENT_KEYS = ("payload", "body")


def as_object(value: Any) -> Mapping[str, Any] | None:
    """Return the value when it is an object, or the object that it is the JSON text of."""
    if isinstance(value, Mapping):
        return value
    parsed = parsed_text(value)
    return parsed if isinstance(parsed, dict) else None


def parsed_text(value: Any) -> Any:
    """Return what a text holds as JSON when that is an object or a list, else None."""
    if not isinstance(value, str) or value.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return parse(value.encode())
    except ValueError:
        return None


def delivered(payload: Mapping[str, Any]) -> Any:
    """Return what was received, an object or a list: the first under `payload` or `body` that is one, else all that the source put."""
    return delivered_under(payload)[1]


def delivered_under(payload: Mapping[str, Any]) -> tuple[str | None, Any]:
    """Return what was received, as `delivered` does, with the key that it is under; None where it is all that the source put."""
    for key in CONTENT_KEYS:
        value = payload.get(key)
        found = value if isinstance(value, (Mapping, list)) else parsed_text(value)
        if found is not None:
            return key, found
    return None, payload


def contents(payload: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the objects that a stock source may have put its delivery into, the likeliest first."""
    for key in CONTENT_KEYS:
        found = as_object(payload.get(key))
        if found is not None:
            yield found


def content_of(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what was received: the first object under `payload` or `body`, else all that the source put."""
    return next(contents(payload), payload)
