# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How the host key of a connection is verified: the lines of its known_hosts file, and the arguments of ssh that make it count.

They go first on ssh's command line, because the first value of an option is the one that ssh takes (ssh_config(5)): no argument and no configuration
of the user's can undo them.
"""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

KNOWN_HOSTS, NETBOX, CA, FIRST_CONTACT = "known_hosts", "netbox", "ca", "first_contact"
WAYS = (KNOWN_HOSTS, NETBOX, CA, FIRST_CONTACT)

# sockaddr_un takes 108 bytes with its closing zero, on the BSDs 104; ssh adds a dot and 16 letters while it makes a socket, and the user's name.
_LONGEST_SOCKET_BYTES = 103 - 17 - 32
_QUOTED_BADLY = re.compile(r'["\\%$\x00-\x1f]')


class UnusablePath(ValueError):
    """A path cannot be given to ssh; the message says which and why."""


@dataclass(frozen=True)
class Trust:
    """What one host's key must be.

    :param way: one of `WAYS`.
    :param name: what the host is called in its known_hosts file, and in a certificate; not used for `known_hosts`.
    :param keys: the host's public keys (`netbox`), or those of the authority that signs them (`ca`).
    """

    way: str
    name: str = ""
    keys: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """What the host's own known_hosts file says (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT)."""
        marker = "@cert-authority " if self.way == CA else ""
        return tuple(f"{marker}{self.name} {key}" for key in self.keys)


def ssh_arguments(trust: Trust, place: str, known_hosts: str | None, socket_directory: str) -> list[str]:
    """Return the arguments of ssh.

    :param place: host, address and port, as one text.
    :param known_hosts: the path of the known_hosts file; None: the user's own, wherever ssh finds them.
    :param socket_directory: where a connection that is kept open has its socket.
    Raises UnusablePath.
    """
    options = {"StrictHostKeyChecking": "accept-new" if trust.way == FIRST_CONTACT else "yes"}
    if known_hosts is not None:
        options |= {"UserKnownHostsFile": _quoted(known_hosts), "GlobalKnownHostsFile": "/dev/null"}
    if trust.way != KNOWN_HOSTS:
        options["HostKeyAlias"] = trust.name
    # What else would let a host in, or would write down what another host says its keys are.
    options |= {"VerifyHostKeyDNS": "no", "NoHostAuthenticationForLocalhost": "no", "UpdateHostKeys": "no", "HashKnownHosts": "no"}
    options["ControlPath"] = _socket(trust, place, known_hosts, socket_directory)
    return [argument for name, value in options.items() for argument in ("-o", f"{name}={value}")]


def before(arguments: Sequence[str], of_the_user: str | None) -> str:
    """Write arguments down, with what the user has configured behind them."""
    return " ".join(filter(None, (shlex.join(arguments), (of_the_user or "").strip())))


def _socket(trust: Trust, place: str, known_hosts: str | None, directory: str) -> str:
    """Name the socket of a connection by what was verified: one that was opened without, or for another key, is never taken over."""
    path = known_hosts if trust.way in (KNOWN_HOSTS, FIRST_CONTACT) else None  # that of the others is another one in each run
    digest = hashlib.sha256(repr((trust.way, trust.name, trust.keys, path, place)).encode()).hexdigest()[:12]
    socket = f"{directory}/{digest}-"
    if len(socket.encode()) > _LONGEST_SOCKET_BYTES or _QUOTED_BADLY.search(directory):
        return "none"
    return f'"{socket}%r"'


def _quoted(path: str) -> str:
    """Quote a path that may have spaces, which ssh takes for a list of paths."""
    if _QUOTED_BADLY.search(path):
        raise UnusablePath(f"{path!r} cannot be given to ssh: a quote, a backslash, a dollar, a percent or a control character is in it. Name another path")
    return f'"{path}"'
