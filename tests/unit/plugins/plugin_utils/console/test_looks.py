# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""However many ask, the store is asked once a second; nobody is shown what is older, or what a change has made untrue."""

from __future__ import annotations

import asyncio
import json

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.console.looks import KEPT_SECONDS, Looks


class Store:
    """Counts the looks, each of which takes until it is let go, if it is held."""

    def __init__(self) -> None:
        self.times = 0
        self.free = asyncio.Event()
        self.free.set()
        self.trouble: Exception | None = None

    async def take(self) -> int:
        self.times += 1
        number = self.times
        await self.free.wait()
        if self.trouble is not None:
            raise self.trouble
        return number


def with_a_store(scenario) -> None:
    """Run a scenario with looks whose clock the test moves (a list of one), and a store."""

    async def whole() -> None:
        clock = [100.0]
        await scenario(Looks(lambda: clock[0]), Store(), clock)

    asyncio.run(whole())


def test_a_look_is_kept_for_a_second():
    async def scenario(looks, store, clock):
        assert [await looks.look("a", store.take) for _turn in range(3)] == [1, 1, 1]
        assert await looks.look("b", store.take) == 2
        clock[0] += KEPT_SECONDS
        assert (await looks.look("a", store.take), await looks.look("a", store.take)) == (3, 3)

    with_a_store(scenario)


def test_all_who_ask_at_once_wait_for_one_look_though_the_first_goes_away():
    async def scenario(looks, store, clock):
        store.free.clear()
        waiting = [asyncio.ensure_future(looks.look("a", store.take)) for _turn in range(20)]
        await asyncio.sleep(0)
        clock[0] += 60
        waiting.append(asyncio.ensure_future(looks.look("a", store.take)))
        await asyncio.sleep(0)
        waiting.pop(0).cancel()
        store.free.set()
        assert set(await asyncio.gather(*waiting)) == {1} and store.times == 1

    with_a_store(scenario)


def test_what_failed_is_not_kept():
    async def scenario(looks, store, clock):
        store.trouble = OSError("gone")
        with pytest.raises(OSError, match="gone"):
            await looks.look("a", store.take)
        store.trouble = None
        assert await looks.look("a", store.take) == 2

    with_a_store(scenario)


def test_after_a_change_nobody_is_told_what_was_before():
    async def scenario(looks, store, clock):
        store.free.clear()
        before = asyncio.ensure_future(looks.look("a", store.take))
        await asyncio.sleep(0)
        looks.forget()
        after = asyncio.ensure_future(looks.look("a", store.take))
        await asyncio.sleep(0)
        store.free.set()
        assert (await before, await after, await looks.look("a", store.take)) == (1, 2, 2)

    with_a_store(scenario)


def test_who_asks_without_a_token_does_not_keep_the_store_busy(visit):
    async def scenario(site):
        asked, run = [], site.store.run

        async def counted(function):
            asked.append(function)
            return await run(function)

        site.store.run = counted
        await asyncio.gather(*(site.get(path) for path in ("/healthz", "/readyz", "/metrics") * 40))
        assert 2 <= len(asked) <= 8  # one of each kind, and a few where this takes more than a second
        site.store.run = run

    visit(scenario)


def test_a_pause_is_told_at_once(visit):
    async def scenario(site):
        assert json.loads((await site.get("/healthz"))[1])["pauses"] == [] and "eventops_paused 0.0" in (await site.get("/metrics"))[1]
        await site.order("/pause")
        assert len(json.loads((await site.get("/healthz"))[1])["pauses"]) == 1 and "eventops_paused 1.0" in (await site.get("/metrics"))[1]

    visit(scenario)
