# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The hub: everybody who listens is told, in order, on the right thread, and nobody can harm another."""

from __future__ import annotations

import asyncio
import logging
import threading

from ansible_collections.eventops.infra.plugins.plugin_utils.router.signals.hub import Hub
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import CASE_CHANGED, Change


def _change(number: int) -> Change:
    return Change(time=float(number), action=CASE_CHANGED)


def _times(changes) -> list[float]:
    return [change.time for change in changes]


def _broken(changes) -> None:
    raise OSError("out of order")


def test_a_sink_is_told_at_once_on_the_thread_that_commits():
    async def tell():
        hub, told = Hub(), []
        hub.add_sink(lambda changes: told.append((threading.get_ident(), _times(changes))))
        committer = threading.Thread(target=hub, args=([_change(1), _change(2)],))
        committer.start()
        committer.join()  # the loop does not turn meanwhile
        return told, committer.ident

    told, thread = asyncio.run(tell())
    assert told == [(thread, [1.0, 2.0])]


def test_a_subscriber_is_told_on_the_loop_with_the_commits_that_gathered():
    async def tell():
        hub, told = Hub(), []
        hub.subscribe(lambda changes: told.append((threading.get_ident(), _times(changes))))
        committer = threading.Thread(target=lambda: [hub([_change(number)]) for number in range(3)])
        committer.start()
        committer.join()
        assert told == []
        await asyncio.sleep(0)
        return told

    assert asyncio.run(tell()) == [(threading.get_ident(), [0.0, 1.0, 2.0])]


def test_nothing_is_lost_or_told_twice_while_the_loop_and_the_store_are_both_busy():
    async def tell():
        hub, told = Hub(), []
        hub.subscribe(lambda changes: told.extend(_times(changes)))
        committer = threading.Thread(target=lambda: [hub([_change(number)]) for number in range(20_000)])
        committer.start()
        while committer.is_alive():
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        return told

    assert asyncio.run(tell()) == [float(number) for number in range(20_000)]


def test_whoever_has_left_is_told_nothing_more():
    async def tell():
        hub, told = Hub(), []
        leave = (hub.add_sink(told.append), hub.subscribe(told.extend))
        for each in leave:
            each()
            each()  # twice is once
        hub([_change(1)])
        await asyncio.sleep(0)
        return told

    assert asyncio.run(tell()) == []


def test_one_that_raises_harms_nobody_and_is_logged_once_a_minute(caplog):
    async def tell():
        now = [0.0]
        hub, sunk, subscribed = Hub(lambda: now[0]), [], []
        for add, listener in ((hub.add_sink, sunk.extend), (hub.subscribe, subscribed.extend)):
            add(_broken)
            add(listener)
        for now[0] in (0.0, 59.0, 60.0):
            hub([_change(1)])
            await asyncio.sleep(0)
        return len(sunk), len(subscribed)

    with caplog.at_level(logging.ERROR):
        assert asyncio.run(tell()) == (3, 3)
    assert [record.getMessage() for record in caplog.records] == ["what was committed could not be told to _broken; it misses 1 change(s)"] * 2


def test_a_commit_after_the_loop_has_ended_is_no_error():
    async def make():
        hub = Hub()
        hub.subscribe(lambda changes: None)
        return hub

    asyncio.run(make())([_change(1)])
