# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import socket
import time

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.checks import Checks
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.network_error import Inconclusive
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.target import CommandCheck, HttpCheck, Target, TcpCheck


def target(check, timeout=2.0, host="web-01"):
    return Target(host, "web", check, 10, timeout, 2, 3, "critical", "ServiceDown")


async def run_one(check, timeout=2.0):
    async with Checks(10) as checks:
        return await checks.run(target(check, timeout))


@contextlib.asynccontextmanager
async def hanging_server():
    """Accepts connections and says nothing."""
    closing = asyncio.Event()

    async def hang(_reader, writer):
        await closing.wait()
        writer.close()

    server = await asyncio.start_server(hang, "127.0.0.2", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        closing.set()
        server.close()
        await server.wait_closed()


def test_a_hanging_server_is_unhealthy_at_the_timeout():
    async def run():
        async with hanging_server() as port:
            began = time.monotonic()
            return await run_one(HttpCheck(f"http://127.0.0.2:{port}/"), 0.2), time.monotonic() - began

    wrong, took = asyncio.run(run())
    assert wrong == "no answer within 0.2 s"
    assert 0.2 <= took < 1


def test_a_hanging_command_is_unhealthy_at_the_timeout():
    assert asyncio.run(run_one(CommandCheck(("sleep", "60")), 0.2)) == "no answer within 0.2 s"


def test_a_name_that_does_not_exist_is_unhealthy():
    assert asyncio.run(run_one(TcpCheck(1, "host.invalid."))).startswith(("the name is unknown", "name"))


def test_a_name_server_that_hangs_says_nothing_about_the_target(monkeypatch):
    def hang(*_args, **_kwargs):
        time.sleep(0.5)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    with pytest.raises(Inconclusive, match="the name some.host was not resolved within 0.1 s"):
        asyncio.run(run_one(TcpCheck(1, "some.host"), 0.1))


def test_when_this_machine_runs_out_of_sockets_nothing_is_said_about_the_target():
    async def run(check):
        async with Checks(10) as checks:
            soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
            await checks.run(target(check))
            held = []
            with contextlib.ExitStack() as stack:
                stack.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
                resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
                with contextlib.suppress(OSError):
                    while True:
                        held.append(stack.enter_context(socket.socket()))
                await checks.run(target(check))

    for check in (TcpCheck(1, "127.0.0.2"), HttpCheck("http://127.0.0.2:1/"), CommandCheck(("true",))):
        with pytest.raises(Inconclusive):
            asyncio.run(run(check))


def test_a_long_reason_is_bounded():
    wrong = asyncio.run(run_one(CommandCheck(("sh", "-c", "yes | head -c 100000; exit 1"))))
    assert len(wrong) == 500


def test_two_thousand_http_targets_have_no_more_connections_at_once_than_allowed():
    held, most, accepted = 0, 0, 0

    async def hold(_reader, writer):
        nonlocal held, most, accepted
        accepted += 1
        held += 1
        most = max(most, held)
        await asyncio.sleep(0.01)  # long enough for others to come, were they allowed to
        held -= 1
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async def run():
        async with await asyncio.start_server(hold, "127.0.0.2", 0, backlog=4096) as server, Checks(50) as checks:
            check = HttpCheck(f"http://127.0.0.2:{server.sockets[0].getsockname()[1]}/")
            return await asyncio.gather(*(checks.run(target(check, host=f"h{number}")) for number in range(2000)))

    assert asyncio.run(run()) == [None] * 2000
    assert accepted == 2000
    assert 10 < most <= 50


def test_two_thousand_tcp_targets_have_no_more_sockets_at_once_than_allowed():
    most = 0

    async def run():
        nonlocal most
        # Nobody accepts: the kernel completes the connections, so all sockets but the listener are the checks'.
        with socket.create_server(("127.0.0.2", 0), backlog=4096) as server:
            async with Checks(50) as checks:
                check = TcpCheck(server.getsockname()[1], "127.0.0.2")
                before = len(os.listdir("/proc/self/fd"))
                running = asyncio.gather(*(checks.run(target(check, host=f"h{number}")) for number in range(2000)))
                while not running.done():
                    most = max(most, len(os.listdir("/proc/self/fd")) - before)
                    await asyncio.sleep(0)
                return running.result()

    assert asyncio.run(run()) == [None] * 2000
    assert 10 < most <= 50
