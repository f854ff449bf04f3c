# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How far the change log has been read: each row that appears within the overlap is new exactly once, after restarts, too."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.recollection import BEGINNING, Recollection
from hypothesis import given, settings
from hypothesis import strategies as st

from .in_memory import MemoryKeeper
from .making import at, row

OVERLAP = 10
# When a row was written, and by how much later it appears.
LATE = st.lists(st.tuples(st.integers(0, 60), st.integers(0, OVERLAP - 1)), max_size=30)


def made(number: int, seconds: float):
    """Return a change with a time of its own."""
    found = row(number, "create", None, {"name": "x"})
    return found.__class__(**{**{name: getattr(found, name) for name in found.__slots__}, "time": at(seconds)})


async def note(place: Recollection, keeper: MemoryKeeper, rows, read_on_to=None) -> None:
    await keeper.keep((), place.noting(rows, read_on_to))
    place.note(rows, read_on_to)


async def restarted(keeper: MemoryKeeper) -> Recollection:
    place = Recollection(timedelta(seconds=OVERLAP))
    await place.recall(keeper)
    return place


def state(place: Recollection):
    return place.time, place.newest_id, place._seen


@settings(deadline=None)
@given(LATE, st.lists(st.integers(0, 75), max_size=12), st.data())
def test_whatever_the_order_of_commits_each_row_is_new_exactly_once(late, readings, data):
    rows = [(written + delay, made(number, written)) for number, (written, delay) in enumerate(late, 1)]

    async def scene():
        keeper, told = MemoryKeeper(), []
        place = await restarted(keeper)
        await note(place, keeper, (), at(0))
        for now in [*sorted(readings), 100, 101]:
            shown = [change for appears, change in rows if appears <= now and change.time >= place.since]
            new = sorted((change for change in shown if place.is_new(change)), key=lambda change: (change.time, change.id))
            told += [change.id for change in new]
            if new:
                await note(place, keeper, new, new[-1].time)
            assert state(await restarted(keeper)) == state(place)
            if data.draw(st.booleans(), label="restart"):
                place = await restarted(keeper)
        return told

    assert sorted(asyncio.run(scene())) == [change.id for _appears, change in rows]


@given(st.lists(st.integers(0, 100), min_size=1, max_size=40))
def test_what_is_forgotten_is_never_new_again(times):
    async def scene():
        keeper = MemoryKeeper()
        place = await restarted(keeper)
        done = []
        for number, seconds in enumerate(times, 1):
            change = made(number, seconds)
            if place.is_new(change):
                await note(place, keeper, [change], change.time)
            done.append(change)
            assert not any(place.is_new(each) for each in done)
        # Nothing is remembered that is too old to be asked for.
        assert all(when >= place.since for when in place._seen.values())
        assert len(keeper.memory) == len(place._seen) + 1

    asyncio.run(scene())


def test_before_the_first_start_all_is_new_and_no_time_is_known():
    place = Recollection(timedelta(seconds=OVERLAP))
    assert (place.time, place.since, place.is_new(made(1, 0))) == (None, None, True)
    place.note((), BEGINNING)
    assert (place.time, place.since, place.is_new(made(1, 0))) == (BEGINNING, None, True)


def test_the_place_never_goes_back():
    place = Recollection(timedelta(seconds=OVERLAP))
    place.note([made(5, 50)], at(50))
    assert "position" not in place.noting([made(3, 45)], at(45))
    place.note([made(3, 45)], at(45))
    assert (place.time, place.newest_id) == (at(50), 5)


def test_rows_that_are_only_some_move_nothing_on():
    place = Recollection(timedelta(seconds=OVERLAP))
    place.note((), at(0))
    place.note([made(5, 50)])
    assert (place.time, place.newest_id) == (at(0), 5)
    assert not place.is_new(made(5, 50))
    assert place.is_new(made(4, 40))
