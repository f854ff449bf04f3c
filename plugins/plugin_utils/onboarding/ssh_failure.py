# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Why a connection failed, by what ssh says: OpenSSH has one exit code for everything, and its messages in one language."""

from __future__ import annotations

import re
from dataclasses import dataclass

HOST_KEY, AUTHENTICATION, ADDRESS, REFUSED, ROUTE, TIME, CLOSED, OTHER = "host key", "authentication", "address", "refused", "route", "time", "closed", "other"

_SAID = (
    (
        HOST_KEY,
        r"host key verification failed|remote host identification has changed|host key is known for .* strict checking|host key for .* has changed"
        r"|host key checking is enabled|revoked|certificate invalid|no matching host key type",
    ),
    (AUTHENTICATION, r"permission denied|too many authentication failures|invalid/incorrect password"),
    (ADDRESS, r"could not resolve hostname|name or service not known"),
    (REFUSED, r"connection refused"),
    (ROUTE, r"no route to host|network is unreachable"),
    (TIME, r"timed out|timeout"),
    (CLOSED, r"connection (closed|reset) by|kex_exchange_identification|banner"),
)
_PREFIX = re.compile(r"^failed to connect to the host via \w+:\s*", re.IGNORECASE)
_NOISE = re.compile(
    r"^(@.*|warning: permanently added .*|debug\d: .*|ssh: "
    # What ssh has around a changed key: which key came is told apart from it, and what to do by who knows where the expected one is.
    r"|it is possible that someone .*|someone could be .*|it is also possible that .*|the fingerprint for the .*|sha256:\S+$|please contact .*"
    r"|add correct host key in .*|remove with:.*|ssh-keygen .*)",
    re.IGNORECASE,
)
_OFFERED = re.compile(r"the fingerprint for the (\S+) key sent by the remote host is\s+(SHA256:[A-Za-z0-9+/]{43})", re.IGNORECASE)
_LONGEST = 400


@dataclass(frozen=True)
class SshFailure:
    """What went wrong; waiting does not help where the host key is not the expected one.

    :param offered: the fingerprint of the host's key, where it is not the expected one and ssh says it.
    """

    kind: str
    said: str
    offered: str = ""

    @property
    def is_final(self) -> bool:
        """Whether trying again cannot help, or must not."""
        return self.kind == HOST_KEY

    def explain(self, address: str, port: int | None, user: str | None) -> str:
        """Say what failed, for the log of the run."""
        place = f"{address} port {port or 22}"
        return {
            HOST_KEY: f"the host key of {place} is not the expected one{self.offered and f': it is {self.offered}'}",
            AUTHENTICATION: f"{place} does not let {user or 'the user of this controller'} in: authentication failed",
            ADDRESS: f"{address} is no address and no name that is known here",
            REFUSED: f"{place} refuses the connection: nothing listens there",
            ROUTE: f"there is no route to {place}",
            TIME: f"{place} does not answer",
            CLOSED: f"{place} closes the connection before SSH has begun",
        }.get(self.kind, f"the connection to {place} fails")


def failure_of(text: str) -> SshFailure:
    """Read what ssh has said."""
    lowered = text.lower()
    kind = next((kind for kind, pattern in _SAID if re.search(pattern, lowered)), OTHER)
    found = _OFFERED.search(text) if kind == HOST_KEY else None
    offered = f"{found[2]} ({found[1]})" if found else ""
    lines = (_NOISE.sub("", _PREFIX.sub("", line.strip())).strip() for line in text.splitlines())
    said = " ".join("".join(character for character in line if character.isprintable()) for line in lines if line)
    return SshFailure(kind, said if len(said) <= _LONGEST else f"{said[:_LONGEST]}...", offered)
