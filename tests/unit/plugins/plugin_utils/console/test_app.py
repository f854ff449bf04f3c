# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The console as the router starts it: its address, its connections, TLS, and its end."""

from __future__ import annotations

import asyncio
import socket
import ssl
import subprocess
from contextlib import asynccontextmanager

import aiohttp
import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import ConfigurationError
from ansible_collections.eventops.infra.plugins.plugin_utils.console import app
from ansible_collections.eventops.infra.plugins.plugin_utils.console.app import console
from ansible_collections.eventops.infra.plugins.plugin_utils.console.settings import Listen
from ansible_collections.eventops.infra.plugins.plugin_utils.web.tls import server_context
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.console.site import ANN, Site, site


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@asynccontextmanager
async def started(site: Site, **listen):
    """Start the console a second time, as the router does; yield the port and what it has subscribed."""
    port, subscribed = free_port(), []

    def subscribe(callback):
        subscribed.append(callback)
        return lambda: subscribed.remove(callback)

    settings = Listen(**{"host": "127.0.0.1", "port": port, "tokens": (ANN,), **listen})
    around = site.parts.around
    async with console(settings, site.store, site.controls, around, site.metrics, subscribe, where="router.listen"):
        yield settings.port, subscribed
    assert subscribed == []


def test_it_serves_while_the_router_runs(visit):
    async def scenario(site):
        async with started(site) as (port, subscribed):
            assert len(subscribed) == 1
            async with site.browser.get(f"http://127.0.0.1:{port}/healthz") as response:
                assert response.status == 200
        with pytest.raises(aiohttp.ClientConnectionError):
            await site.browser.get(f"http://127.0.0.1:{port}/healthz")

    visit(scenario)


def test_without_listen_there_is_none():
    async def scenario():
        async with console(None, None, None, None, None, None, where="router.listen"):
            pass

    asyncio.run(scenario())


def test_an_address_in_use_is_a_mistake_in_the_rulebook(visit):
    async def scenario(site):
        with pytest.raises(ConfigurationError, match=r"^router.listen.address: must be an address that is free: .*in use"):
            async with started(site, port=site.port):
                pass
        with pytest.raises(ConfigurationError, match=r"^router.listen.address: must be an address that is free"):
            async with started(site, host="192.0.2.1"):
                pass

    visit(scenario)


def test_its_connections_are_bounded(visit, monkeypatch):
    monkeypatch.setattr(app, "_MOST_CONNECTIONS", 5)

    async def scenario(site):
        async with started(site) as (port, _subscribed):
            idle = [await asyncio.open_connection("127.0.0.1", port) for _turn in range(5)]
            async with site.browser.get(f"http://127.0.0.1:{port}/healthz") as response:
                assert response.status == 200
            assert await asyncio.wait_for(idle[0][0].read(), 20) == b"", "the one that was idle for longest made room"
            pages = [await site.browser.get(f"http://127.0.0.1:{port}/live") for _turn in range(5)]
            with pytest.raises(aiohttp.ClientError):
                await site.browser.get(f"http://127.0.0.1:{port}/live")
            for response in pages:
                response.close()
            for _reader, writer in idle:
                writer.close()

    visit(scenario)


def test_a_connection_that_asks_for_nothing_is_closed(visit, monkeypatch):
    monkeypatch.setattr(app, "_IDLE_SECONDS", 0.2)

    async def scenario(site):
        async with started(site) as (port, _subscribed):
            for begun in (b"", b"GET / HTTP/1.1\r\nHost: 127"):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(begun)
                assert b"200" not in await asyncio.wait_for(reader.read(), 20)
                writer.close()

    visit(scenario)


def test_its_end_waits_for_no_open_page(visit):
    async def scenario(site):
        async with started(site) as (port, _subscribed):
            response = await site.browser.get(f"http://127.0.0.1:{port}/live")
            await response.content.readline()
            began = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - began < 5
        response.close()

    visit(scenario)


def test_tls_keeps_what_is_said_and_the_cookie_to_itself(visit, tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    subprocess.run([*make, "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate], check=True, capture_output=True)

    async def scenario(site):
        async with started(site, tls=server_context(str(certificate), str(key))) as (port, _subscribed):
            trust = ssl.create_default_context(cafile=str(certificate))
            url = f"https://localhost:{port}"
            headers = {"Origin": url}
            async with site.browser.post(f"{url}/signin", data={"token": ANN.secret}, headers=headers, ssl=trust, allow_redirects=False) as response:
                cookie = response.headers["Set-Cookie"]
                assert response.status == 303 and cookie.startswith(f"__Host-eventops-{port}=") and "Secure" in cookie
            async with site.browser.get(url, ssl=trust) as response:
                assert "Sign out" in await response.text()

    visit(scenario)


def test_tokens_that_cross_the_network_unencrypted_are_warned_of(visit, caplog):
    async def scenario(site):
        async with started(site, host="0.0.0.0"):
            pass

    visit(scenario)
    assert "unencrypted" in caplog.text


def test_two_consoles_of_one_machine_have_cookies_of_their_own(tmp_path):
    async def scenario():
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
        async with site(tmp_path / "one", port=5050) as one, site(tmp_path / "two", port=5051) as two:
            two.browser = one.browser
            await one.sign_in()
            await two.sign_in()
            assert "Sign out" in (await one.get("/"))[1]

    asyncio.run(scenario())
