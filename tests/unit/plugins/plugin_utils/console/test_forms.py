# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What forms may hold: everything else is refused in one sentence, and nothing has changed."""

from __future__ import annotations

import json

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.console import visitors
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.console.site import ANN, pauses, raw


@pytest.mark.parametrize(
    "target", ["https://evil.example", "//evil.example", "/\\evil.example", "/cases/1\r\nX: y", "javascript:alert(1)", "/signout", "/cases/x", "\t//evil"]
)
def test_nobody_is_sent_elsewhere(visit, target):
    async def scenario(site):
        async def location(path: str, fields: dict) -> str:
            async with site.browser.post(site.url + path, data=fields, allow_redirects=False) as response:
                assert response.status == 303 and "X" not in response.headers
                return response.headers["Location"]

        assert await location("/signin", {"token": ANN.secret, "next": target}) == "/"
        assert await location("/pause", {"csrf": await site.csrf(), "back": target}) == "/"
        _status, page = await site.get("/signin", params={"next": target})
        assert "evil" not in page

    visit(scenario)


def test_a_form_that_is_too_long_is_refused(visit):
    async def scenario(site):
        csrf = await site.sign_in()
        for fields in ({"csrf": csrf, "why": "x" * 20_000}, {"csrf": csrf, **{f"field{number}": "x" for number in range(3000)}}):
            status, text = await site.post("/pause", fields)
            assert (status, "too long" in text) == (413, True) and await pauses(site) == []

    visit(scenario)


@pytest.mark.parametrize(
    ("kind", "body", "expected"),
    [
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="why"; filename="a"\r\n\r\nb\r\n--x--\r\n', 415),
        ("application/json", b"{}", 415),
        ("text/plain", b"why=x", 415),
        ("application/x-www-form-urlencoded; charset=nonsense", b"why=x", 400),
        ("application/x-www-form-urlencoded; charset=utf-8", b"why=\xff", 400),
        ("application/x-www-form-urlencoded", b"&=&=&;;%%%zz", 400),
        ("application/x-www-form-urlencoded", b"&&&", 200),
    ],
)
def test_what_is_no_form_is_refused(visit, kind, body, expected):
    async def scenario(site):
        headers = {"Authorization": f"Bearer {ANN.secret}", "Content-Type": kind}
        assert (await site.post("/pause", body, headers=headers))[0] == expected
        assert len(await pauses(site)) == (expected == 200)

    visit(scenario)


def test_a_form_that_does_not_arrive_is_waited_for_only_so_long(visit, monkeypatch):
    monkeypatch.setattr(visitors, "_FORM_SECONDS", 0.2)

    async def scenario(site):
        head = f"POST /pause HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {ANN.secret}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        answer = await raw(site, head.encode() + b"Content-Length: 100\r\nConnection: close\r\n\r\nwhy=")
        assert answer.startswith(b"HTTP/1.1 408 ") and await pauses(site) == []

    visit(scenario)


def test_words_of_people_are_one_line(visit):
    async def scenario(site):
        case = await site.add_case()
        await site.order(f"/cases/{case.id}/note", {"why": "first\r\nSet-Cookie: a=b\x00\u202e second"})
        row = (await site.store.run(lambda tx: tx.history(case.id)))[-1]
        assert (row.why, row.by) == ("first Set-Cookie: a=b second", "ann")

    visit(scenario)


@pytest.mark.parametrize(
    ("path", "fields", "status", "expected"),
    [
        ("/cases/999/approve", {}, 404, "There is no case 999"),
        ("/cases/1/approve", {}, 409, "Case 1 is open"),
        ("/cases/1/note", {"why": " "}, 400, "Why: must be the text of the note"),
        ("/cases/1/delete", {}, 404, "There is no such page."),
        ("/cases/999999999999999999/retry", {}, 404, "There is no case"),
        ("/cases/9999999999999999999999/retry", {}, 404, "There is no such page."),
        ("/pauses/77/resume", {}, 200, "That pause had ended already."),
        ("/storm/release", {}, 200, "There is no storm to release."),
        ("/pause", {"for": "soon"}, 400, "For: must be a time such as 30m or 4h"),
        ("/pause", {"for": "-5m"}, 400, "For: must be"),
        ("/pause", {"for": "0"}, 400, "For: must be more than nothing"),
        ("/pause", {"for": "inf"}, 400, "For: must be a time such as 30m or 4h, or a number of seconds"),
        ("/pause", {"for": "999999999"}, 400, "For: must be more than nothing"),
        ("/pause", {"for": "9999999w"}, 400, "For: must be more than nothing"),
        ("/pause", {"host": "h" * 2000}, 400, "at most 1024 characters"),
        ("/pause", {"hots": "web-*"}, 400, "Hots: unknown field, did you mean host?"),
        ("/pause", {"host": "web-*", "reason": "x"}, 400, "unknown field, the known ones are why, for, type"),
        ("/pause?host=web-*", {}, 400, "not in the address"),
        ("/resume", {"host": "web-*"}, 400, "POST /pauses/ID/resume ends one"),
        ("/resume", {"pause": "1"}, 400, "POST /pauses/ID/resume ends one"),
        ("/resume?host=web-*", {}, 400, "not in the address"),
        ("/resume", {"nonsense": "x"}, 400, "Nonsense: unknown field, this address takes none"),
        ("/pauses/1/resume", {"host": "web-*"}, 400, "Host: unknown field"),
        ("/storm/release", {"host": "web-*"}, 400, "Host: unknown field"),
        ("/cases/1/retry", {"wy": "x"}, 400, "Wy: unknown field, did you mean why?"),
        ("/cases/1/reject", {"seen": "1"}, 400, "Seen: unknown field"),
        ("/signin", {"tokn": "x"}, 400, "did you mean token?"),
        ("/signout", {"all": "x"}, 400, "All: unknown field"),
        ("/", {}, 405, "This address does not take that."),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(visit, path, fields, status, expected):
    async def scenario(site):
        await site.add_case()
        got, text = await site.order(path, fields)
        assert (got, expected in text) == (status, True), text

    visit(scenario)


def test_some_of_it_is_paused_by_match(visit):
    async def scenario(site):
        await site.order("/pause", {"host": "web-*", "name": "", "type": "alert.*", "dedup_key": ""})
        (pause,) = await pauses(site)
        assert {name: list(wanted) for name, wanted in pause.match.items()} == {"host": ["web-*"], "type": ["alert.*"]}
        assert "type alert.*, host web-*" in (await site.get("/"))[1]

    visit(scenario)


def test_the_answer_names_what_was_paused(visit):
    async def scenario(site):
        said = json.loads((await site.order("/pause", {"host": "web-*", "why": "release 7"}))[1])
        assert said["message"].startswith("Paused: host web-*.")
        (pause,) = await pauses(site)
        assert (said["pause"]["id"], said["pause"]["match"], said["pause"]["why"]) == (pause.id, {"host": ["web-*"]}, "release 7")
        again = json.loads((await site.order("/pause", {"host": "web-*"}))[1])
        assert (again["changed"], again["message"], again["pause"]) == (False, "Paused already: host web-*.", said["pause"])
        everything = json.loads((await site.order("/pause"))[1])
        assert everything["message"].startswith("Paused: everything.") and everything["pause"]["match"] == {}
        assert [each["id"] for each in json.loads((await site.get("/healthz"))[1])["pauses"]] == [pause.id, everything["pause"]["id"]]
        assert (await site.order(f"/pauses/{pause.id}/resume"))[0] == 200
        assert [each.id for each in await pauses(site)] == [everything["pause"]["id"]]

    visit(scenario)


@pytest.mark.parametrize("selector", ["host", "name", "type", "dedup_key", "id", "pause", "match"])
def test_resuming_everything_is_not_resuming_some_of_it(visit, selector):
    async def scenario(site):
        await site.order("/pause", {"host": "db-*"})
        assert (await site.order("/resume", {selector: "1"}))[0] == 400
        assert len(await pauses(site)) == 1

    visit(scenario)


@pytest.mark.parametrize(("length", "seconds"), [("30", 30), (" 90.5 ", 90.5), ("30s", 30), ("2m", 120)])
def test_how_long_is_said_as_everywhere(visit, length, seconds):
    async def scenario(site):
        assert (await site.order("/pause", {"for": length}))[0] == 200
        (pause,) = await pauses(site)
        assert pause.until - pause.since == pytest.approx(seconds, abs=1)

    visit(scenario)
