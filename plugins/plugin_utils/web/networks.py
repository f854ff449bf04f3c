# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The networks that may send here, as a rulebook lists them."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")  # RFC 4291 section 2.5.5.2: how a socket for both shows an address of IPv4

NETWORKS_SCHEMA: Mapping[str, Any] = {
    "type": "array",
    "minItems": 1,
    "maxItems": 1000,
    "items": {"type": "string", "minLength": 1, "expected": "a network or an address such as 10.1.0.0/16, 192.0.2.7 or 2001:db8::/32"},
}


@dataclass(frozen=True)
class Networks:
    """An allow-list."""

    allowed: tuple[Network, ...]

    def allow(self, address: str | None) -> bool:
        """Tell whether the other end of a connection may send; None is one that has no address, which nobody has listed."""
        try:
            found = ipaddress.ip_address((address or "").partition("%")[0])  # fe80::1%eth0: the interface says nothing of the network
        except ValueError:
            return False
        found = getattr(found, "ipv4_mapped", None) or found
        return any(found in network for network in self.allowed)


def read_networks(given: Sequence[str], where: str, mistakes: Mistakes) -> Networks:
    """Read a list that the schema has checked; what is no network goes to `mistakes`."""
    found = (_network(text, f"{where}[{number}]", mistakes) for number, text in enumerate(given))
    return Networks(tuple(network for network in found if network is not None))


def _network(text: str, where: str, mistakes: Mistakes) -> Network | None:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        mistakes.add(where, f"must be {NETWORKS_SCHEMA['items']['expected']}, got {text[:80]!r}")
        return None
    if "/" in text and ipaddress.ip_address(text.partition("/")[0]) != network.network_address:
        mistakes.add(where, f"{text} is an address in a network; write {network} for the network, or the address alone")
        return None
    if isinstance(network, ipaddress.IPv6Network) and network.subnet_of(_MAPPED):
        address = network.network_address.ipv4_mapped
        return ipaddress.IPv4Network(f"{address}/{network.prefixlen - _MAPPED.prefixlen}")
    return network
