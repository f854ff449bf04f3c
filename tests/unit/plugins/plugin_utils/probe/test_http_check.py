# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import shutil
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.http_check import check_http, new_session
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.network_error import Inconclusive
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.resolver import Resolver
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.target import HttpCheck
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


def response(status=200, **kwargs):
    async def answer(_request):
        return web.Response(status=status, **kwargs)

    return answer


async def redirect(_request):
    raise web.HTTPFound("/ok")


async def only_for_the_one_who_asks_well(request):
    return web.Response(status=200 if request.headers.get("Authorization") == "Bearer x" and request.method == "HEAD" else 401)


async def endless(request):
    answer = web.StreamResponse()
    await answer.prepare(request)
    with contextlib.suppress(ConnectionError):
        while True:
            await answer.write(b"x" * 65536)
    return answer


@contextlib.asynccontextmanager
async def server(tls=None):
    app = web.Application()
    app.router.add_get("/ok", response(text="all is well: grüße"))
    app.router.add_get("/latin", response(body="grüße".encode("latin-1"), content_type="text/plain", charset="iso-8859-1"))
    app.router.add_get("/created", response(201))
    app.router.add_get("/broken", response(503))
    app.router.add_get("/redirect", redirect)
    app.router.add_route("*", "/private", only_for_the_one_who_asks_well)
    app.router.add_get("/endless", endless)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.2", 0, ssl_context=tls)
    await site.start()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.2:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def ask(base, path="/ok", **options):
    resolver = Resolver()
    async with new_session(resolver) as session:
        try:
            return await check_http(session, HttpCheck(base + path, **options))
        finally:
            await resolver.close()


@pytest.mark.parametrize(
    ("path", "options", "expected"),
    [
        ("/ok", {}, None),
        ("/created", {}, None),
        ("/created", {"status": (200, 204)}, "status 201, expected 200 or 204"),
        ("/broken", {}, "status 503, expected 2xx"),
        ("/broken", {"status": (503,)}, None),
        ("/missing", {}, "status 404, expected 2xx"),
        ("/redirect", {}, "status 302, expected 2xx"),
        ("/redirect", {"status": (302,)}, None),
        ("/redirect", {"follow_redirects": True}, None),
        ("/ok", {"contains": "well: grüße"}, None),
        ("/latin", {"contains": "grüße"}, None),
        ("/ok", {"contains": "ill"}, "status 200, but the body does not contain 'ill'"),
        ("/private", {}, "status 401, expected 2xx"),
        ("/private", {"method": "HEAD", "headers": (("Authorization", "Bearer x"),)}, None),
        ("/endless", {}, None),
        ("/endless", {"contains": "y"}, "status 200, but the body does not contain 'y'"),
    ],
)
def test_the_answer_decides(path, options, expected):
    async def run():
        async with server() as base:
            return await ask(base, path, **options)

    assert asyncio.run(run()) == expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"", "the connection was closed without an answer"),
        (b"SSH-2.0-OpenSSH_9.9\r\n\r\n", "no valid answer: "),
    ],
)
def test_a_server_that_speaks_no_http(answer, expected):
    async def run():
        async def speak(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            writer.close()

        async with await asyncio.start_server(speak, "127.0.0.2", 0) as listener:
            return await ask(f"http://127.0.0.2:{listener.sockets[0].getsockname()[1]}")

    assert asyncio.run(run()).startswith(expected)


def test_a_refused_connection_says_so():
    async def run():
        async with server() as base:
            pass
        return await ask(base)

    assert asyncio.run(run()) == "connection refused"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.2 that signs itself: a file with it and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - timedelta(days=1), now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.2"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(built.public_bytes(serialization.Encoding.PEM) + secret)
    return str(path)


def test_a_certificate_is_verified_unless_told_otherwise(certificate):
    async def run():
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate)
        async with server(tls) as base:
            return await ask(base), await ask(base, verify=False), await ask(base, cafile=certificate)

    stranger, unverified, known = asyncio.run(run())
    assert stranger.startswith("the TLS certificate is not valid: self")
    assert unverified is None
    assert known is None


def test_a_file_of_certificates_is_read_again_when_it_changed(certificate, tmp_path):
    trusted = tmp_path / "ca.pem"

    async def run():
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate)
        async with server(tls) as base:
            with pytest.raises(Inconclusive):
                await ask(base, cafile=str(trusted))
            trusted.write_text("")
            with pytest.raises(Inconclusive):
                await ask(base, cafile=str(trusted))
            shutil.copy(certificate, trusted)
            return await ask(base, cafile=str(trusted))

    assert asyncio.run(run()) is None


def test_tls_to_a_server_that_speaks_none():
    async def run():
        async with server() as base:
            return await ask(base.replace("http:", "https:"))

    assert asyncio.run(run()).startswith("TLS failed: ")
