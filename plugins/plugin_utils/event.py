# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The envelope: what an event is. How attributes that a sender wrote become one is in attributes.py.

Attribute names are those of CloudEvents 1.0 (https://github.com/cloudevents/spec); `severity`, `hosts` and `dedup_key` are ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

SPECVERSION = "1.0"
SEVERITIES = ("critical", "error", "warning", "info")
KINDS = ("incident", "request", "change")  # of cases
RESERVED_PREFIX = "case."  # only the router speaks of cases; intake refuses these types from children

ATTRIBUTES = ("specversion", "id", "source", "type", "subject", "time", "severity", "hosts", "dedup_key", "data")
# The keys of `connections` and `not_before` in what a store keeps. They stand nowhere else, and no sender can write them.
_CONNECTIONS = "eventops_connections"
_NOT_BEFORE = "eventops_not_before"
# Rules take these keys for the router's word, so no sender's own key may be called like one.
ENVELOPE_KEYS = frozenset((*ATTRIBUTES, "case", "events", "neutralized", "left_out", _CONNECTIONS, _NOT_BEFORE))

MAX_HOSTS = 1000
MAX_HOST_LENGTH = 253  # RFC 1123 section 2.1, and RFC 1035 section 2.3.4 less the length octets


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
            extra={key: value for key, value in mapping.items() if key not in ENVELOPE_KEYS},
            connections=mapping.get(_CONNECTIONS) or {},
            not_before=mapping.get(_NOT_BEFORE) or 0.0,
        )


def kind_of(type: str) -> str:
    """Say what kind of case events of a type open: incident, request or change."""
    if type.startswith(("alert.", "log.")):
        return "incident"
    return "request" if type.startswith("request.") else "change"
