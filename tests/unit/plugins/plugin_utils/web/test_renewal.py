# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A renewed certificate is used without a restart, and a broken one is not."""

from __future__ import annotations

import asyncio
import os
import shutil
import ssl
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
from aiohttp import web
from ansible_collections.eventops.infra.plugins.plugin_utils.web.renewal import RenewedContext
from ansible_collections.eventops.infra.plugins.plugin_utils.web.tls import server_context
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.web.certificates import Authority, client_context
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.web.serving import serving, talking
from cryptography import x509

GET = b"GET / HTTP/1.1\r\nHost: test\r\n\r\n"
LOCALHOST = (x509.DNSName("localhost"),)


async def hello(_request):
    return web.Response(text="hello")


async def serial_at(port, context):
    """Return the serial number of the certificate that a new connection is shown; None when there is none."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname="localhost")
        writer.write(GET)
        answered = await reader.readline()
        serial = writer.get_extra_info("peercert")["serialNumber"]
        writer.transport.abort()
        return int(serial, 16) if b"200" in answered else None
    except (ssl.SSLError, ConnectionError):
        return None


@pytest.fixture
def ours(tmp_path):
    authority = Authority(tmp_path, "ours")
    authority.server = authority.issue("server.pem", "first", LOCALHOST)
    return authority


def test_new_connections_get_the_new_one_and_old_ones_go_on(ours, tmp_path):
    renewed, trust = RenewedContext(partial(server_context, ours.server), [ours.server]), client_context(ours)

    async def scenario():
        async with serving(hello, tls=renewed) as port, talking(port, ssl=trust, server_hostname="localhost") as before:
            assert await serial_at(port, trust) == 2
            looking = asyncio.create_task(renewed.keep_looking(every=0.02))
            os.replace(ours.issue("next.pem", "second", LOCALHOST), ours.server)
            async with asyncio.timeout(10):
                while await serial_at(port, trust) != 3:
                    await asyncio.sleep(0.02)
            assert (await before.ask(GET))[0] == 200
            looking.cancel()
            with suppress(asyncio.CancelledError):
                await looking

    asyncio.run(scenario())


def test_what_is_broken_is_said_once_and_the_old_one_stays(ours, tmp_path, caplog):
    key = tmp_path / "key.pem"
    shutil.copy(ours.server, key)
    renewed = RenewedContext(partial(server_context, ours.server, str(key)), [ours.server, str(key)])
    before = renewed()
    ours.issue("server.pem", "second", LOCALHOST)  # the certificate is new, its key is not there yet
    for _turn in range(3):
        renewed.look_again()
        assert renewed() is before
    assert caplog.text.count("cannot be used, the certificate from before stays") == 1
    key.unlink()
    for _turn in range(3):
        renewed.look_again()
        assert renewed() is before
    assert caplog.text.count("the certificate from before stays: No such file") == 1
    shutil.copy(ours.server, key)
    renewed.look_again()
    after = renewed()
    assert after is not before
    renewed.look_again()
    assert renewed() is after, "nothing has changed"


def test_an_authority_that_is_taken_away_is_believed_no_more(ours, tmp_path):
    others, clients = Authority(tmp_path, "others"), tmp_path / "clients.pem"
    clients.write_text("".join(Path(each.cafile).read_text(encoding="ascii") for each in (ours, others)))
    renewed = RenewedContext(partial(server_context, ours.server, cafile=str(clients)), [ours.server, str(clients)])
    theirs = client_context(ours, others.issue("client.pem", "client"))

    async def scenario():
        async with serving(hello, tls=renewed) as port:
            assert await serial_at(port, theirs) == 2
            shutil.copy(ours.cafile, clients)
            renewed.look_again()
            assert await serial_at(port, theirs) is None
            assert await serial_at(port, client_context(ours, ours.issue("client2.pem", "client"))) == 2

    asyncio.run(scenario())


def test_it_looks_again_within_seconds(ours, monkeypatch):
    waited = []

    async def sleep(seconds):
        waited.append(seconds)
        raise asyncio.CancelledError

    monkeypatch.setattr(asyncio, "sleep", sleep)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(RenewedContext(partial(server_context, ours.server), [ours.server]).keep_looking())
    assert waited == [10]


def test_what_is_broken_from_the_start_is_an_error(tmp_path):
    with pytest.raises(OSError):
        RenewedContext(partial(server_context, str(tmp_path / "absent.pem")), [])
