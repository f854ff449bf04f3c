# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where playbooks connect: to an address, as a user, at a port, and to nothing that only looks like one."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.reach import DEFAULT_PATHS, PORT, reach
from hypothesis import given
from hypothesis import strategies as st

from .making import address, addressed, vm

PATHS = {**DEFAULT_PATHS, PORT: "custom_fields.ssh_port"}


def at_address(value, **fields):
    return reach(vm(primary_ip=value, custom_fields=fields), PATHS)


@pytest.mark.parametrize(
    ("text", "host"),
    [("10.0.0.11/24", "10.0.0.11"), ("10.0.0.11", "10.0.0.11"), ("2001:db8::11/64", "2001:db8::11"), ("2001:DB8:0::11/128", "2001:db8::11")],
)
def test_an_address_loses_its_mask(text, host):
    assert at_address(address(text)) == ({"ansible_host": host}, "")


def test_user_and_port_come_from_their_fields():
    assert at_address(address("10.0.0.11/24"), login_user="debian", ssh_port=2222) == (
        {"ansible_host": "10.0.0.11", "ansible_user": "debian", "ansible_port": 2222},
        "",
    )
    # What was chosen from a list has its label beside it, since NetBox 4.7.
    assert at_address(address("10.0.0.11/24"), login_user={"value": "debian", "label": "Debian's"})[0]["ansible_user"] == "debian"


@pytest.mark.parametrize("value", [None, "", {}, {"address": None}, {"address": ""}])
def test_without_an_address_there_is_nothing(value):
    assert at_address(value, login_user="debian") == ({}, "primary_ip is not set")
    assert reach(addressed(), {"ansible_host": "custom_fields.address"}) == ({}, "custom_fields.address is not set")


@pytest.mark.parametrize("user", [None, ""])
def test_no_user_is_no_variable(user):
    assert at_address(address("10.0.0.11/24"), login_user=user) == ({"ansible_host": "10.0.0.11"}, "")


@pytest.mark.parametrize(
    "value", ["10.0.0.1/24/24", "-oProxyCommand=id", "10.0.0.1;id", "$(id)", "{{ 1 }}", "10.0.0.1 -F x", "fe80::1%eth0;id/64", 5, ["10.0.0.1"], "a\nb", True]
)
def test_what_is_no_address_is_told_and_not_used(value):
    variables, unreachable = at_address({"address": value} if isinstance(value, str) else value)
    assert variables == {} and unreachable.startswith("ansible_host: must be an IP address")


@pytest.mark.parametrize("user", ["-oProxyCommand=id", "root;id", "a b", "{{ x }}", "a" * 65, "$(id)", 5, True, ["root"], "root\n", "ünal"])
def test_a_user_that_is_none_takes_the_address_with_it(user):
    variables, unreachable = at_address(address("10.0.0.11/24"), login_user=user)
    assert variables == {} and unreachable.startswith("ansible_user: must be a login name")


@pytest.mark.parametrize("port", [0, 65_536, -1, "22;id", 22.5, True, "0x16", [22]])
def test_a_port_that_is_none_takes_the_address_with_it(port):
    variables, unreachable = at_address(address("10.0.0.11/24"), ssh_port=port)
    assert variables == {} and unreachable.startswith("ansible_port: must be a port")


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_whatever_is_in_the_fields_it_is_plain_or_nothing(value):
    for thing in (vm(primary_ip=value), addressed(custom_fields={"login_user": value, "ssh_port": value})):
        variables, unreachable = reach(thing, PATHS)
        assert bool(variables) is not bool(unreachable)
        assert all(isinstance(each, (str, int)) and not str(each).startswith("-") for each in variables.values())
