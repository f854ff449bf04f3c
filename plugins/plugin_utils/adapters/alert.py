# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An alert of any monitor as an event: `alert.firing` or `alert.resolved`, with the data that DESIGN names for both."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.attributes import event_from_attributes
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event

FIRING, RESOLVED = "alert.firing", "alert.resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What a monitor says about one problem; None and empty texts are left out of the event.

    `fingerprint` tells the problem from all others of the same `name`: it is the same while it fires and when it is over. `id` is the delivery's own
    where the sender names it. Times are RFC 3339.
    """

    firing: bool
    monitor: str
    name: str
    fingerprint: str
    hosts: Sequence[str] = ()
    subject: str | None = None
    labels: Mapping[str, Any]
    severity: str | None = None
    summary: Any = None
    description: Any = None
    starts_at: Any = None
    ends_at: Any = None
    value: Any = None
    url: Any = None
    id: str | None = None
    time: str | None = None
    more: Mapping[str, Any] | None = None

    def event(self, context: AdapterContext, extra: Mapping[str, Any]) -> Event:
        """Make the event; `extra` are the keys to keep beside the envelope. Raises InvalidEvent."""
        data = {
            **(self.more or {}),
            "name": self.name,
            "severity": self.severity,
            "summary": self.summary,
            "description": self.description,
            "labels": dict(self.labels),
            "fingerprint": self.fingerprint,
            "monitor": self.monitor,
            "starts_at": self.starts_at,
            "ends_at": self.ends_at,
            "value": self.value,
            "url": self.url,
        }
        attributes = {
            "id": self.id,
            "type": FIRING if self.firing else RESOLVED,
            "subject": self.subject,
            "time": self.time,
            "severity": self.severity,
            "hosts": list(self.hosts),
            "data": {key: value for key, value in data.items() if value not in (None, "")},
        }
        return event_from_attributes(attributes, source=context.source, received_at=context.received_at, new_id=context.new_id, extra=extra)


def fingerprint(*parts: str) -> str:
    """Make a fingerprint of what a problem is known by: other parts, another fingerprint."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
