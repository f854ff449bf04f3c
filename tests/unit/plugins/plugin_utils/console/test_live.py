# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Live pages, in time that the test makes pass: how often they are read, and what is sent to whom."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.console import live
from ansible_collections.eventops.infra.plugins.plugin_utils.console.live import NOW, Live, Page, Rendered, TooManyStreams
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import StoreUnavailable
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import CASE_CHANGED, DISPATCH_PLANNED, PAUSE_BEGAN, Change, Dispatch, Pause, Share
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.store.promises.examples import a_case


class Time:
    """A clock that goes on while somebody sleeps."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += max(0.0, seconds)


@pytest.fixture(name="clock")
def _clock(monkeypatch):
    clock = Time()

    async def sleep(seconds: float) -> None:
        await clock.sleep(seconds)

    class Asyncio:
        def __getattr__(self, name):
            return sleep if name == "sleep" else getattr(asyncio, name)

    monkeypatch.setattr(live, "asyncio", Asyncio())
    return clock


@dataclass(frozen=True)
class Status:
    trouble: str = ""


@dataclass(frozen=True)
class Seen:
    """What a page has read: parts with the number of the reading."""

    number: int
    clock: Time
    cost: float = 0.0
    seconds: float = 0.0
    status: Status = field(default_factory=Status)
    title: str = "title"

    def parts(self, may_act: bool):
        for name in ("same", "number"):
            self.clock.now += self.cost / 2
            yield name, f"{name} {self.number if name == 'number' else ''} {may_act} {self.status.trouble}".strip()


class Reader:
    """Counts how often a page is read."""

    def __init__(self, clock: Time, cost: float = 0.0, seconds: float = 0.0) -> None:
        self.reads = 0
        self.clock = clock
        self.cost = cost
        self.seconds = seconds
        self.failure: Exception | None = None

    async def __call__(self) -> Seen:
        self.reads += 1
        if self.failure:
            raise self.failure
        return Seen(self.reads, self.clock, self.cost, self.seconds)


def test_nothing_is_read_while_nothing_changes_and_one_reading_serves_all(clock):
    async def scenario():
        reader = Reader(clock)
        page = Page(reader, clock)
        seen = await asyncio.gather(*(page.look(number % 2 == 0) for number in range(50)))
        assert reader.reads == 1 and len({id(each) for each in seen}) == 2
        assert seen[0].parts == {"same": "same  True", "number": "number 1 True"} and seen[1].parts["number"] == "number 1 False"

    asyncio.run(scenario())


def test_a_storm_of_changes_is_read_four_times_a_second(clock):
    async def scenario():
        reader = Reader(clock)
        page = Page(reader, clock)
        began = clock.now
        while clock.now < began + 10:
            page.touch()
            await page.look(True)
        assert 39 <= reader.reads <= 41

    asyncio.run(scenario())


@pytest.mark.parametrize("slow", [{"cost": 0.2}, {"seconds": 0.2}])
def test_a_page_that_is_slow_takes_a_tenth_of_the_time(clock, slow):
    async def scenario():
        reader = Reader(clock, **slow)
        page = Page(reader, clock)
        began = clock.now
        while clock.now < began + 100:
            page.touch()
            await page.look(True)
        assert 40 <= reader.reads <= 51

    asyncio.run(scenario())


def test_the_first_look_after_a_quiet_time_waits_for_nothing(clock):
    async def scenario():
        page = Page(Reader(clock), clock)
        await page.look(True)
        clock.now += 1
        page.touch()
        began = clock.now
        await page.look(True)
        assert clock.now == began

    asyncio.run(scenario())


def test_who_loads_a_page_does_not_wait_for_a_slow_store(clock):
    async def scenario():
        page = Page(Reader(clock, seconds=1.0), clock)
        await page.look(True)
        page.touch()
        began = clock.now
        assert (await page.look(True, patience_seconds=1)).parts["number"] == "number 1 True" and clock.now == began
        assert (await page.look(True)).parts["number"] == "number 2 True" and clock.now == began + 10

    asyncio.run(scenario())


def test_what_no_change_tells_is_looked_at_after_some_seconds(clock):
    async def scenario():
        reader = Reader(clock)
        page = Page(reader, clock)
        await page.look(True)
        clock.now += 4.9
        await page.look(True)
        assert reader.reads == 1
        clock.now += 0.2
        await page.look(True)
        assert reader.reads == 2

    asyncio.run(scenario())


def test_a_store_that_does_not_answer_leaves_what_was_seen_last(clock):
    async def scenario():
        reader = Reader(clock)
        page = Page(reader, clock)
        reader.failure = StoreUnavailable("the disk is full")
        with pytest.raises(StoreUnavailable):
            await page.look(True)
        reader.failure = None
        page.touch()
        await page.look(True)
        reader.failure = StoreUnavailable("the disk is full")
        page.touch()
        assert (await page.look(True)).parts["number"] == "number 2 True the disk is full"
        reader.failure = None
        page.touch()
        assert (await page.look(True)).parts["number"] == "number 4 True"

    asyncio.run(scenario())


def test_a_browser_is_sent_what_it_has_not_seen():
    rendered = Rendered()
    rendered.take("one", {"a": "1", "b": "1"})
    rendered.take("one", {"a": "1", "b": "1"})
    assert rendered.version == 1
    rendered.take("two", {"a": "1", "b": "2"})
    rendered.take("two", {"a": "3", "b": "2"})
    assert rendered.version == 3

    def parts(since: int) -> dict:
        lines = rendered.message(since).decode().split("\n")
        assert lines[0] == "event: parts" and lines[2:] == ["", ""]
        return json.loads(lines[1].removeprefix("data: "))["parts"]

    assert (parts(0), parts(1), parts(2)) == ({"a": "3", "b": "2"}, {"a": "3", "b": "2"}, {"a": "3"})
    assert rendered.message(2) is rendered.message(2), "written once for all"


def test_no_text_can_end_a_message():
    rendered = Rendered()
    rendered.take("t\n\n", {"a": "x\n\nevent: gone\ndata: y\r\rz\u2028"})
    message = rendered.message(0)
    assert message.count(b"\n") == 3 and b"\r" not in message and b"\nevent: gone" not in message


def changed_pages(change: Change) -> set[int]:
    async def no_page(_key):
        raise AssertionError("nobody looks")

    pages = Live(no_page)
    for key in (NOW, 1, 2, 3):
        pages.page(key)._stale = False
    pages.changed([change])
    return {key for key in (NOW, 1, 2, 3) if pages.page(key)._stale}


@pytest.mark.parametrize(
    ("change", "touched"),
    [
        (Change(1.0, CASE_CHANGED, case=a_case(id=2)), {NOW, 2}),
        (Change(1.0, CASE_CHANGED, case=a_case(id=9)), {NOW}),
        (Change(1.0, DISPATCH_PLANNED, dispatch=Dispatch("u", 1, ("a",), (Share(1, ("a",)), Share(3, ("a",))), 1.0)), {NOW, 1, 3}),
        (Change(1.0, PAUSE_BEGAN, pause=Pause({}, 1.0, "ann")), {NOW, 1, 2, 3}),
    ],
)
def test_a_change_touches_the_pages_that_it_is_on(change, touched):
    assert changed_pages(change) == touched


def test_pages_that_nobody_has_open_are_forgotten():
    async def scenario():
        pages = Live(None)
        watched = pages.page(1)
        with pages.watching(watched, False):
            for key in range(2, 1000):
                pages.page(key)
            assert pages.page(1) is watched and len(pages._pages) <= 22

    asyncio.run(scenario())


def test_streams_are_few_and_who_may_act_takes_the_place_of_who_may_not(monkeypatch):
    monkeypatch.setattr(live, "_MOST_STREAMS", 3)

    async def scenario():
        pages = Live(None)
        page = pages.page(NOW)
        inside: list[str] = []

        async def stream(name: str, may_act: bool) -> None:
            with pages.watching(page, may_act):
                inside.append(name)
                try:
                    await asyncio.Event().wait()
                finally:
                    inside.remove(name)

        async def begin(name: str, may_act: bool) -> asyncio.Task:
            task = asyncio.create_task(stream(name, may_act))
            for _turn in range(5):
                await asyncio.sleep(0)
            return task

        for number in range(2):
            await begin(f"looks {number}", False)
        await begin("acts 0", True)
        refused = await begin("looks 2", False)
        assert isinstance(refused.exception(), TooManyStreams) and inside == ["looks 0", "looks 1", "acts 0"]
        await begin("acts 1", True)
        await begin("acts 2", True)
        assert inside == ["acts 0", "acts 1", "acts 2"] and page.watchers == 3
        assert isinstance((await begin("acts 3", True)).exception(), TooManyStreams)
        pages.close()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert inside == [] and page.watchers == 0

    asyncio.run(scenario())
