# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An address to listen on, as a rulebook writes it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes

_ADDRESS = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<four>[0-9.]+)|(?P<name>localhost))?:(?P<port>\d{1,5})")

ADDRESS_SCHEMA: Mapping[str, Any] = {
    "type": "string",
    "minLength": 2,
    "expected": "an address and a port such as 127.0.0.1:5050, [::1]:5050, or :5050 for all addresses",
}


def is_loopback(host: str | None) -> bool:
    """Tell whether an address (None: all of them) is this machine's own."""
    if host in (None, "localhost"):
        return host is not None
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def read_address(text: str, where: str, mistakes: Mistakes) -> tuple[str | None, int]:
    """Take an address apart into host (None: all addresses) and port; what is wrong goes to `mistakes`."""
    match = _ADDRESS.fullmatch(text)
    host = match and (match["six"] or match["four"] or match["name"])
    if not match or not 0 < int(match["port"]) < 65536 or not _is_address(match):
        mistakes.add(where, f"must be {ADDRESS_SCHEMA['expected']}, got {text!r}")
        return "127.0.0.1", 0
    return host, int(match["port"])


def _is_address(match: re.Match[str]) -> bool:
    try:
        return all(ipaddress.ip_address(text).version == version for version, text in ((6, match["six"]), (4, match["four"])) if text)
    except ValueError:
        return False
