# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A search that ends at any moment, page by page, over days: every line is told of once, also late ones, and those of a clock that is ahead."""

from __future__ import annotations

import asyncio
from email.utils import formatdate

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs import searching
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs.rate_limit import RateLimit
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs.searching import Search
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs.settings import Settings
from hypothesis import given
from hypothesis import strategies as st

BEGAN = 1_769_860_800  # seconds
PAGE = 3
OVERLAP, WINDOW = 60, 10


class Ended(Exception):
    """The process has ended."""


class World:
    """A log, and who asks for it and tells of it; `ends_in` is how many more requests and transactions there are before the process ends."""

    def __init__(self, lines: list[tuple[int, int]]) -> None:
        self.lines = [{"eventId": f"{number:056}", "timestamp": at, "message": str(number), "appears": appears} for number, (at, appears) in enumerate(lines)]
        self.now = BEGAN
        self.ahead = 0.0
        self.ends_in = 10_000
        self.memory: dict[str, str] = {}
        self.told: list[tuple] = []
        self.asked = 0
        self.running: Search | None = None

    async def ask(self, service, operation, *, refusals=(), startTime, logGroupName, endTime=10**18, nextToken="0", limit=PAGE):
        self._go_on()
        self.asked += 1
        found = sorted(
            (line for line in self.lines if startTime <= line["timestamp"] <= endTime and line["appears"] <= self.now * 1000),
            key=lambda line: (line["timestamp"], line["appears"]),
        )
        first = int(nextToken)
        token = {"nextToken": str(first + limit)} if first + limit < len(found) else {}
        headers = {"date": formatdate(self.now, usegmt=True)}
        return {"events": found[first : first + limit], "ResponseMetadata": {"HTTPHeaders": headers}, **token}

    async def events(self, group, windows):
        return [(window.start, window.lines_known_by if window.is_late else "", window.count) for window in windows]

    async def keep(self, events, remember):
        self._go_on()
        self.told += events
        self.memory.update({key: value for key, value in remember.items() if value is not None})
        for key in [key for key, value in remember.items() if value is None]:
            self.memory.pop(key, None)

    def _go_on(self):
        self.ends_in -= 1
        if self.ends_in < 0:
            raise Ended

    def search(self) -> Search:
        settings = Settings("logs[0]", groups=("g",), overlap_seconds=OVERLAP, window_seconds=WINDOW)
        search = Search("g", settings, "", self, self, lambda: self.now + self.ahead, RateLimit(100_000))
        if "position/g" in self.memory:
            search.resume(self.memory["position/g"], self.memory.get("seen/g"))
        return search

    def look(self, ends_in: int) -> None:
        """Look once; where the process ends meanwhile, another one looks."""

        async def scene():
            self.ends_in = ends_in
            search = self.running = self.running or self.search()
            if not search.has_begun:
                await search.begin_now(self.now * 1000)
            await search.look()

        try:
            asyncio.run(scene())
        except Ended:
            self.running = None
            self.look(10_000)


@pytest.fixture(autouse=True, scope="module")
def _small():
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(searching, "_SLICE", 200_000)
        patched.setattr(searching, "_AT_ONCE", 2)
        patched.setattr(searching, "_UNWRITTEN", 20_000)
        yield


LINES = st.lists(st.tuples(st.integers(0, 900_000), st.integers(-90_000, (OVERLAP - 2 * WINDOW) * 1000)), max_size=40)
STEPS = st.lists(st.tuples(st.sampled_from((1, 7, 30, 300)), st.integers(1, 30)), max_size=12)


@given(LINES, STEPS, st.sampled_from((0.0, -800.0, 250.0, 800.0)))
def test_every_line_is_told_of_once(lines, steps, ahead):
    # A line appears when it is written, or late; one of a clock that is ahead appears before its time.
    world = World([(BEGAN * 1000 + 1000 + at, max(BEGAN * 1000 + 1000, BEGAN * 1000 + 1000 + at + late)) for at, late in lines])
    world.ahead = ahead
    world.look(10_000)
    for step, ends_in in steps:
        world.now += step
        world.look(ends_in)
    world.now = BEGAN + 3000
    world.look(10_000)
    world.look(10_000)
    late = [line for line in world.lines if line["appears"] > line["timestamp"]]
    missed = [line for line in late if line["appears"] - line["timestamp"] > OVERLAP * 1000]
    assert not missed
    assert sum(count for _start, _known_by, count in world.told) == len(world.lines)
    ids = [(start, known_by) for start, known_by, _count in world.told]
    assert len(ids) == len(set(ids)), "the store would drop one of them"


def test_lines_from_a_clock_that_is_ahead_hide_no_other():
    ahead = [(BEGAN * 1000 + 80_000 + number, BEGAN * 1000 + 1000) for number in range(3 * PAGE)]
    world = World([*ahead, (BEGAN * 1000 + 8000, BEGAN * 1000 + 8000)])
    for _look in range(6):
        world.look(10_000)
        world.now += 4
    assert [count for _start, _known_by, count in world.told] == [1]
    world.now += 200
    world.look(10_000)
    assert [count for _start, _known_by, count in world.told] == [1, 3 * PAGE]


def test_a_clock_that_is_ahead_costs_no_more_requests():
    world = World([])
    world.ahead = 800.0
    world.look(10_000)
    world.now += 10
    asked = world.asked
    world.look(10_000)
    assert world.asked - asked == 1


def test_a_long_time_in_which_nothing_matched_is_not_searched_twice():
    world = World([])
    world.look(10_000)
    world.now += 3000
    world.look(8)  # the process ends half way
    asked = world.asked
    world.look(10_000)
    assert world.asked - asked <= 2
