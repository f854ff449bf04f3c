# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A listener's connections: bounded, and never closed to a good sender by those that say nothing."""

from __future__ import annotations

import asyncio
import errno
import resource
import socket
from contextlib import AsyncExitStack, contextmanager

import pytest
from aiohttp import web
from ansible_collections.eventops.infra.plugins.plugin_utils.web import connections, open_files
from ansible_collections.eventops.infra.plugins.plugin_utils.web.connections import listening
from ansible_collections.eventops.infra.plugins.plugin_utils.web.open_files import connections_within
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.web.serving import serving, talking

GET = b"GET / HTTP/1.1\r\nHost: test\r\n\r\n"


async def hello(_request):
    return web.Response(text="hello")


@contextmanager
def may_open(files):
    """Let this process open so many files, which ansible-test keeps it from."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < files:
        pytest.skip("this process may not open as many files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, files), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class Held:
    """A handler that answers when it is let."""

    def __init__(self):
        self.let, self.waiting = asyncio.Event(), 0

    async def __call__(self, _request):
        self.waiting += 1
        await self.let.wait()
        return web.Response(text="hello")

    async def until(self, waiting):
        async with asyncio.timeout(10):
            while self.waiting < waiting:
                await asyncio.sleep(0.005)


def test_the_one_that_is_idle_for_longest_makes_room():
    async def scenario():
        async with serving(hello, most=3) as port, AsyncExitStack() as stack:
            first, second, third = [await stack.enter_async_context(talking(port)) for _turn in range(3)]
            for talk in (first, second, third, first):  # now the second has said nothing for longest
                assert (await talk.ask(GET))[0] == 200
            fourth = await stack.enter_async_context(talking(port))
            assert (await fourth.ask(GET))[0] == 200
            assert await second.is_closed_by_server()
            for talk in (first, third, fourth):
                assert (await talk.ask(GET))[0] == 200

    asyncio.run(scenario())


def test_a_request_without_a_target_is_answered(caplog):
    async def scenario():
        async with serving(hello) as port, talking(port) as talk:
            status, _answer = await talk.ask(b"CONNECT \r\nHost: test\r\n\r\n")
            assert status == 200

    asyncio.run(scenario())
    assert not caplog.records


def test_one_that_never_asked_makes_room_before_one_that_did():
    async def scenario():
        async with serving(hello, most=2) as port, talking(port) as silent, talking(port) as talk:
            assert (await talk.ask(GET))[0] == 200
            await silent.say(b"GET / HTT")
            async with talking(port) as another:
                assert (await another.ask(GET))[0] == 200
                assert await silent.is_closed_by_server()
                assert (await talk.ask(GET))[0] == 200

    asyncio.run(scenario())


def test_when_all_are_busy_the_new_one_is_refused():
    async def scenario():
        held = Held()
        async with serving(held, most=2) as port, talking(port) as one, talking(port) as two:
            await one.say(GET)
            await two.say(GET)
            await held.until(waiting=2)
            async with talking(port) as third:
                assert await third.is_closed_by_server()
            held.let.set()
            assert [(await talk.hear())[0] for talk in (one, two)] == [200, 200]
            async with talking(port) as fourth:
                assert (await fourth.ask(GET))[0] == 200

    asyncio.run(scenario())


def test_a_thousand_idle_connections_keep_nobody_out():
    async def scenario():
        async with serving(hello, most=50) as port, AsyncExitStack() as stack:
            for _turn in range(1000):
                idle = socket.socket()
                stack.callback(idle.close)
                idle.setblocking(False)
                await asyncio.get_running_loop().sock_connect(idle, ("127.0.0.1", port))
            for _turn in range(20):
                async with talking(port) as talk:
                    assert (await talk.ask(GET))[0] == 200

    with may_open(2500):
        asyncio.run(scenario())


def test_what_is_closed_counts_no_more():
    async def scenario():
        held = Held()
        async with serving(held, most=2) as port:
            for _turn in range(10):
                async with talking(port) as one, talking(port) as two:
                    await one.say(GET)
                    await two.say(b"nonsense\r\n\r\n")
                    assert (await two.hear())[0] == 400
            async with talking(port) as one, talking(port) as two:
                await one.say(GET)
                await two.say(GET)
                held.let.set()
                assert [(await talk.hear())[0] for talk in (one, two)] == [200, 200]

    asyncio.run(scenario())


@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\nHost: te", b"\r\n\r\n"])
def test_a_first_request_that_does_not_come_is_not_waited_for(begun):
    async def scenario():
        async with serving(hello, head_seconds=0.2, keepalive_timeout=30) as port, talking(port) as talk:
            await talk.say(begun)
            assert await talk.is_closed_by_server(5)
        async with serving(hello, head_seconds=0.2, keepalive_timeout=30) as port, talking(port) as talk:
            assert (await talk.ask(GET))[0] == 200
            await asyncio.sleep(0.4)
            assert (await talk.ask(GET))[0] == 200, "later ones have more time"

    asyncio.run(scenario())


def test_dripping_headers_gain_no_time():
    async def scenario():
        async with serving(hello, keepalive_timeout=0.3) as port, talking(port) as talk:
            assert (await talk.ask(GET))[0] == 200
            drip = asyncio.create_task(dripping(talk))
            assert await talk.is_closed_by_server(5)
            drip.cancel()

    async def dripping(talk):
        await talk.say(b"GET / HTTP/1.1\r\n")
        while True:
            await talk.say(b"A: b\r\n")
            await asyncio.sleep(0.05)

    asyncio.run(scenario())


def test_the_end_waits_for_what_is_handled_and_takes_nobody_else():
    async def scenario():
        held = Held()
        runner = web.ServerRunner(web.Server(held, access_log=None), handle_signals=False, shutdown_timeout=5)
        context = listening(runner, "127.0.0.1", 0, None, most=10)
        (at,) = await context.__aenter__()
        port = at.getsockname()[1]
        async with talking(port) as talk, talking(port) as idle:
            await talk.say(GET)
            await held.until(waiting=1)
            end = asyncio.create_task(context.__aexit__(None, None, None))
            assert await idle.is_closed_by_server()
            with pytest.raises(OSError):
                await asyncio.open_connection("127.0.0.1", port)
            held.let.set()
            assert (await talk.hear())[0] == 200
            await end

    asyncio.run(scenario())


def test_without_files_left_it_waits_and_goes_on(monkeypatch, caplog):
    monkeypatch.setattr(connections, "_PAUSE_SECONDS", 0.05)
    failures = [OSError(errno.EMFILE, "Too many open files")] * 2

    class Listening(socket.socket):
        def accept(self):
            if failures:
                raise failures.pop()
            return super().accept()

    async def sockets(host, port, real=connections.listening_sockets):
        (each,) = await real(host, port)
        return [Listening(each.family, each.type, each.proto, each.detach())]

    monkeypatch.setattr(connections, "listening_sockets", sockets)

    async def scenario():
        async with serving(hello) as port, talking(port) as talk:
            assert (await talk.ask(GET))[0] == 200

    asyncio.run(scenario())
    assert not failures and "no connection can be accepted: Too many open files" in caplog.text


def test_all_addresses_are_both_families():
    async def scenario():
        runner = web.ServerRunner(web.Server(hello, access_log=None), handle_signals=False)
        async with listening(runner, None, 0, None, most=10) as sockets:
            assert len({each.getsockname()[1] for each in sockets}) == 1
            for each in sockets:
                host = "::1" if each.family == socket.AF_INET6 else "127.0.0.1"
                reader, writer = await asyncio.open_connection(host, each.getsockname()[1])
                writer.write(GET)
                assert b"200 OK" in await reader.readline()
                writer.close()

    asyncio.run(scenario())


def test_an_address_in_use_is_said():
    async def scenario():
        async with serving(hello) as port:
            runner = web.ServerRunner(web.Server(hello), handle_signals=False)
            with pytest.raises(OSError, match=rf"address already in use \(127.0.0.1 port {port}\)"):
                async with listening(runner, "127.0.0.1", port, None, most=10):
                    pass

    asyncio.run(scenario())


def test_connections_take_no_more_than_half_of_the_files(monkeypatch, caplog):
    for soft, wanted, given in ((1024, 100, 100), (1024, 512, 512), (1024, 1000, 512), (resource.RLIM_INFINITY, 1000, 1000)):
        monkeypatch.setattr(open_files.resource, "getrlimit", lambda _which, soft=soft: (soft, soft))
        assert connections_within(wanted) == given
    assert "at most 512 connections are held at once, not 1000" in caplog.text
