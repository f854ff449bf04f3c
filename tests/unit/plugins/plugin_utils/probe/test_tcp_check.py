# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import asyncio
import socket

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.tcp_check import check_tcp


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.2", 0)) as server:
        yield server


@pytest.fixture
def closed_port():
    with socket.create_server(("127.0.0.2", 0)) as server:
        return server.getsockname()[1]


@pytest.fixture
def silent():
    """A listener whose queue is full: the kernel answers nothing, as a firewall that drops."""
    with socket.socket() as server:
        server.bind(("127.0.0.3", 0))
        server.listen(0)
        fillers = [socket.socket() for _each in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(server.getsockname())
        yield server
        for filler in fillers:
            filler.close()


def test_an_accepted_connection_is_healthy(listener):
    assert asyncio.run(check_tcp(["127.0.0.2"], listener.getsockname()[1], 1)) is None


def test_a_refused_connection_says_so(closed_port):
    assert asyncio.run(check_tcp(["127.0.0.2"], closed_port, 1)) == f"connection refused (127.0.0.2 port {closed_port})"


def test_a_silent_address_ends_at_the_timeout(silent):
    port = silent.getsockname()[1]
    assert asyncio.run(check_tcp(["127.0.0.3"], port, 0.1)) == f"no connection to 127.0.0.3 port {port} within 0.1 s"


def test_a_silent_or_refusing_address_does_not_hide_the_next(listener):
    assert asyncio.run(check_tcp(["127.0.0.4", "127.0.0.2"], listener.getsockname()[1], 1)) is None
    port = listener.getsockname()[1]
    with socket.socket() as other:
        other.bind(("127.0.0.3", port))
        other.listen(0)
        fillers = [socket.socket() for _each in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.3", port))
        assert asyncio.run(check_tcp(["127.0.0.3", "127.0.0.2"], port, 0.4)) is None
        for filler in fillers:
            filler.close()
