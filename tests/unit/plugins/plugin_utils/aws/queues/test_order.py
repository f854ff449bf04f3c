# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Of a group of a FIFO queue nothing is kept before what came before it."""

from __future__ import annotations

import asyncio
from itertools import pairwise

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.queues.message import Message
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.queues.order import LeftBehind, Turns, behind
from hypothesis import given
from hypothesis import strategies as st


def message(sequence, group="a"):
    return Message(f"{group}{sequence}", "{}", f"receipt {group}{sequence}", group=group, sequence=sequence)


GROUPS = st.sampled_from(["a", "b", None])
BATCH = st.lists(GROUPS, max_size=10).map(lambda groups: [message(number, group) for number, group in enumerate(groups)])


@given(BATCH, st.sets(st.integers(0, 9)))
def test_what_comes_after_one_that_is_left_is_left_and_nothing_else(batch, numbers):
    left = [each for each in batch if each.sequence in numbers]
    later = behind(batch, left)
    for each in batch:
        is_behind = each.group is not None and any(other.group == each.group and other.sequence < each.sequence for other in left)
        assert (each in later) == is_behind


class Clock:
    def __init__(self):
        self.time = 0.0

    def __call__(self):
        return self.time


def test_the_group_waits_until_what_was_left_is_settled():
    clock = Clock()
    left_behind = LeftBehind(100, clock)
    left_behind.note(message(5), until=10)
    assert left_behind.behind([message(4), message(6), message(6, "b")]) == [message(6)]
    assert left_behind.behind([message(4), message(5), message(6)]) == [], "it has come again, and what is among them is in order"
    assert left_behind.seconds_left(message(6)) == 10
    left_behind.settled([message(4), message(9, "b")])
    assert left_behind.behind([message(6)]) == [message(6)]
    clock.time = 50
    assert left_behind.seconds_left(message(6)) == 0
    assert left_behind.behind([message(6)]) == [message(6)], "what was left is visible again, and has not come"
    left_behind.settled([message(5)])
    assert left_behind.behind([message(6)]) == []


def test_it_does_not_wait_for_ever():
    """Somebody may have taken it out of the queue; and what is remembered is bounded by time."""
    clock = Clock()
    left_behind = LeftBehind(100, clock)
    left_behind.note(message(5), until=10)
    clock.time = 111
    assert left_behind.behind([message(6)]) == []


def test_without_groups_nothing_waits():
    left_behind = LeftBehind(100, Clock())
    left_behind.note(message(5, None), until=10)
    assert left_behind.behind([message(6, None)]) == []


@given(st.lists(st.lists(GROUPS, max_size=5), min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_turns_are_in_order_within_a_group_and_nobody_waits_in_a_circle(batches, random):
    began, ended = [], []

    async def take(turns, number, groups):
        async with turns.of([message(number, group) for group in groups]):
            began.append(number)
            for _step in range(random.randrange(4)):
                await asyncio.sleep(0)
            ended.append(number)

    async def story():
        turns = Turns()
        async with asyncio.timeout(10):
            await asyncio.gather(*(take(turns, number, groups) for number, groups in enumerate(batches)))
        assert not turns._last, "what is over is forgotten"

    asyncio.run(story())
    assert sorted(began) == list(range(len(batches)))
    for group in ("a", "b"):
        numbers = [number for number, groups in enumerate(batches) if group in groups]
        for first, second in pairwise(numbers):
            assert began.index(first) < began.index(second)
    apart = [number for number in range(len(batches)) if None in batches[number] or not batches[number]]
    assert all(number in ended for number in apart)


def test_groups_that_have_nothing_in_common_do_not_wait_for_each_other():
    async def story():
        turns, may_end = Turns(), asyncio.Event()

        async def hold():
            async with turns.of([message(1, "a")]):
                await may_end.wait()

        held = asyncio.create_task(hold())
        await asyncio.sleep(0)
        async with asyncio.timeout(10):
            async with turns.of([message(1, "b"), message(1, None)]):
                assert not held.done()
        may_end.set()
        await held

    asyncio.run(story())
