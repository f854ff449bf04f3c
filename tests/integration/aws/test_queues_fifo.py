# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Messages of a FIFO queue: each group in its order, whatever goes wrong."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import defaultdict

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.received import RECEIVED, UNREAD
from ansible_collections.eventops.infra.tests.doubles.aws import faulty

from .queue_taken import envelope

GROUPS, EACH = 5, 12
POISON = "a message that cannot be read"


@pytest.fixture
def fifo(taken):
    """Return a function that makes a FIFO queue with its intake."""
    return lambda **settings: taken("eventops.fifo", **{"visibility_seconds": 2, **settings})


def send(queue, poison=()):
    bodies = [envelope(f"{number % GROUPS}/{number // GROUPS:02}") for number in range(GROUPS * EACH)]
    queue.send([POISON if body["subject"] in poison else body for body in bodies], lambda number: f"group {number % GROUPS}")


def orders(queue):
    """Return the numbers of each group in the order in which they were kept; None is what was put aside."""
    found = defaultdict(list)
    for event in queue.events():
        group, _slash, number = event.subject.partition("/")
        found[group].append(number)
    return found


async def until_all_is_kept(queue):
    async with queue.running():
        await queue.until(queue.is_empty, 120)


def test_each_group_is_in_its_order(fifo):
    queue = fifo().create()
    send(queue)
    asyncio.run(until_all_is_kept(queue))
    assert orders(queue) == {str(group): [f"{number:02}" for number in range(EACH)] for group in range(GROUPS)}


def test_what_cannot_be_read_stops_its_group_and_no_other_until_it_is_put_aside(fifo):
    queue = fifo(max_receives=2, visibility_seconds=8).create()
    send(queue, poison={"1/03"})

    async def story():
        async with queue.running():
            await queue.until(lambda: len(queue.events()) >= (GROUPS - 1) * EACH + 3)
            await asyncio.sleep(0.5)
            assert orders(queue)["1"] == ["00", "01", "02"], "nothing is kept before what came before it"
            await queue.until(queue.is_empty)

    asyncio.run(story())
    subjects = [event.subject or event.type for event in queue.events() if event.subject.startswith("1/") or event.type == RECEIVED]
    assert subjects == ["1/00", "1/01", "1/02", RECEIVED, *(f"1/{number:02}" for number in range(4, EACH))]
    assert len(queue.events()) == GROUPS * EACH


def test_an_alarm_that_names_no_host_stops_nothing(fifo, caplog):
    """Nothing about it changes by waiting: it is put aside with its first receipt, where it is in the order, and said once."""
    queue = fifo(max_receives=100, visibility_seconds=30).create()
    dimensions = [{"name": "LoadBalancer", "value": "app/web/0123456789abcdef"}]
    alarm = {"AlarmName": "web-5xx", "NewStateValue": "ALARM", "Trigger": {"MetricName": "HTTPCode_ELB_5XX_Count", "Dimensions": dimensions}}
    queue.send([envelope("before"), alarm, envelope("after")])

    with caplog.at_level(logging.WARNING):
        asyncio.run(until_all_is_kept(queue))
    before, aside, after = queue.events()
    assert (before.subject, aside.type, after.subject) == ("before", RECEIVED, "after")
    assert aside.data["receives"] == 1 and "the alarm 'web-5xx'" in aside.extra[UNREAD] and "leads to a host" in aside.extra[UNREAD]
    assert json.loads(aside.data["body"]) == alarm
    assert (queue.put_aside("unreadable"), queue.put_aside("no_host")) == (0, 1)
    assert sum("web-5xx" in record.getMessage() for record in caplog.records) == 1


def test_a_store_that_is_away_for_longer_than_messages_are_invisible_changes_no_order(fifo):
    queue = fifo().create()
    send(queue)

    async def story():
        queue.store.is_away = True
        async with queue.running():
            await queue.until(lambda: queue.store.refusals)
            await asyncio.sleep(4)
            queue.store.is_away = False
            await queue.until(queue.is_empty, 120)

    asyncio.run(story())
    assert orders(queue) == {str(group): [f"{number:02}" for number in range(EACH)] for group in range(GROUPS)}


def test_answers_that_are_lost_change_no_order(fifo, aws):
    """What an answer to a receiving had in it is invisible to us, too, until its time has run out; visibility is not renewed; deletions are not known of."""
    with faulty(aws.url) as proxy:
        for call, kind in (("ReceiveMessage", "reset"), ("DeleteMessageBatch", "internal"), ("ChangeMessageVisibilityBatch", "throttled")):
            proxy.fail(kind, calls=[call], share=0.3, after=True)
        queue = fifo(url=proxy.url).create()
        send(queue)
        asyncio.run(until_all_is_kept(queue))
    assert orders(queue) == {str(group): [f"{number:02}" for number in range(EACH)] for group in range(GROUPS)}
