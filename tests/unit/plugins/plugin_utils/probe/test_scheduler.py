# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import asyncio
import collections
import selectors

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.scheduler import Scheduler, first_due, next_due
from hypothesis import given
from hypothesis import strategies as st

SECONDS = st.floats(min_value=0.1, max_value=3600)


class _NoWaiting(selectors.DefaultSelector):
    """Let the loop's clock jump to its next timer instead of waiting for it."""

    skipped = 0.0

    def select(self, timeout=None):
        ready = super().select(0)
        if not ready and timeout:
            self.skipped += timeout
        return ready


class _JumpingLoop(asyncio.SelectorEventLoop):
    def __init__(self):
        self._clock = _NoWaiting()
        super().__init__(self._clock)

    def time(self):
        return self._clock.skipped


def run(coroutine):
    with asyncio.Runner(loop_factory=_JumpingLoop) as runner:
        return runner.run(coroutine)


class Performed:
    """Record when each key was checked; `takes` is how long its check lasts, in seconds."""

    def __init__(self, takes=None):
        self.takes = takes or {}
        self.at = collections.defaultdict(list)
        self.now_running = collections.Counter()
        self.most_of_one = 0

    async def __call__(self, key):
        self.at[key].append(asyncio.get_running_loop().time())
        self.now_running[key] += 1
        self.most_of_one = max(self.most_of_one, self.now_running[key])
        await asyncio.sleep(self.takes.get(key, 0.0))
        self.now_running[key] -= 1


async def keep(scheduler, *plans):
    """Run the scheduler through plans of (seconds, intervals), and cancel it."""
    task = asyncio.create_task(scheduler.run())
    for seconds, intervals in plans:
        scheduler.plan(intervals)
        await asyncio.sleep(seconds)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert asyncio.all_tasks() == {asyncio.current_task()}


@given(st.floats(0, 1e6), SECONDS, st.floats(0, 1e5))
def test_the_next_check_is_in_the_future_on_the_beat_and_at_most_an_interval_away(due, interval, late):
    now = due + late
    following = next_due(due, interval, now)
    assert following > now or following == pytest.approx(now)
    assert following - now <= interval * 1.000001
    beats = (following - due) / interval
    assert beats == pytest.approx(round(beats), abs=1e-3)


def test_the_first_checks_are_spread_over_the_interval():
    assert [first_due(position, 4, 10, 100) for position in range(4)] == [100, 102.5, 105, 107.5]


def test_thousands_of_targets_start_evenly_and_keep_their_interval():
    performed = Performed()
    run(keep(Scheduler(performed), (29.999, {f"t{number}": 10 for number in range(2000)})))
    assert {len(times) for times in performed.at.values()} == {3}
    starts = collections.Counter(int(at) for times in performed.at.values() for at in times)
    assert max(starts.values()) <= 201
    for times in performed.at.values():
        assert all(later - earlier == pytest.approx(10) for earlier, later in zip(times, times[1:], strict=False))


def test_a_check_that_is_late_does_not_pile_up():
    performed = Performed(takes={"slow": 25})
    run(keep(Scheduler(performed), (95, {"slow": 10, "quick": 10})))
    assert performed.at["slow"] == pytest.approx([0, 30, 60, 90])
    assert performed.most_of_one == 1
    assert len(performed.at["quick"]) == 9


def test_each_target_has_its_own_interval():
    performed = Performed()
    run(keep(Scheduler(performed), (59.9, {"often": 1, "seldom": 30})))
    assert (len(performed.at["often"]), len(performed.at["seldom"])) == (60, 2)


def test_a_new_plan_starts_what_is_new_ends_what_is_gone_and_leaves_the_rest():
    performed = Performed()
    run(keep(Scheduler(performed), (25, {"gone": 10, "stays": 10}), (40, {"stays": 10, "new": 10})))
    assert performed.at["gone"] == pytest.approx([0, 10, 20])
    assert performed.at["stays"] == pytest.approx([5, 15, 25, 35, 45, 55])
    assert performed.at["new"] == pytest.approx([25, 35, 45, 55])


def test_a_shorter_interval_holds_at_once_and_a_longer_one_after_the_next_check():
    performed = Performed()
    run(keep(Scheduler(performed), (1, {"a": 1000, "b": 5}), (20, {"a": 4, "b": 50})))
    assert performed.at["a"] == pytest.approx([0, 5, 9, 13, 17])
    assert performed.at["b"] == pytest.approx([2.5])


def test_a_target_that_goes_and_comes_back_during_its_check_is_not_checked_twice_at_once():
    performed = Performed(takes={"a": 5})
    run(keep(Scheduler(performed), (1, {"a": 10}), (1, {}), (20, {"a": 10})))
    assert performed.most_of_one == 1
    assert performed.at["a"] == pytest.approx([0, 10, 20])


def test_what_a_check_raises_ends_the_scheduler():
    async def fail(_key):
        raise RuntimeError("a mistake of ours")

    async def until_it_ends():
        scheduler = Scheduler(fail)
        scheduler.plan({"a": 1})
        with pytest.raises(ExceptionGroup) as caught:
            await scheduler.run()
        assert "a mistake of ours" in repr(caught.value.exceptions)

    run(until_it_ends())
