# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Connection variables that a source of ours may declare for a host: where it is reached, as whom, and at which port.

They become options of `ssh` in a run as root, and whoever may write into the source's authority writes them: only what is
plainly an address, a login name or a port passes.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping

from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import is_host_name

ALLOWED = ("ansible_host", "ansible_user", "ansible_port")

# Not one that `ssh` takes for an option; `DOMAIN\\name` and `name@domain` are names of Active Directory.
_USER = re.compile(r"[A-Za-z_][A-Za-z0-9._@\\-]{0,63}")
_MOST_SHOWN = 60


class InvalidConnection(ValueError):
    """A variable that cannot be declared: the message says which, what was expected and what came."""


def connection_variables(given: Mapping[str, object]) -> dict[str, object]:
    """Return the variables as Ansible gets them; None counts as not given.

    :param given: `ansible_host`, an IP address without its mask or a host name; `ansible_user`; `ansible_port`, a number or its digits.
    :raises InvalidConnection: at the first that cannot be declared.
    """
    variables: dict[str, object] = {}
    for name, value in given.items():
        if name not in ALLOWED:
            raise InvalidConnection(f"{_shown(name)}: cannot be declared; only {', '.join(ALLOWED)} can")
        if value is not None:
            variables[name] = _READ[name](name, value)
    return variables


def _address(name: str, value: object) -> str:
    if isinstance(value, str):
        try:
            address = ipaddress.ip_address(value)
        except ValueError:
            if is_host_name(value):
                return value
        else:
            # A zone may hold any character; a connection to the unspecified address is one to the controller itself.
            if "%" not in value and not address.is_unspecified and not address.is_multicast:
                return str(address)
    raise InvalidConnection(f"{name}: must be an IP address without its mask, or a host name, got {_shown(value)}")


def _user(name: str, value: object) -> str:
    if isinstance(value, str) and _USER.fullmatch(value):
        return value
    raise InvalidConnection(f"{name}: must be a login name of at most 64 letters, digits and . _ @ \\ - that begins with a letter or _, got {_shown(value)}")


def _port(name: str, value: object) -> int:
    if isinstance(value, str) and re.fullmatch("[0-9]{1,5}", value):
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 65_535:
        return value
    raise InvalidConnection(f"{name}: must be a port, 1 to 65535, got {_shown(value)}")


_READ = {"ansible_host": _address, "ansible_user": _user, "ansible_port": _port}


def _shown(value: object) -> str:
    if isinstance(value, str):
        return ascii(value if len(value) <= _MOST_SHOWN else f"{value[:_MOST_SHOWN]}...")
    if isinstance(value, (bool, float)) or value is None or (isinstance(value, int) and value.bit_length() <= 64):
        return repr(value)
    return f"a value of type {type(value).__name__}"
