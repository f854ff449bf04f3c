# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How a host is reached is an address, a login name and a port, and nothing that `ssh` or Ansible takes for anything else."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.connections import InvalidConnection, connection_variables
from hypothesis import given
from hypothesis import strategies as st

WHOLE = {"ansible_host": "192.0.2.10", "ansible_user": "ansible", "ansible_port": 2222}


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ({}, {}),
        (
            {"ansible_host": "192.0.2.10", "ansible_user": "ansible", "ansible_port": 2222},
            {"ansible_host": "192.0.2.10", "ansible_user": "ansible", "ansible_port": 2222},
        ),
        ({"ansible_host": "2001:0DB8::0001"}, {"ansible_host": "2001:db8::1"}),
        ({"ansible_host": "vm-1.example.com"}, {"ansible_host": "vm-1.example.com"}),
        ({"ansible_user": "CORP\\ops"}, {"ansible_user": "CORP\\ops"}),
        ({"ansible_user": "ops@corp.example.com"}, {"ansible_user": "ops@corp.example.com"}),
        ({"ansible_user": "_" + "x" * 63}, {"ansible_user": "_" + "x" * 63}),
        ({"ansible_port": "22"}, {"ansible_port": 22}),
        ({"ansible_port": 65535}, {"ansible_port": 65535}),
        ({"ansible_host": None, "ansible_user": None, "ansible_port": None}, {}),
    ],
)
def test_what_ansible_gets(given_, expected):
    assert connection_variables(given_) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ansible_host", "192.0.2.10/24"),
        ("ansible_host", "-oProxyCommand=touch PWNED"),
        ("ansible_host", "fe80::1%eth0"),
        ("ansible_host", "0.0.0.0"),
        ("ansible_host", "::"),
        ("ansible_host", "224.0.0.1"),
        ("ansible_host", "fe80::1%{{ 7 }}"),
        ("ansible_host", "{{ lookup('pipe', 'id') }}"),
        ("ansible_host", "a b"),
        ("ansible_host", "192.0.2.10\n"),
        ("ansible_host", ""),
        ("ansible_host", "all"),
        ("ansible_host", 3232235777),
        ("ansible_host", ["192.0.2.10"]),
        ("ansible_user", "-oProxyCommand=touch PWNED"),
        ("ansible_user", "{{ evil }}"),
        ("ansible_user", "root;id"),
        ("ansible_user", "root\n"),
        ("ansible_user", ""),
        ("ansible_user", "r\u00f6\u00f6t"),
        ("ansible_user", "_" * 65),
        ("ansible_user", 0),
        ("ansible_port", 0),
        ("ansible_port", 65536),
        ("ansible_port", -22),
        ("ansible_port", True),
        ("ansible_port", 22.0),
        ("ansible_port", "22 "),
        ("ansible_port", "\u0662\u0662"),
        ("ansible_port", "9" * 5000),
        pytest.param("ansible_port", 10**5000, id="a large number"),
        ("ansible_connection", "local"),
        ("ansible_ssh_common_args", "-o ProxyCommand=id"),
        ("ansible_become_exe", "sh"),
        ("", "x"),
        (7, "x"),
    ],
)
def test_what_is_refused_and_how_it_is_told(name, value):
    with pytest.raises(InvalidConnection) as refused:
        connection_variables({name: value})
    said = str(refused.value)
    assert "got" in said or "cannot be declared" in said
    assert len(said) < 400 and said.isascii() and "\n" not in said


@given(
    st.dictionaries(
        st.sampled_from(["ansible_host", "ansible_user", "ansible_port", "x"]), st.none() | st.text() | st.integers() | st.floats() | st.lists(st.text())
    )
)
def test_whatever_is_given_what_passes_is_harmless(given_):
    try:
        variables = connection_variables(given_)
    except InvalidConnection:
        return
    for value in variables.values():
        text = str(value)
        assert text.isascii() and not text.startswith("-") and not set(text) & set(" \t\n'\"`$;&|<>(){}%#*?!,=/~")
    assert connection_variables(variables) == variables
