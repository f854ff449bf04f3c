# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How attributes that a sender wrote become an event: each is checked, and what is absent is filled. Nothing in them is trusted."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.event import (
    ENVELOPE_KEYS,
    MAX_HOST_LENGTH,
    MAX_HOSTS,
    SEVERITIES,
    SPECVERSION,
    Event,
    InvalidEvent,
    kind_of,
)
from ansible_collections.eventops.infra.plugins.plugin_utils.nesting import TooDeep, ensure_shallow
from ansible_collections.eventops.infra.plugins.plugin_utils.timestamp import in_utc

# `(source, id)` and `dedup_key` are index keys, and PostgreSQL refuses an index row over 2704 bytes.
MAX_ATTRIBUTE_BYTES = 1024

# CloudEvents 1.0.2, "Type System", String: control characters, surrogates and noncharacters are not allowed.
# A database column would refuse NUL and surrogates anyway.
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")

_NOTHING: Mapping[str, Any] = MappingProxyType({})


def event_from_attributes(
    attributes: Mapping[str, Any],
    *,
    source: str,
    received_at: str,
    new_id: Callable[[], str],
    extra: Mapping[str, Any] = _NOTHING,
) -> Event:
    """Validate attributes that a sender gave, and fill those that it did not.

    Only event.ATTRIBUTES are read; null counts as absent. `source` names the receiving source, `received_at` is RFC 3339 in UTC, `new_id` makes an
    identifier, and `extra` are the keys to keep beside the envelope.

    Raises InvalidEvent.
    """
    _specversion(attributes.get("specversion"))
    type_ = _text("type", attributes.get("type"))
    if type_ is None:
        raise InvalidEvent("type: must say what happened, such as alert.firing, but is absent")
    data = _data(attributes.get("data"))
    hosts = _hosts(attributes.get("hosts"))
    id_ = _text("id", attributes.get("id")) or new_id()
    subject = _subject(attributes.get("subject")) or (hosts[0] if hosts else "")
    return Event(
        id=id_,
        source=_text("source", attributes.get("source")) or source,
        type=type_,
        subject=subject,
        time=_time(attributes.get("time")) or received_at,
        severity=_severity(attributes.get("severity")) or _default_severity(type_, data),
        hosts=hosts,
        dedup_key=_text("dedup_key", attributes.get("dedup_key")) or default_dedup_key(type_, id_, subject, data),
        data=data,
        extra=kept_beside(extra),
    )


def kept_beside(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys that may stand beside the attributes of an envelope. Raises InvalidEvent when one is nested too deeply."""
    # Only what is not shallow is looked at key by key, to say where.
    kept = {key: item for key, item in given.items() if key not in ENVELOPE_KEYS}
    try:
        ensure_shallow(kept)
    except TooDeep:
        for key, item in kept.items():
            _shallow(str(key), item)
    return kept


def default_dedup_key(type: str, id: str, subject: str, data: Mapping[str, Any]) -> str:
    """Make the key that events of the same problem share when their sender gives none.

    `alert.firing` and `alert.resolved` of one problem get the same key; every request is a case of its own.
    """
    if type.startswith("alert."):
        # What stands between a name and the rest must not be in a name: `c/a` of `b` is not `c` of `a/b`.
        name = _key_part(data.get("name")).replace("%", "%25").replace("/", "%2F")
        thing = _key_part(data.get("fingerprint")) or subject
        # An alert without name, fingerprint and subject has nothing in common with another one but that lack.
        key = f"alert/{name}/{thing}" if name or thing else f"alert//{id}"
    elif type.startswith("request."):
        key = f"{type}/{id}"
    else:
        key = f"{type}/{subject or id}"
    return _bounded_key(key)


def _key_part(value: Any) -> str:
    """Write a scalar of `data` as part of a key; `data` is free text, so what a key must not hold is replaced rather than refused."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    if isinstance(value, int) and value.bit_length() > 64:
        return hex(value)  # Python refuses to write integers of more than 4300 digits in decimal
    return _FORBIDDEN.sub("\ufffd", str(value))


def _bounded_key(key: str) -> str:
    """Shorten a key that we made ourselves; the sender can't be blamed for its length, and the same problem must get the same key again."""
    if _fits(key):
        return key
    return key[:200] + "~" + hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _specversion(value: Any) -> None:
    if value is not None and value != SPECVERSION:
        raise InvalidEvent(f"specversion: must be the text '1.0', got {_described(value)}")


def _text(where: str, value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise InvalidEvent(f"{where}: must be text, got {_described(value)}")
    if not value:
        raise InvalidEvent(f"{where}: must not be empty; leave it out, or say what it is")
    if not _fits(value):
        raise InvalidEvent(f"{where}: must be at most {MAX_ATTRIBUTE_BYTES} bytes long, got {len(value)} characters")
    if found := _FORBIDDEN.search(value):
        raise InvalidEvent(f"{where}: must not hold control characters or surrogates, got U+{ord(found[0]):04X} at position {found.start()}")
    return value


def _fits(text: str) -> bool:
    # UTF-8 takes at most four bytes for a character: most texts need no encoding to be known as short.
    return len(text) * 4 <= MAX_ATTRIBUTE_BYTES or len(text.encode("utf-8", "surrogatepass")) <= MAX_ATTRIBUTE_BYTES


def _subject(value: Any) -> str | None:
    return None if value == "" else _text("subject", value)


def _time(value: Any) -> str | None:
    text = _text("time", value)
    if text is None:
        return None
    try:
        return in_utc(text)
    except ValueError as error:
        raise InvalidEvent(f"time: must be RFC 3339 such as 2026-01-31T12:00:00Z, got {_described(value)}") from error


def _severity(value: Any) -> str | None:
    if value is None:
        return None
    severity = value.strip().lower() if isinstance(value, str) else value
    if severity not in SEVERITIES:
        raise InvalidEvent(f"severity: must be one of {', '.join(SEVERITIES)}, got {_described(value)}")
    return severity


def _default_severity(type_: str, data: Mapping[str, Any]) -> str:
    """Take the severity that the monitor's own data names, where it uses our words; other words are no reason to refuse an alert."""
    try:
        severity = _severity(data.get("severity"))
    except InvalidEvent:
        severity = None
    return severity or ("warning" if kind_of(type_) == "incident" else "info")


def _hosts(value: Any) -> tuple[str, ...]:
    if value is None or value == "":
        return ()
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, (list, tuple)):
        raise InvalidEvent(f"hosts: must be a list of host names, got {_described(value)}")
    if len(value) > MAX_HOSTS:
        raise InvalidEvent(f"hosts: must be at most {MAX_HOSTS} names, got {len(value)}")
    return tuple(dict.fromkeys(_host(position, name) for position, name in enumerate(value)))


def _host(position: int, value: Any) -> str:
    where = f"hosts[{position}]"
    name = _text(where, value)
    if name is None:
        raise InvalidEvent(f"{where}: must be text, got nothing")
    if len(name) > MAX_HOST_LENGTH:
        raise InvalidEvent(f"{where}: must be at most {MAX_HOST_LENGTH} characters long, got {len(name)}")
    return name


def _data(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        # What came may be anything, a password too: only its type is named.
        raise InvalidEvent(f"data: must be an object, got {_type_name(value)}")
    return _shallow("data", dict(value))


def _shallow(where: str, value: Any) -> Any:
    try:
        ensure_shallow(value)
    except TooDeep as error:
        raise InvalidEvent(f"{where}: {error}") from error
    return value


def _described(value: Any) -> str:
    if isinstance(value, str):
        return f"the text {value!r}" if len(value) <= 60 else f"the text {value[:57]!r}..."
    if isinstance(value, bool):
        return f"the boolean {str(value).lower()}"
    if isinstance(value, float):
        return f"the number {value!r}"
    if isinstance(value, int):
        # Python refuses to write integers of more than 4300 digits.
        return f"the number {value}" if value.bit_length() <= 64 else "a number of more than 64 bits"
    return _type_name(value)


def _type_name(value: Any) -> str:
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "text"
    if isinstance(value, Mapping):
        return "an object"
    return "a list" if isinstance(value, (list, tuple)) else f"a value of type {type(value).__name__}"
