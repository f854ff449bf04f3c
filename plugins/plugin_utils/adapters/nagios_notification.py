# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A notification of Nagios by its macros, their names in lower case and without `$`.

https://assets.nagios.com/downloads/nagioscore/docs/nagioscore/4/en/macrolist.html says what each macro is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.alert import fingerprint
from ansible_collections.eventops.infra.plugins.plugin_utils.event import InvalidEvent
from ansible_collections.eventops.infra.plugins.plugin_utils.schema_mistakes import describe
from ansible_collections.eventops.infra.plugins.plugin_utils.timestamp import from_epoch

TYPE = "notificationtype"
PROBLEM, RECOVERY = "PROBLEM", "RECOVERY"
# These are no alerts: they neither open an incident nor end one.
OTHER_TYPES = {
    "ACKNOWLEDGEMENT": "nagios.acknowledgement",
    "FLAPPINGSTART": "nagios.flapping_start",
    "FLAPPINGSTOP": "nagios.flapping_stop",
    "FLAPPINGDISABLED": "nagios.flapping_disabled",
    "DOWNTIMESTART": "nagios.downtime_start",
    "DOWNTIMEEND": "nagios.downtime_end",
    "DOWNTIMECANCELLED": "nagios.downtime_cancelled",
    "CUSTOM": "nagios.custom",
}
HOST_CHECK = "Host"  # what the check of a host itself is called, which Nagios gives no name

_NOT_EXPANDED = re.compile(r"\$[A-Z0-9_]+\$", re.ASCII)  # Nagios leaves what it does not know as it is


@dataclass(frozen=True, slots=True)
class Notification:
    """What was checked, a service or the host itself, and what Nagios says of it; `macros` are those that have a value."""

    type: str
    host: str
    service: str | None
    macros: Mapping[str, str]

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Notification:
        """Read the macros; raises InvalidEvent when they name no host, or a type that Nagios does not have."""
        macros = {name: text for name, value in given.items() if (text := _text(value)) is not None}
        type_, host = macros.get(TYPE), macros.get("hostname")
        if type_ not in (PROBLEM, RECOVERY, *OTHER_TYPES):
            raise InvalidEvent(f"{TYPE}: must be one of {', '.join((PROBLEM, RECOVERY, *OTHER_TYPES))}, got {describe(given.get(TYPE))}")
        if host is None:
            raise InvalidEvent(f"hostname: must be what Nagios says for $HOSTNAME$, got {describe(given.get('hostname'))}")
        return cls(type_, host, macros.get("servicedesc"), macros)

    @property
    def name(self) -> str:
        return self.service or HOST_CHECK

    @property
    def fingerprint(self) -> str:
        """Tell the problem from all others: a service that is called like a host's own check is another."""
        return fingerprint("host", self.host) if self.service is None else fingerprint("service", self.host, self.service)

    @property
    def labels(self) -> Mapping[str, str]:
        return {"host": self.host} if self.service is None else {"host": self.host, "service": self.service}

    @property
    def details(self) -> Mapping[str, str]:
        """Return what is known of the check beside its output."""
        found = {
            "check": "host" if self.service is None else "service",
            "state": self.says("state"),
            "state_type": self.says("statetype"),
            "attempt": self.says("attempt"),
            "max_attempts": self.macros.get("maxhostattempts" if self.service is None else "maxserviceattempts"),
            "perfdata": self.says("perfdata"),
            "problem_id": self._problem_id(),
            "notification_number": self.says("notificationnumber"),
            "address": self.macros.get("hostaddress"),
            "author": self.macros.get("notificationauthor") or self.says("ackauthor"),
            "comment": self.macros.get("notificationcomment") or self.says("ackcomment"),
        }
        return {key: value for key, value in found.items() if value is not None}

    def says(self, ending: str, before: str = "") -> str | None:
        """Return the macro of what was checked: those of a host and of a service differ by this word in their names."""
        return self.macros.get(f"{before}{'host' if self.service is None else 'service'}{ending}")

    def time_of(self, macro: str | None) -> str | None:
        """Read seconds since 1970 as RFC 3339; 0 is what Nagios says of what never was."""
        if macro is None or not (macro.isascii() and macro.isdigit()) or len(macro) > 12 or int(macro) == 0:
            return None
        try:
            return from_epoch(int(macro))
        except ValueError:
            return None

    def _problem_id(self) -> str | None:
        """When a problem is over, the current id is 0, and the last one is the problem's."""
        return next((found for found in (self.says("problemid"), self.says("problemid", "last")) if found not in (None, "0")), None)


def _text(value: Any) -> str | None:
    """Take a text or a number as text; an empty one, and a macro that Nagios has left as it is, are absent."""
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() <= 64:
        return str(value)
    return value if isinstance(value, str) and value and not _NOT_EXPANDED.fullmatch(value) else None
