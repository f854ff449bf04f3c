# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What may be asked over the control socket: the schema of each request's body, and the values that it is read into."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import read
from ansible_collections.eventops.infra.plugins.plugin_utils.duration import duration_schema, seconds
from ansible_collections.eventops.infra.plugins.plugin_utils.event import ATTRIBUTES, SEVERITIES
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import FINAL, UNFINISHED, CaseQuery
from ansible_collections.eventops.infra.plugins.plugin_utils.timestamp import in_utc

from ..policy.matching import MATCH_SCHEMA
from .intervention import InvalidRequest
from .selection import ByCaseId, ByDedupKey, ByMatch, Selection

_ID = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}
_TEXT = {"type": "string", "minLength": 1, "maxLength": 1024}
_TEXTS = {"type": "array", "items": _TEXT, "maxItems": 1000, "default": []}
_WHO = {
    "by": {"type": "string", "maxLength": 1024},
    "why": {"type": "string", "maxLength": 16_384, "default": ""},
    "check": {"type": "boolean", "default": False},
}
_YEAR = 31_536_000


def _object(properties: Mapping[str, Any], required: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": dict(properties), "required": list(required)}


def _of(values: frozenset[str] | tuple[str, ...]) -> dict[str, Any]:
    return {"type": "array", "items": {"enum": sorted(values)}, "maxItems": 20, "default": []}


_DECISION = _object({**_WHO, "case": _ID, "dedup_key": _TEXT, "match": MATCH_SCHEMA, "seen": _ID})
_PAUSE = _object({**_WHO, "match": MATCH_SCHEMA, "until": {"type": "string"}, "for": duration_schema(minimum=1, maximum=_YEAR)})
_RESUME = _object({**_WHO, "pause": _ID, "match": MATCH_SCHEMA})
_RELEASE = _object(_WHO)
_HELD = _object({"hosts": {**_TEXTS, "maxItems": 100_000}, "cases": {"type": "array", "items": _ID, "maxItems": 1000, "default": []}})
# What event_from_attributes validates in words of its own.
_EVENT = _object(
    {
        "event": {"type": "object", "properties": dict.fromkeys(ATTRIBUTES, {}), "additionalProperties": False},
        "not_before": {"type": "string"},
        "check": _WHO["check"],
    },
    ("event",),
)
_FIND = _object(
    {
        "ids": {"type": "array", "items": _ID, "maxItems": 1000, "default": []},
        "states": _of(UNFINISHED | FINAL),
        "kinds": _of(("incident", "request", "change")),
        "types": _TEXTS,
        "names": _TEXTS,
        "severities": _of(SEVERITIES),
        "hosts": _TEXTS,
        "dedup_keys": _TEXTS,
        "text": {"type": "string", "maxLength": 1024, "default": ""},
        "live": {"type": ["boolean", "null"], "default": None},
        "updated_after": {"type": ["string", "null"], "default": None},
        "before_id": {"anyOf": [_ID, {"type": "null"}], "default": None},
        "limit": {"type": "integer", "minimum": 0, "maximum": 1000, "default": 100},
        "story": {"type": "boolean", "default": False},
    }
)


def body_of(text: bytes) -> dict:
    """Read a request's body: one JSON object. Raises InvalidRequest."""
    try:
        body = json.loads(text or b"{}", parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise InvalidRequest("", f"the body must be JSON: {error}") from error
    if not isinstance(body, dict):
        raise InvalidRequest("", "the body must be a JSON object")
    return body


def decision(body: Mapping) -> tuple[dict, Selection]:
    """Read who decides about which cases. Raises ConfigurationError and InvalidRequest."""
    values = read(body, _DECISION)
    given = [name for name in ("case", "dedup_key", "match") if name in values]
    if len(given) != 1:
        raise InvalidRequest("", f"must name the cases by one of case, dedup_key, match, got {' and '.join(given) or 'none'}")
    selections = {"case": ByCaseId, "dedup_key": ByDedupKey, "match": ByMatch}
    return values, selections[given[0]](values[given[0]])


def pause(body: Mapping, now: float) -> tuple[dict, float | None]:
    """Read what is to be paused, and until when in seconds since the epoch. Raises ConfigurationError and InvalidRequest."""
    values = read(body, _PAUSE)
    if "until" in values and "for" in values:
        raise InvalidRequest("", "must say one of until, for, got both")
    if "for" in values:
        return values, now + seconds(values["for"])
    return values, _time("until", values["until"]) if "until" in values else None


def resume(body: Mapping) -> dict:
    """Read which pause is to end. Raises ConfigurationError and InvalidRequest."""
    values = read(body, _RESUME)
    if "pause" in values and "match" in values:
        raise InvalidRequest("", "must say one of pause, match, or neither to end every pause, got both")
    return values


def release(body: Mapping) -> dict:
    """Read who releases the storm. Raises ConfigurationError."""
    return read(body, _RELEASE)


def held(body: Mapping) -> dict:
    """Read for which run pauses are asked. Raises ConfigurationError."""
    return read(body, _HELD)


def event(body: Mapping) -> tuple[dict, float]:
    """Read an event's attributes, unchecked beyond their names, and when to act upon it, in seconds since the epoch (0: at once).

    Raises ConfigurationError and InvalidRequest.
    """
    values = read(body, _EVENT)
    return values, _time("not_before", values["not_before"]) if "not_before" in values else 0.0


def find(body: Mapping) -> tuple[CaseQuery, bool]:
    """Read which cases are asked for, and whether with their stories. Raises ConfigurationError and InvalidRequest."""
    values = read(body, _FIND)
    story = values.pop("story")
    after = values.pop("updated_after")
    lists = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    return CaseQuery(**lists, updated_after=None if after is None else _time("updated_after", after)), story


def _time(where: str, text: str) -> float:
    try:
        return datetime.fromisoformat(in_utc(text)).timestamp()
    except ValueError as error:
        raise InvalidRequest(where, f"must be RFC 3339 such as 2026-01-31T12:00:00Z, got {text[:60]!r}") from error


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
