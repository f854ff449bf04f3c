# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is checked: a target, and the three kinds of check."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.eventops.infra.plugins.plugin_utils.attributes import default_dedup_key

HOST_ITSELF = "host"  # the name of a check that names no service


@dataclass(frozen=True, slots=True)
class HttpCheck:
    """One request; healthy when the status is accepted and the body, if asked for, contains a text."""

    url: str
    method: str = "GET"
    status: tuple[int, ...] = ()  # none: any 2xx
    contains: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    verify: bool = True
    cafile: str | None = None
    follow_redirects: bool = False

    kind = "http"


@dataclass(frozen=True, slots=True)
class TcpCheck:
    """One connection; healthy when it is accepted."""

    port: int
    address: str | None = None  # none: the host's own

    kind = "tcp"


@dataclass(frozen=True, slots=True)
class CommandCheck:
    """One program, started without a shell on the machine of the probe; healthy when it exits with 0."""

    argv: tuple[str, ...]

    kind = "command"


@dataclass(frozen=True, slots=True)
class Target:
    """One thing that is watched, and how. `interval` and `timeout` are seconds, `rise` and `fall` are results in a row."""

    host: str
    name: str
    check: HttpCheck | TcpCheck | CommandCheck
    interval: float
    timeout: float
    rise: int
    fall: int
    severity: str
    alert: str
    description: str = ""

    @property
    def fingerprint(self) -> str:
        return f"{self.host}/{self.name}"

    @property
    def dedup_key(self) -> str:
        """The problem that this target can have; what is known of a target is kept under it when the configuration changes."""
        return default_dedup_key("alert.firing", "", self.host, {"name": self.alert, "fingerprint": self.fingerprint})
