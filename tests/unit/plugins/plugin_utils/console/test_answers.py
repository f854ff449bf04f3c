# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What every answer has in common, whatever was asked."""

from __future__ import annotations

import json
import socket

import pytest
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.console.site import raw

PAGES = ["/", "/cases", "/cases/1", "/cases/1/events/1", "/live"]


def test_every_answer_forbids_what_pages_do_not_need(visit):
    async def scenario(site):
        await site.add_case()
        for path in (*PAGES, "/nowhere", "/static/console.js", "/healthz", "/metrics", "/signin", "/cases/77"):
            async with site.browser.get(site.url + path, allow_redirects=False) as response:
                policy = response.headers["Content-Security-Policy"]
                assert "default-src 'none'" in policy and "unsafe" not in policy and "*" not in policy, path
                for directive in ("form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'", "script-src 'self'"):
                    assert directive in policy
                assert response.headers["X-Content-Type-Options"] == "nosniff"
                assert response.headers["Referrer-Policy"] == "same-origin"
                assert response.headers["Cache-Control"] == "no-store"
                assert "aiohttp" not in response.headers["Server"] and "Python" not in response.headers["Server"]

    visit(scenario)


@pytest.mark.parametrize(
    "path", ["/static/../app.py", "/static/..%2fapp.py", "/static/%2e%2e/settings.py", "/static//etc/passwd", "/static/console.css%00.js", "/static/templates"]
)
def test_no_other_file_is_served(visit, path):
    async def scenario(site):
        answer = await raw(site, f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        assert b" 404 " in answer.split(b"\r\n")[0] and b"Copyright" not in answer

    visit(scenario)


@pytest.mark.parametrize(
    "query", ["before=x", "before=99999999999999999999", "before=-1", "state=nonsense&state=open", "text=%00%ff", "host=" + "h" * 5000, "before=٣"]
)
def test_a_list_takes_whatever_is_asked(visit, query):
    async def scenario(site):
        await site.add_case()
        assert (await site.get(f"/cases?{query}"))[0] == 200

    visit(scenario)


def test_what_fails_inside_is_not_told(visit, caplog):
    async def scenario(site):
        async def fails(_function):
            raise RuntimeError("the inside: secret.py line 7")

        works, site.store.run = site.store.run, fails
        status, text = await site.get("/cases")
        assert (status, "secret.py" in text, "Something in the console went wrong" in text) == (500, False, True)
        site.store.run = works
        assert (await site.get("/cases"))[0] == 200

    visit(scenario)
    assert "secret.py line 7" in caplog.text


def test_the_console_needs_nobody_to_hang_up(visit):
    """Connections that say nothing, or half of a request, do no harm to others."""

    async def scenario(site):
        idle = [socket.create_connection(("127.0.0.1", site.port)) for _turn in range(20)]
        idle[0].sendall(b"GET / HTTP/1.1\r\nHost:")
        assert (await site.get("/"))[0] == 200
        for each in idle:
            each.close()

    visit(scenario)


@pytest.mark.parametrize(("method", "path"), [("get", "/cases"), ("post", "/cases/1/approve")])
@pytest.mark.parametrize("accept", ["*/*", "application/json", ""])
def test_a_program_without_a_token_is_told_so_in_json(visit, method, path, accept):
    async def scenario(site):
        async with site.browser.request(method, site.url + path, headers={"Accept": accept}) as response:
            assert (response.status, response.content_type, response.headers["WWW-Authenticate"]) == (401, "application/json", "Bearer")
            assert json.loads(await response.text()) == {"changed": False, "message": "Sign in first, or send a token."}

    visit(scenario, host="0.0.0.0")


def test_a_browser_is_told_on_a_page(visit):
    async def scenario(site):
        headers = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}
        async with site.browser.post(site.url + "/pause", headers=headers) as response:
            assert (response.status, response.content_type) == (401, "text/html")
            assert "Sign in first" in await response.text()

    visit(scenario)
