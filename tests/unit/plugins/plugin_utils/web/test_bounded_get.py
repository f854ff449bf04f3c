# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Asking for something small, of a real server on this machine that does what it likes."""

from __future__ import annotations

import asyncio
import contextlib
import gzip

import pytest
from aiohttp import web
from ansible_collections.eventops.infra.plugins.plugin_utils.web.bounded_get import TooLarge, UnexpectedStatus, bounded_get, bounded_session, proxy_for
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.web.serving import serving
from yarl import URL

BOMB = gzip.compress(bytes(10**6))


async def answer(request):
    if request.path == "/redirect":
        return web.Response(status=302, headers={"Location": "/headers"})
    if request.path == "/bomb":
        return web.Response(body=BOMB, headers={"Content-Encoding": "gzip"})
    if request.path == "/endless":
        response = web.StreamResponse()
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            while True:
                await response.write(b"x" * 65536)
    if request.path.startswith("/status/"):
        return web.Response(status=int(request.path.rpartition("/")[2]))
    return web.json_response(dict(request.headers), headers={"Set-Cookie": "a=b", "X-Path": request.path_qs})


def ask(*paths, max_bytes=10_000, headers=None, **options):
    """Return the answer to the last of several requests of one session."""

    async def scenario():
        async with serving(answer) as port, bounded_session(headers) as session:
            async with asyncio.timeout(30):
                return [await bounded_get(session, URL(f"http://127.0.0.1:{port}{path}", encoded=True), max_bytes=max_bytes, **options) for path in paths][-1]

    return asyncio.run(scenario())


def test_what_is_there_is_got_and_a_cookie_is_forgotten():
    got = ask("/headers", "/headers?a=b%2Fc", headers={"Authorization": "Bearer x"})
    assert got.headers["X-Path"] == "/headers?a=b%2Fc"
    assert b'"User-Agent": "eventops"' in got.body and b'"Accept-Encoding": "identity"' in got.body and b'"Authorization": "Bearer x"' in got.body
    assert b"Cookie" not in got.body
    assert ask("/headers", params=[("a", "1"), ("a", "2")]).headers["X-Path"] == "/headers?a=1&a=2"


def test_what_netrc_has_for_a_host_is_not_sent(tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("default login ann password s3cret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert b"Authorization" not in ask("/headers").body


def test_the_environment_says_by_which_proxy_a_host_is_asked(monkeypatch):
    monkeypatch.setenv("https_proxy", "http://proxy.example.com:3128")
    monkeypatch.setenv("no_proxy", "internal.example.com")
    monkeypatch.delenv("http_proxy", raising=False)
    urls = ("https://sns.eu-west-1.amazonaws.com/x.pem", "http://crt.example.com/x.cer", "https://internal.example.com/")
    assert [proxy_for(URL(url)) for url in urls] == ["http://proxy.example.com:3128", None, None]


@pytest.mark.parametrize(("path", "status"), [("/redirect", 302), ("/status/204", 204), ("/status/404", 404), ("/status/500", 500)])
def test_anything_but_200_is_no_answer_and_a_redirect_is_not_followed(path, status):
    with pytest.raises(UnexpectedStatus, match=f"^status {status}$") as caught:
        ask(path)
    assert caught.value.status == status


def test_what_is_too_large_is_not_read_to_its_end():
    with pytest.raises(TooLarge, match="more than 1000 bytes"):
        ask("/endless", max_bytes=1000)


def test_nothing_is_unpacked():
    assert ask("/bomb").body == BOMB
