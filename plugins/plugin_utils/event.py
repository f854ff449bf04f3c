# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The envelope: what an event is, and how untrusted attributes become one.

Attribute names are those of CloudEvents 1.0 (https://github.com/cloudevents/spec); `severity`, `hosts` and `dedup_key` are ours.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.nesting import TooDeep, ensure_shallow
from ansible_collections.eventops.infra.plugins.plugin_utils.timestamp import in_utc

SPECVERSION = "1.0"
SEVERITIES = ("critical", "error", "warning", "info")
KINDS = ("incident", "request", "change")  # of cases
RESERVED_PREFIX = "case."  # only the router speaks of cases; intake refuses these types from children

ATTRIBUTES = ("specversion", "id", "source", "type", "subject", "time", "severity", "hosts", "dedup_key", "data")
# Where `connections` stand in what a store keeps; nowhere else, and no sender's key does there.
_CONNECTIONS = "eventops_connections"
# Where `not_before` stands there.
_NOT_BEFORE = "eventops_not_before"
# Keys that rules read as the router's word, so that no sender's key may stand there.
_ENVELOPE_KEYS = frozenset((*ATTRIBUTES, "case", "events", "neutralized", "left_out", _CONNECTIONS, _NOT_BEFORE))

# `(source, id)` and `dedup_key` are index keys, and PostgreSQL refuses an index row over 2704 bytes.
MAX_ATTRIBUTE_BYTES = 1024
MAX_HOSTS = 1000
MAX_HOST_LENGTH = 253  # RFC 1123 section 2.1, and RFC 1035 section 2.3.4 less the length octets

# CloudEvents 1.0.2, "Type System", String: control characters, surrogates and noncharacters are not allowed.
# A database column would refuse NUL and surrogates anyway.
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class InvalidEvent(ValueError):
    """An event that can't be taken: the message says where, what was expected and what came."""


class InvalidRequestData(InvalidEvent):
    """A request that breaks its schema: `errors` are all its mistakes, each a path and a text, for whoever asks to put them right."""

    def __init__(self, errors: Iterable[tuple[str, str]]) -> None:
        self.errors = tuple(errors)
        super().__init__("; ".join(f"{path}: {text}" if path else text for path, text in self.errors))


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, in the one shape that everything after the adapters works with.

    `time` is RFC 3339 in UTC. `extra` holds the top-level keys that a stock child put, its `meta` among them, and never a key of the envelope.
    `connections` are the hosts, with their connection variables, that a source of ours has read from an authority (connections.py). Nobody else can
    declare any, and neither rules nor people see them. `not_before` is when to act upon it, in seconds since the epoch, where a playbook of ours has said so;
    0: at once.
    """

    id: str
    source: str
    type: str
    subject: str
    time: str
    severity: str
    hosts: tuple[str, ...]
    dedup_key: str
    data: dict[str, Any]
    extra: dict[str, Any]
    connections: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    not_before: float = 0.0

    def to_mapping(self) -> dict[str, Any]:
        """Return the attributes as a JSON object, with the keys of `extra` beside them."""
        return {
            **self.extra,
            "specversion": SPECVERSION,
            "id": self.id,
            "source": self.source,
            "type": self.type,
            "subject": self.subject,
            "time": self.time,
            "severity": self.severity,
            "hosts": list(self.hosts),
            "dedup_key": self.dedup_key,
            "data": self.data,
        }

    def to_stored(self) -> dict[str, Any]:
        """Return what a store keeps: the attributes, and what is declared."""
        mapping = self.to_mapping()
        if self.connections:
            mapping[_CONNECTIONS] = {host: dict(variables) for host, variables in self.connections.items()}
        else:
            mapping.pop(_CONNECTIONS, None)
        if self.not_before:
            mapping[_NOT_BEFORE] = self.not_before
        else:
            mapping.pop(_NOT_BEFORE, None)
        return mapping

    def with_content(self, data: dict[str, Any], extra: dict[str, Any]) -> Event:
        """Return the same event with other `data` and `extra`; `dataclasses.replace` takes three times as long."""
        return Event(
            self.id,
            self.source,
            self.type,
            self.subject,
            self.time,
            self.severity,
            self.hosts,
            self.dedup_key,
            data,
            extra,
            self.connections,
            self.not_before,
        )

    @classmethod
    def from_stored(cls, mapping: Mapping[str, Any]) -> Event:
        """Rebuild the event that `to_stored` wrote; the mapping is trusted."""
        return cls(
            id=mapping["id"],
            source=mapping["source"],
            type=mapping["type"],
            subject=mapping["subject"],
            time=mapping["time"],
            severity=mapping["severity"],
            hosts=tuple(mapping["hosts"]),
            dedup_key=mapping["dedup_key"],
            data=mapping["data"],
            extra={key: value for key, value in mapping.items() if key not in _ENVELOPE_KEYS},
            connections=mapping.get(_CONNECTIONS) or {},
            not_before=mapping.get(_NOT_BEFORE) or 0.0,
        )


def kind_of(type: str) -> str:
    """Say what kind of case events of a type open: incident, request or change."""
    if type.startswith(("alert.", "log.")):
        return "incident"
    return "request" if type.startswith("request.") else "change"


def event_from_attributes(
    attributes: Mapping[str, Any],
    *,
    source: str,
    received_at: str,
    new_id: Callable[[], str],
    extra: Mapping[str, Any] = _NOTHING,
) -> Event:
    """Validate attributes that a sender gave, and fill those that it did not.

    Only `ATTRIBUTES` are read; null counts as absent. `source` names the receiving source, `received_at` is RFC 3339 in UTC, `new_id` makes an
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
    kept = {key: item for key, item in given.items() if key not in _ENVELOPE_KEYS}
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
