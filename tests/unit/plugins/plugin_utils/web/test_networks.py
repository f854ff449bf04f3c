# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The networks that may send."""

from __future__ import annotations

import ipaddress

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.web.networks import read_networks
from hypothesis import given
from hypothesis import strategies as st


def networks(*texts):
    mistakes = Mistakes()
    found = read_networks(texts, "networks", mistakes)
    mistakes.raise_if_any()
    return found


@pytest.mark.parametrize(
    ("listed", "address", "allowed"),
    [
        ("10.1.0.0/16", "10.1.255.255", True),
        ("10.1.0.0/16", "10.2.0.1", False),
        ("10.1.0.0/16", "::ffff:10.1.2.3", True),
        ("10.1.0.0/16", "::ffff:10.2.2.3", False),
        ("10.1.0.0/16", "::10.1.2.3", False),
        ("192.0.2.7", "192.0.2.7", True),
        ("192.0.2.7", "192.0.2.8", False),
        ("0.0.0.0/0", "2001:db8::1", False),
        ("::/0", "192.0.2.1", False),
        ("::/0", "::ffff:192.0.2.1", False),
        ("2001:db8::/32", "2001:db8:1::5", True),
        ("2001:db8::/32", "2001:db9::5", False),
        ("fe80::/10", "fe80::1%eth0", True),
        ("fe80::1", "fe80::1%3", True),
        ("fe80::1", "fe80::2%eth0", False),
        ("::ffff:10.1.0.0/112", "10.1.2.3", True),
        ("::ffff:10.1.0.0/112", "::ffff:10.1.2.3", True),
        ("::1", "127.0.0.1", False),
    ],
)
def test_who_may_send(listed, address, allowed):
    assert networks(listed).allow(address) is allowed
    assert networks("203.0.113.0/24", listed).allow(address) is allowed


@pytest.mark.parametrize("address", [None, "", "localhost", "/run/socket", "10.1", "10.1.0.1:80", "[::1]", "٠.٠.٠.٠", "%eth0"])
def test_what_is_no_address_may_not(address):
    assert networks("0.0.0.0/0", "::/0").allow(address) is False


@given(st.ip_addresses(), st.integers(0, 128))
def test_every_address_of_a_network_is_in_it(address, length):
    network = ipaddress.ip_network((address, min(length, address.max_prefixlen)), strict=False)
    if network.version == 6 and network.prefixlen < 96 and getattr(address, "ipv4_mapped", None):
        return  # an address of IPv4, whatever the socket calls it
    assert networks(str(network)).allow(str(address))


@pytest.mark.parametrize("text", ["10.1.0.0/33", "10.1.0.0/-1", "example.com", "10.1.*.*", "10.1.0.0-10.1.0.9", " 10.1.0.0/16", "10.1.0.0/16/16"])
def test_what_is_no_network_is_a_mistake(text):
    mistakes = Mistakes()
    read_networks(["10.0.0.0/8", text], "networks", mistakes)
    with pytest.raises(ValueError, match=r"^networks\[1\]: must be a network or an address such as 10.1.0.0/16"):
        mistakes.raise_if_any()


def test_an_address_in_a_network_is_not_taken_for_either():
    with pytest.raises(ValueError, match=r"networks\[0\]: 10.1.2.3/16 is an address in a network; write 10.1.0.0/16"):
        networks("10.1.2.3/16")
