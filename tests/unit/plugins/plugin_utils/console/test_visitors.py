# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who may do what: every attack on the forms is sent, and what is looked at is whether anything has changed."""

from __future__ import annotations

import json

import pytest
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.console.site import ANN, BOB, pauses, raw
from yarl import URL

DECISIONS = ("approve", "reject", "resolve", "suppress", "retry", "note")
POSTS = ["/pause", "/resume", "/storm/release", "/pauses/1/resume", "/signout", *(f"/cases/1/{word}" for word in DECISIONS)]
PAGES = ["/", "/cases", "/cases/1", "/cases/1/events/1", "/live"]


def cookie(site) -> tuple[str, str]:
    """Return the session's cookie."""
    (found,) = site.browser.cookie_jar.filter_cookies(URL(site.url)).values()
    return found.key, found.value


def test_without_a_session_or_token_nothing_can_be_changed(visit):
    async def scenario(site):
        case = await site.add_case(state="awaiting_approval")
        for path in POSTS:
            status, text = await site.post(path, {"why": "because", "csrf": ""})
            assert (status, "Sign in first" in text) == (401, True), path
        assert await site.store.run(lambda tx: tx.case(case.id)) == case and await pauses(site) == []

    visit(scenario)


def test_a_session_changes_things_under_the_name_of_its_token(visit):
    async def scenario(site):
        case = await site.add_case(state="awaiting_approval")
        csrf = await site.sign_in(BOB)
        status, _text = await site.post(f"/cases/{case.id}/approve", {"csrf": csrf, "why": "looks right", "back": f"/cases/{case.id}"})
        assert status == 303
        row = (await site.store.run(lambda tx: tx.history(case.id)))[-1]
        assert (row.to_state, row.by) == ("open", "bob") and "looks right" in row.why
        _status, page = await site.get(f"/cases/{case.id}")
        assert f"Case {case.id}: approved." in page and "Case {case.id}: approved." not in (await site.get("/"))[1]

    visit(scenario)


def test_a_token_changes_things_without_a_session(visit):
    async def scenario(site):
        status, text = await site.order("/pause", {"why": "deploying", "for": "1h"})
        message = "Paused: everything. What runs goes on to its end; nothing that is paused is started."
        assert (status, json.loads(text)["changed"], json.loads(text)["message"]) == (200, True, message)
        (pause,) = await pauses(site)
        assert (pause.by, pause.why, dict(pause.match)) == ("ann", "deploying", {}) and 3590 < pause.until - pause.since < 3610
        assert (await site.order(f"/pauses/{pause.id}/resume", token=BOB))[0] == 200
        assert await pauses(site) == [] and "Set-Cookie" not in str(site.browser.cookie_jar)

    visit(scenario)


@pytest.mark.parametrize("word", ["", "made-up", "x" * 43, "\udcff", "ü"])
def test_a_form_without_the_sessions_word_changes_nothing(visit, word):
    async def scenario(site):
        csrf = await site.sign_in()
        field = {"csrf": word.encode("utf-8", "surrogateescape")} if word else {}
        body = b"&".join(name.encode() + b"=" + value for name, value in field.items())
        status, _text = await site.post("/pause", body, headers={"Content-Type": "application/x-www-form-urlencoded"})
        assert status == (400 if word == "\udcff" else 403) and await pauses(site) == []
        assert (await site.post("/pause", {"csrf": csrf}))[0] == 303 and len(await pauses(site)) == 1

    visit(scenario)


def test_the_word_of_another_session_does_not_fit(visit):
    async def scenario(site):
        first = await site.sign_in(ANN)
        site.browser.cookie_jar.clear()
        await site.sign_in(BOB)
        assert (await site.post("/pause", {"csrf": first}))[0] == 403 and await pauses(site) == []

    visit(scenario)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://localhost.evil.example"},
    ],
)
def test_a_form_of_another_sites_page_changes_nothing(visit, headers):
    async def scenario(site):
        csrf = await site.sign_in()
        status, text = await site.post("/pause", {"csrf": csrf}, headers=headers)
        assert (status, "not sent by a page of this console" in text) == (403, True) and await pauses(site) == []
        assert (await site.post("/signin", {"token": ANN.secret}, headers=headers))[0] == 403, "nor signs somebody in"

    visit(scenario)


def test_a_form_of_our_own_page_is_taken(visit):
    async def scenario(site):
        csrf = await site.sign_in()
        for headers in ({"Origin": site.url}, {"Sec-Fetch-Site": "same-origin", "Origin": site.url}, {"Sec-Fetch-Site": "none"}):
            assert (await site.post("/pause", {"csrf": csrf}, headers=headers))[0] == 303

    visit(scenario)


def test_behind_a_proxy_the_url_is_our_own(visit):
    async def scenario(site):
        headers = {"Origin": "https://eventops.example.com", "Host": "eventops.example.com"}
        assert (await site.post("/signin", {"token": ANN.secret}, headers=headers))[0] == 303
        assert (await site.post("/signin", {"token": ANN.secret}, headers={**headers, "Origin": "http://eventops.example.com.evil"}))[0] == 403

    visit(scenario, url="https://eventops.example.com")


@pytest.mark.parametrize("name", ["evil.example", "evil.example:5050", "127.0.0.1.evil.example", "192.0.2.1", "[2001:db8::1]:80", "0.0.0.0"])
def test_on_this_machines_own_address_a_strangers_name_is_refused(visit, name):
    """DNS rebinding: a page of evil.example lets its name mean 127.0.0.1, and would be of the same origin."""

    async def scenario(site):
        await site.add_case()
        for path in (*PAGES, "/healthz", "/metrics", "/static/console.js"):
            status, text = await site.get(path, headers={"Host": name})
            assert (status, "This is not" in text, "ServiceDown" in text) == (421, True, False), path
        assert (await site.post("/signin", {"token": ANN.secret}, headers={"Host": name}))[0] == 421

    visit(scenario)


@pytest.mark.parametrize("name", ["localhost", "localhost:5050", "127.0.0.1", "127.0.0.2:80", "[::1]:5050", "LOCALHOST"])
def test_its_own_names_are_taken(visit, name):
    async def scenario(site):
        assert (await site.get("/", headers={"Host": name}))[0] == 200

    visit(scenario)


@pytest.mark.parametrize("lines", [b"", b"Host: 127.0.0.1\r\nHost: evil.example\r\n", b"Host: user@127.0.0.1\r\n", b"Host: 127.0.0.1/x\r\n", b"Host:\r\n"])
def test_a_request_names_one_host(visit, lines):
    async def scenario(site):
        assert b" 400 " in (await raw(site, b"GET / HTTP/1.1\r\n" + lines + b"Connection: close\r\n\r\n")).split(b"\r\n")[0]

    visit(scenario)


def test_signing_in_makes_a_new_session_whatever_the_browser_brings(visit):
    """Session fixation: the id that an attacker has planted is not the one that is signed in."""

    async def scenario(site):
        site.browser.cookie_jar.update_cookies({"eventops-5050": "planted"}, URL(site.url))
        await site.sign_in()
        (_name, first) = cookie(site)
        assert first != "planted"
        await site.sign_in()
        (_name, second) = cookie(site)
        assert second != first and site.parts.sessions.find(first) is None, "the one before has ended"

    visit(scenario)


def test_the_cookie_is_kept_from_scripts_and_other_sites(visit):
    async def scenario(site):
        async with site.browser.post(site.url + "/signin", data={"token": ANN.secret}, allow_redirects=False) as response:
            (header,) = response.headers.getall("Set-Cookie")
        parts = [part.strip() for part in header.split(";")]
        assert parts[0].startswith("eventops-5050=") and {"HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"} <= set(parts)
        assert "Secure" not in parts and ANN.secret not in header

    visit(scenario)


def test_behind_tls_the_cookie_is_secure_and_of_this_host_alone(visit):
    async def scenario(site):
        headers = {"Host": "eventops.example.com"}
        async with site.browser.post(site.url + "/signin", data={"token": ANN.secret}, headers=headers, allow_redirects=False) as response:
            header = response.headers["Set-Cookie"]
        assert header.startswith("__Host-eventops-5050=") and "Secure" in header and "Domain" not in header

    visit(scenario, url="https://eventops.example.com")


def test_signing_out_ends_the_session(visit):
    async def scenario(site):
        csrf = await site.sign_in()
        name, value = cookie(site)
        assert (await site.post("/signout", {}))[0] == 403, "not by another site's form"
        assert (await site.post("/signout", {"csrf": csrf}))[0] == 303
        status, _text = await site.post("/pause", {"csrf": csrf}, cookies={name: value})
        assert status == 401 and await pauses(site) == []

    visit(scenario)


def test_without_tokens_everybody_on_this_machine_may_look_and_nobody_may_act(visit):
    async def scenario(site):
        await site.add_case(state="awaiting_approval")
        for path in PAGES[:-1]:
            status, page = await site.get(path)
            assert (status, "<button" in page and "formaction" in page, "/signin" in page) == (200, False, False), path
        for path in (*POSTS, "/signin"):
            status, text = await site.post(path, {"token": ""})
            assert status in (401, 403), path
        assert (await site.get("/signin"))[0] == 403 and (await site.order("/pause"))[0] == 401

    visit(scenario, tokens=())


@pytest.mark.parametrize("listen", [{"host": None}, {"host": "127.0.0.1", "url": "http://router.example.com:5050"}])
def test_from_the_network_and_through_a_proxy_nothing_is_read_without_a_token(visit, listen):
    async def scenario(site):
        await site.add_case()
        for path in PAGES:
            status, text = await site.get(path)
            assert (status, "ServiceDown" in text) == (401, False), path
        async with site.browser.get(f"{site.url}/cases/1", headers={"Accept": "text/html,*/*"}, allow_redirects=False) as response:
            assert (response.status, response.headers["Location"]) == (303, "/signin?next=/cases/1")
        for path in ("/healthz", "/readyz", "/metrics", "/signin", "/static/console.css"):
            assert (await site.get(path, headers={"Host": "router.example.com:5050"}))[0] == 200, path
        assert (await site.get("/", headers={"Authorization": f"Bearer {ANN.secret}"}))[0] == 200
        await site.sign_in()
        assert "ServiceDown" in (await site.get("/cases/1"))[1]

    visit(scenario, **listen)
