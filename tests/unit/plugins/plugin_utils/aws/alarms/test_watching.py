# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A watch that ends at any moment, while alarms change, come and go, and their history is late: each change is told once, the state of now last."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.settings import ALARM, INSUFFICIENT_DATA, OK, STATES, Settings
from hypothesis import example, given
from hypothesis import strategies as st

from .world import OVERLAP, World

NAMES = st.sampled_from(("a", "b", "c", "d"))
STEPS = st.lists(
    st.tuples(
        st.sampled_from((6, 11, 29, 400)),
        st.lists(st.tuples(NAMES, st.sampled_from((*STATES, "deleted")), st.integers(0, OVERLAP - 10)), max_size=4, unique_by=lambda each: each[0]),
        st.one_of(st.none(), st.integers(1, 12)),
    ),
    max_size=14,
)
MEANWHILE = st.lists(st.tuples(NAMES, st.sampled_from(STATES)), max_size=3)


# Fires twice in a row, since it was deleted and made anew between; and its end is on the next page.
FIRES_TWICE = (
    [
        (6, [], None),
        (6, [("b", ALARM, 16), ("c", ALARM, 46), ("a", ALARM, 25)], None),
        (6, [("c", ALARM, 44), ("a", ALARM, 27)], None),
        (400, [("a", ALARM, 50), ("b", INSUFFICIENT_DATA, 36), ("c", ALARM, 20), ("d", "deleted", 31)], 12),
        (29, [("a", "deleted", 17), ("b", ALARM, 9), ("c", "deleted", 50)], None),
        (6, [("d", INSUFFICIENT_DATA, 11)], None),
        (29, [("b", "deleted", 8)], None),
        (29, [("b", ALARM, 13), ("d", "deleted", 39)], 3),
    ],
    [
        [("a", ALARM)],
        [],
        [("d", INSUFFICIENT_DATA), ("b", INSUFFICIENT_DATA), ("b", INSUFFICIENT_DATA)],
        [],
        [],
        [("a", INSUFFICIENT_DATA), ("a", OK), ("c", INSUFFICIENT_DATA)],
        [("a", OK), ("c", OK), ("a", OK)],
        [("b", OK), ("a", OK)],
    ],
)
# A change appears late that fires as what is told does; and the end is on the next page.
FIRES_LATE = (
    [
        (12, [("a", ALARM, 25), ("b", ALARM, 16), ("c", ALARM, 46)], None),
        (12, [("b", INSUFFICIENT_DATA, 36)], 5),
        (12, [("b", "deleted", 0), ("d", ALARM, 15)], None),
        (12, [("a", INSUFFICIENT_DATA, 0)], None),
    ],
    [[], [("a", OK), ("a", ALARM)]],
)
# Is gone when the first page is told, and there again on the next.
MADE_ANEW = (
    [(6, [], None), (6, [("b", INSUFFICIENT_DATA, 19), ("c", ALARM, 0)], None), (6, [("b", "deleted", 0)], None)],
    [[("a", ALARM), ("a", ALARM)], [("a", ALARM), ("a", OK)], [("a", ALARM), ("b", ALARM)]],
)
# DescribeAlarms has told that it fires; then what was before appears.
FIRES_STILL = ([(6, [("a", ALARM, 13)], 1), (6, [("a", ALARM, 7)], 1), (6, [], None)], [[("a", OK)], [], [("a", ALARM)]])
# Appears on the first page, when that has been read.
APPEARS_BEHIND = (
    [(6, [("b", ALARM, 0), ("c", ALARM, 0), ("d", ALARM, 48)], None), (6, [], None), (29, [("d", OK, 0)], None)],
    [[("a", ALARM), ("a", OK)], [("a", ALARM), ("a", ALARM), ("a", ALARM)]],
)


@example(*FIRES_TWICE)
@example(*FIRES_LATE)
@example(*FIRES_STILL)
@example(*MADE_ANEW)
@example(*APPEARS_BEHIND)
@given(STEPS, st.lists(MEANWHILE, max_size=14))
def test_each_change_is_told_once_and_the_state_of_now_last(steps, meanwhile):
    world = World()
    world.look()
    for number, (seconds, changes, ends_in) in enumerate(steps):
        world.now += seconds
        world.meanwhile += meanwhile[number] if number < len(meanwhile) else []
        for name, state, late in changes:
            if state == "deleted":
                world.alarms.pop(name, None)
            else:
                world.change(name, state, late)
        if ends_in is not None:  # else nobody looks yet
            world.look(ends_in)
    while world.meanwhile:
        world.look()
    for _look in range(3):
        world.now += 2 * OVERLAP
        world.look()
    ids = [event.id for event in world.events]
    assert len(ids) == len(set(ids)), "the store would drop one of them"
    for name in ("a", "b", "c", "d"):
        told = world.told(name)
        plain = [id_ for _state, id_ in told if "/after" not in id_ and "/deleted" not in id_]
        assert len(plain) == world.changes[name]
        is_firing = world.alarms.get(name, (OK, 0))[0] == ALARM
        assert is_firing == (bool(told) and told[-1][0] == ALARM)
    assert {key.rpartition("/")[2] for key in world.memory if "/alarm/" in key} == {name for name, (state, _at) in world.alarms.items() if state == ALARM}


@given(STEPS)
def test_without_the_history_the_state_that_is_seen_is_told(steps):
    world = World()
    world.has_history = False
    world.look()
    for seconds, changes, ends_in in steps:
        world.now += seconds
        for name, state, _late in changes:
            if state == "deleted":
                world.alarms.pop(name, None)
            else:
                world.change(name, state, 0)
        world.look(ends_in or 10_000)
        for name in ("a", "b", "c", "d"):
            told = world.told(name)
            is_firing = world.alarms.get(name, (OK, 0))[0] == ALARM
            assert is_firing == (bool(told) and told[-1][0] == ALARM)
    ids = [event.id for event in world.events]
    assert len(ids) == len(set(ids))


@given(STEPS, st.integers(0, 14))
def test_the_history_may_be_denied_and_granted_again(steps, turn):
    world = World()
    world.look()
    for number, (seconds, changes, ends_in) in enumerate(steps):
        world.now += seconds
        world.has_history = number < turn or number > turn + 3
        if world.has_history and world.watch is not None:
            world.watch._history_from = 0.0
        for name, state, late in changes:
            if state == "deleted":
                world.alarms.pop(name, None)
            else:
                world.change(name, state, late)
        world.look(ends_in or 10_000)
    world.has_history, world.watch = True, None
    world.now += 2 * OVERLAP
    world.look()
    for name in ("a", "b", "c", "d"):
        told = world.told(name)
        is_firing = world.alarms.get(name, (OK, 0))[0] == ALARM
        assert is_firing == (bool(told) and told[-1][0] == ALARM)
    ids = [event.id for event in world.events]
    assert len(ids) == len(set(ids))


def test_a_quiet_look_takes_two_requests_however_many_alarms_there_are():
    world = World([f"alarm-{number:04}" for number in range(5000)])
    world.look()
    world.calls.clear()
    world.look()
    assert world.calls == ["DescribeAlarms", "DescribeAlarmHistory", "keep"]


def test_an_alarm_that_has_gone_to_and_fro_for_long_costs_no_more_with_each_page():
    world = World(["a"])
    for number in range(500):
        world.now += 60
        world.change("a", OK if number % 2 else ALARM, 0)
    world.look(entries=(Settings("alarms[0]", overlap_seconds=OVERLAP, start="all"),))
    assert len(world.events) == 500
    assert world.longest < 2000


def test_an_entry_that_is_new_begins_where_it_is_to_and_others_go_on():
    old = Settings("alarms[0]", names=("a",), overlap_seconds=OVERLAP)
    new = Settings("alarms[1]", names=("b",), overlap_seconds=OVERLAP, start="all")
    world = World()
    for name in ("a", "b"):
        world.now += 10
        world.change(name, ALARM, 0)
        world.now += 10
        world.change(name, OK, 0)
    world.now += 1000
    world.look(entries=(old,))
    assert world.events == []
    world.watch = None
    world.now += 10
    world.look(entries=(old, new))
    assert [state for state, _id in world.told("b")] == [ALARM, OK]
    assert world.told("a") == []


def test_an_entry_that_was_taken_out_begins_anew_when_it_comes_back():
    one, other = Settings("alarms[0]", names=("a",)), Settings("alarms[0]", names=("b",))
    world = World()
    world.look(entries=(one,))
    world.watch = None
    world.look(entries=(other,))
    world.now += 1000
    world.change("a", ALARM, 0)
    world.now += 10
    world.change("a", OK, 0)
    world.now += 1000
    world.watch = None
    world.look(entries=(one,))
    assert world.events == []


@pytest.mark.parametrize("meaning", ["firing", "resolved"])
def test_what_no_data_means(meaning):
    entries = (Settings("alarms[0]", overlap_seconds=OVERLAP, insufficient_data=meaning),)
    world = World()
    world.look(entries=entries)
    for state in (ALARM, INSUFFICIENT_DATA):
        world.now += 10
        world.change("a", state, 0)
    world.look(entries=entries)
    assert [event.type for event in world.events] == ["alert.firing", f"alert.{meaning}"]
    world.now += 2 * OVERLAP
    world.alarms.pop("a")
    world.look(entries=entries)
    assert [event.type for event in world.events][2:] == (["alert.resolved"] if meaning == "firing" else [])
