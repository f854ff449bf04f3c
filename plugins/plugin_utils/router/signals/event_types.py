# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Types of events as label values: a few, whatever senders make up, because each value is a time series for ever."""

from __future__ import annotations

OTHER = "other"
_KNOWN = frozenset(
    {"alert.firing", "alert.resolved", "log.matched", "event.received", "schedule.fired", "lease.expiring", "lease.expired", "resource.idle"}
    | {"request.user.onboard", "request.user.offboard", "request.user.role", "request.report"}
    | {"request.infra.provision", "request.infra.extend", "request.infra.release"}
)
# What follows these is made of the sender's own words.
_FAMILIES = frozenset({"netbox", "aws"})

LABELS = (*sorted(_KNOWN), *sorted(_FAMILIES), OTHER)


def type_label(type: str) -> str:
    """Return the label value for an event's type: itself, its family, or `other`."""
    if type in _KNOWN:
        return type
    family = type.partition(".")[0]
    return family if family in _FAMILIES else OTHER
