# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""TLS as clients see it: certificates of both sides, on a real server."""

from __future__ import annotations

import asyncio
import ssl
import subprocess

import pytest
from aiohttp import web
from ansible_collections.eventops.infra.plugins.plugin_utils.web.auth.client_certificate import ClientCertificate
from ansible_collections.eventops.infra.plugins.plugin_utils.web.auth.delivery import Delivery
from ansible_collections.eventops.infra.plugins.plugin_utils.web.tls import server_context
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.web.certificates import Authority, client_context
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.web.serving import serving, talking
from cryptography import x509

GET = b"GET / HTTP/1.1\r\nHost: test\r\n\r\n"
LOCALHOST = (x509.DNSName("localhost"),)


async def known(request):
    """Let those in that the scheme `client_certificate` knows."""
    certificate = request.transport.get_extra_info("peercert")
    ClientCertificate(frozenset({"prometheus"}), frozenset({"alerts.example.com"})).verify(Delivery(peer_certificate=certificate))
    return web.Response(text="known")


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    directory = tmp_path_factory.mktemp("tls")
    ours, others = Authority(directory, "ours"), Authority(directory, "others")
    ours.server = ours.issue("server.pem", "server", LOCALHOST)
    return ours, others


async def status(port, context, **options):
    """Return what a client is answered; 0 when the connection does not come about, or is closed."""
    try:
        async with talking(port, ssl=context, server_hostname="localhost", **options) as talk:
            return (await talk.ask(GET))[0]
    except (ssl.SSLError, ConnectionError):
        return 0


@pytest.mark.parametrize("required", [True, False])
def test_client_certificates(world, required):
    ours, others = world
    tls = server_context(ours.server, cafile=ours.cafile, client_certificate_is_required=required)

    async def scenario():
        async with serving(known, tls=tls) as port:
            assert await status(port, client_context(ours, ours.issue("a.pem", "prometheus"))) == 200
            assert await status(port, client_context(ours, ours.issue("b.pem", "x", (x509.DNSName("alerts.example.com"),)))) == 200
            assert await status(port, client_context(ours, ours.issue("c.pem", "somebody"))) == 403
            assert await status(port, client_context(ours)) == (0 if required else 401)
            assert await status(port, client_context(ours, others.issue("d.pem", "prometheus"))) == 0
            assert await status(port, client_context(ours, ours.issue("e.pem", "prometheus", days=-1))) == 0
            assert await status(port, client_context(ours, ours.issue("f.pem", "prometheus"))) == 200

    asyncio.run(scenario())


def test_without_an_authority_nobody_is_asked(world):
    ours, _others = world

    async def scenario():
        async with serving(known, tls=server_context(ours.server)) as port:
            assert await status(port, client_context(ours, ours.issue("g.pem", "prometheus"))) == 401

    asyncio.run(scenario())


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
def test_old_versions_are_refused(world):
    ours, _others = world
    old = client_context(ours)
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    new = client_context(ours)
    new.maximum_version = ssl.TLSVersion.TLSv1_2

    async def scenario():
        async with serving(known, tls=server_context(ours.server)) as port:
            assert await status(port, old) == 0
            assert await status(port, new) == 401

    asyncio.run(scenario())


def test_what_never_speaks_tls_makes_room_and_is_not_waited_for(world):
    ours, _others = world

    async def scenario():
        async with serving(known, tls=server_context(ours.server), most=2, head_seconds=0.5) as port:
            async with talking(port) as silent, talking(port) as second, talking(port) as plain:
                assert await silent.is_closed_by_server(0.4), "it made room"
                await plain.say(GET)
                assert await plain.is_closed_by_server(0.4)
                assert await status(port, client_context(ours)) == 401
                assert await second.is_closed_by_server(2), "its time is over"
            for _turn in range(5):
                async with talking(port):
                    pass
            assert await status(port, client_context(ours)) == 401

    asyncio.run(scenario())


def test_files_that_cannot_be_used_are_said(world, tmp_path):
    ours, others = world
    with pytest.raises(OSError):
        server_context(str(tmp_path / "absent.pem"))
    with pytest.raises(OSError):
        server_context(ours.server, others.issue("other.pem", "other"))
    with pytest.raises(OSError):
        server_context(ours.server, cafile=str(tmp_path / "absent.pem"))
    locked = tmp_path / "locked.pem"
    subprocess.run(["openssl", "pkey", "-in", ours.server, "-aes256", "-passout", "pass:1234", "-out", locked], check=True, capture_output=True)
    with pytest.raises(OSError, match="passphrase"):
        server_context(ours.server, str(locked))
