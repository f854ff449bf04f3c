# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""However many groups there are, AWS is asked no more often than it takes."""

from __future__ import annotations

import asyncio

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs.rate_limit import RateLimit


def times_of(count: int, took: float) -> list[float]:
    """Return when each of some requests is made, on a clock that only waiting moves on."""
    clock = [100.0]
    made = []

    async def sleep(seconds: float) -> None:
        clock[0] += seconds

    async def scene():
        limit = RateLimit(4, now=lambda: clock[0], sleep=sleep)
        for _request in range(count):
            async with limit:
                made.append(clock[0])
                clock[0] += took

    asyncio.run(scene())
    return made


def test_no_more_than_so_many_are_made_in_a_second():
    made = times_of(100, took=0.01)
    assert all(later - earlier >= 0.99 for earlier, later in zip(made[5:], made[9:]))
    assert made[-1] - made[0] >= 24


def test_slow_answers_wait_for_nothing_more():
    assert times_of(5, took=1.0) == [100.0, 101.0, 102.0, 103.0, 104.0]


def test_few_are_asked_at_the_same_time_and_one_that_is_cancelled_gives_its_turn_back():
    async def scene():
        limit = RateLimit(1000)
        running, most = 0, 0

        async def ask():
            nonlocal running, most
            async with limit:
                running += 1
                most = max(most, running)
                try:
                    await asyncio.sleep(0.01)
                finally:
                    running -= 1

        tasks = [asyncio.create_task(ask()) for _each in range(20)]
        await asyncio.sleep(0.015)
        for task in tasks[::2]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        async with asyncio.timeout(1), limit, limit, limit:
            return most

    assert asyncio.run(scene()) == 3
