# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Getting a file, from a real server on this machine."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.sns import fetch as module
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.sns.fetch import FetchFailed, fetch
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.aws.sns import amazon
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.aws.sns.amazon import awaited
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat


@pytest.fixture(autouse=True)
def without_a_proxy(monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@asynccontextmanager
async def serving():
    asked = []

    async def answer(request):
        asked.append(request.path_qs)
        if request.path == "/slow":
            await asyncio.sleep(30)
        if request.path == "/redirect":
            raise web.HTTPFound("/file")
        if request.path.startswith("/status/"):
            return web.Response(status=int(request.path.rpartition("/")[2]))
        return web.Response(body=b"x" * 1000)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", asked
    finally:
        await runner.cleanup()


@awaited
async def test_a_file_is_got_by_the_address_as_it_is_written():
    async with serving() as (base, asked):
        assert await fetch(f"{base}/file?TopicArn=arn%3Aaws&a=b%2Fc", 1000) == b"x" * 1000
        assert asked == ["/file?TopicArn=arn%3Aaws&a=b%2Fc"]


@awaited
async def test_the_proxy_of_the_environment_is_used(monkeypatch):
    async with serving() as (base, asked):
        monkeypatch.setenv("HTTP_PROXY", base)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        assert await fetch("http://crt.r2m01.amazontrust.com/r2m01.cer", 1000) == b"x" * 1000
        assert asked == ["/r2m01.cer"]


@awaited
async def test_a_redirect_is_not_followed():
    async with serving() as (base, asked):
        with pytest.raises(FetchFailed, match="status 302") as failed:
            await fetch(f"{base}/redirect", 1000)
        assert asked == ["/redirect"] and failed.value.is_final


@pytest.mark.parametrize(("status", "is_final"), [(403, True), (404, True), (408, False), (429, False), (500, False), (503, False), (204, False)])
@awaited
async def test_a_status_tells_whether_to_ask_again(status, is_final):
    async with serving() as (base, asked):
        with pytest.raises(FetchFailed, match=f"status {status}, expected 200") as failed:
            await fetch(f"{base}/status/{status}", 1000)
        assert failed.value.is_final is is_final


@awaited
async def test_a_file_that_is_too_large_is_not_read():
    async with serving() as (base, asked):
        with pytest.raises(FetchFailed, match="more than 999 bytes"):
            await fetch(f"{base}/file", 999)


@awaited
async def test_what_does_not_answer_is_given_up(monkeypatch):
    async with serving() as (base, asked):
        monkeypatch.setattr(module, "TIMEOUT_SECONDS", 0.05)
        with pytest.raises(FetchFailed, match="no answer within 0.05 s") as failed:
            await fetch(f"{base}/slow", 1000)
        assert not failed.value.is_final
        with pytest.raises(FetchFailed, match="ClientConnector"):
            await fetch("http://127.0.0.1:1/", 1000)


@awaited
async def test_a_server_whose_certificate_nobody_trusts_is_not_believed(tmp_path):
    files = tmp_path / "cert.pem", tmp_path / "key.pem"
    files[0].write_bytes(amazon.pem(amazon.certificate("sns", "sns", names=("localhost",), valid=(-30, 30000))))
    files[1].write_bytes(amazon.key("sns").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*files)
    listening = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    async with listening:
        with pytest.raises(FetchFailed, match="Certificate"):
            await fetch(f"https://localhost:{listening.sockets[0].getsockname()[1]}/", 1000)
