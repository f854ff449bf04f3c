# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""/live, over the wire."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import asynccontextmanager

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.console import live, streams
from ansible_collections.eventops.infra.plugins.plugin_utils.console.sessions import LIFETIME_SECONDS


@asynccontextmanager
async def listening(site, path: str = "/live"):
    """Open a stream; yield a function that returns its next message: the event's name, and its data."""
    async with site.browser.get(site.url + path) as response:
        assert (response.status, response.headers["Content-Type"], response.headers["Cache-Control"]) == (200, "text/event-stream", "no-store")

        async def message() -> tuple[str, dict]:
            name = ""
            while True:
                line = (await asyncio.wait_for(response.content.readline(), 20)).decode().rstrip("\n")
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data:") and name:
                    return name, json.loads(line.removeprefix("data:") or "{}")

        yield message


def test_all_parts_come_first_and_then_what_changes(visit):
    async def scenario(site):
        case = await site.add_case(state="waiting", name="DiskFull")
        async with listening(site) as message:
            name, first = await message()
            assert name == "parts" and set(first["parts"]) >= {"status", "tiles", "waiting", "finished"} and "DiskFull" in first["parts"]["waiting"]
            await site.change(case, state="resolved", live=False)
            name, news = await message()
            assert name == "parts" and "DiskFull" in news["parts"]["finished"] and "DiskFull" not in news["parts"]["waiting"]
            assert not {"status", "queued", "verifying", "aside"} & news["parts"].keys(), "what is as it was is not sent"

    visit(scenario)


def test_the_page_of_a_case_is_live(visit):
    async def scenario(site):
        case = await site.add_case()
        async with listening(site, f"/live?case={case.id}") as message:
            assert set((await message())[1]["parts"]) == {"status", "head", "actions", "steps", "events"}
            await site.add_case(2)
            await site.order(f"/cases/{case.id}/note", {"why": "looked at it"})
            _name, news = await message()
            assert set(news["parts"]) == {"steps"} and "looked at it" in news["parts"]["steps"]

    visit(scenario)


def test_buttons_come_to_who_is_signed_in_and_carry_no_secret(visit):
    async def scenario(site):
        await site.add_case(state="awaiting_approval")
        async with listening(site) as message:
            assert "formaction" not in str(await message())
        csrf = await site.sign_in()
        async with listening(site) as message:
            _name, first = await message()
            assert "formaction" in first["parts"]["attention"] and csrf not in str(first)

    visit(scenario)


def test_a_storm_costs_little_and_ends_with_all_that_has_happened(visit):
    async def scenario(site):
        async with listening(site) as message:
            await message()
            began = time.monotonic()
            for number in range(500):
                await site.add_case(number, state="waiting")
            seconds, messages = time.monotonic() - began, 0
            while True:
                _name, news = await message()
                messages += 1
                if ">500<" in news["parts"].get("waiting", ""):
                    break
            assert messages <= 4 * (time.monotonic() - began) + 2, f"{messages} messages in {seconds} s"

    visit(scenario)


def test_the_stream_ends_with_the_session(visit):
    async def scenario(site):
        csrf = await site.sign_in()
        async with listening(site) as message:
            await message()
            await site.post("/signout", {"csrf": csrf})
            await site.add_case()
            assert (await message())[0] == "gone"

    visit(scenario)


def test_the_stream_ends_when_the_session_is_over(visit, monkeypatch):
    monkeypatch.setattr(streams, "_QUIET_SECONDS", 0.05)

    async def scenario(site):
        await site.sign_in()
        async with listening(site) as message:
            await message()
            for session in site.parts.sessions._open.values():
                session.expires_at -= LIFETIME_SECONDS
            assert (await message())[0] == "gone"

    visit(scenario)


def test_the_stream_ends_when_the_case_is_deleted(visit, monkeypatch):
    monkeypatch.setattr(streams, "_QUIET_SECONDS", 0.05)
    monkeypatch.setattr(live, "_OLDEST_SECONDS", 0.05)

    async def scenario(site):
        case = await site.add_case(state="resolved", live=False)
        async with listening(site, f"/live?case={case.id}") as message:
            await message()
            await site.store.run(lambda tx: tx.delete_before(time.time() + 1, 10))
            assert (await message())[0] == "gone"

    visit(scenario)


def test_a_quiet_stream_shows_that_it_is_there(visit, monkeypatch):
    monkeypatch.setattr(streams, "_QUIET_SECONDS", 0.05)

    async def scenario(site):
        async with site.browser.get(site.url + "/live") as response:
            while await asyncio.wait_for(response.content.readline(), 20) != b": still here\n":
                pass

    visit(scenario)


def test_a_client_that_does_not_read_is_left_alone(visit, monkeypatch):
    monkeypatch.setattr(streams, "_SLOW_SECONDS", 0.2)

    async def scenario(site):
        _reader, writer = await asyncio.open_connection("127.0.0.1", site.port, limit=1024)
        writer.transport.pause_reading()
        writer.write(b"GET /live HTTP/1.1\r\nHost: localhost\r\n\r\n")
        reason, number, deadline = "x" * 200, 0, time.monotonic() + 60
        page = site.parts.live.page(live.NOW)
        while not page.watchers:
            await asyncio.sleep(0.01)
        monkeypatch.setattr(live, "_SHORTEST_SECONDS", 0.0)
        monkeypatch.setattr(live, "_SHARE", 1.0)
        while page.watchers:
            assert time.monotonic() < deadline, "it is still being written to"
            for _case in range(25):
                number += 1
                await site.add_case(number, state="waiting", reason=f"{number} {reason}")
            await asyncio.sleep(0.01)
        writer.close()

    visit(scenario)


def test_more_streams_than_there_may_be_are_told_to_come_later(visit, monkeypatch):
    monkeypatch.setattr(live, "_MOST_STREAMS", 1)

    async def scenario(site):
        async with listening(site) as message:
            await message()
            async with site.browser.get(site.url + "/live") as response:
                assert (response.status, response.headers["Retry-After"]) == (503, "10")
            assert (await site.get("/"))[0] == 200, "pages are there all the same"
        await site.add_case()  # the stream notices that nobody reads it any more
        for _attempt in range(100):
            status, _text = await first_line(site)
            if status == 200:
                return
            await asyncio.sleep(0.05)
        raise AssertionError("the place is still taken")

    visit(scenario)


async def first_line(site) -> tuple[int, bytes]:
    async with site.browser.get(site.url + "/live") as response:
        return response.status, await response.content.readline()


NO_CASES = [("case=77", 404), ("case=0", 404), ("case=x", 400), ("case=-1", 400), ("case=" + "9" * 19, 400), ("case=٣", 400)]


@pytest.mark.parametrize(("query", "status"), NO_CASES)
def test_what_is_no_case_has_no_stream(visit, query, status):
    async def scenario(site):
        assert (await site.get(f"/live?{query}"))[0] == status

    visit(scenario)


def test_nothing_is_read_when_nobody_looks(visit):
    async def scenario(site):
        reads = 0
        load = site.parts.live._load

        async def counted(key):
            nonlocal reads
            reads += 1
            return await load(key)

        site.parts.live._load = counted
        for number in range(100):
            await site.add_case(number)
        assert reads == 0
        await site.get("/")
        for number in range(100, 200):
            await site.add_case(number)
        assert reads == 1

    visit(scenario)
