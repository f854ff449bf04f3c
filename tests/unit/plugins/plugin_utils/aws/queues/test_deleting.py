# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Deleting what is kept: in few requests, again where that can help, and never for ever."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.queues.deleting import Deleter
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.queues.in_hand import InHand
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.queues.message import Message

VISIBILITY = 100


class Queue:
    """A queue whose answers a test decides: `failing` are requests that fail, `again` and `gone` the ids that cannot be deleted, once or for good."""

    source = "aws:sqs:eu-central-1:eventops"

    def __init__(self):
        self.requests, self.deleted = [], set()
        self.failing, self.again = 0, set()
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def delete(self, messages):
        self.requests.append([message.id for message in messages])
        await self.may_answer.wait()
        if self.failing:
            self.failing -= 1
            raise OSError("down")
        again = [message for message in messages if message.id in self.again]
        self.again -= {message.id for message in again}
        self.deleted.update(message.id for message in messages if message not in again)
        return again


class Patience:
    def __init__(self):
        self.failures, self.is_well = 0, True

    async def failed(self, error):
        self.failures += 1
        self.is_well = False
        await asyncio.sleep(0)

    def well(self):
        self.is_well = True


class Clock:
    def __init__(self):
        self.time = 0.0

    def __call__(self):
        return self.time


class Lab:
    def __init__(self, at_once=2):
        self.queue, self.patience, self.clock = Queue(), Patience(), Clock()
        self.in_hand = InHand(VISIBILITY, self.clock)
        self.deleter = Deleter(self.queue, self.in_hand, self.patience, at_once)

    def messages(self, number, first=0):
        found = [Message(str(each), "{}", f"receipt {each}") for each in range(first, first + number)]
        self.in_hand.take(found)
        return found

    @asynccontextmanager
    async def running(self):
        task = asyncio.create_task(self.deleter.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def until(self, condition):
        async with asyncio.timeout(10):
            while not condition():
                await asyncio.sleep(0)


def story(tell):
    async def run():
        await tell(Lab())

    asyncio.run(run())


def test_what_has_gathered_goes_ten_at_a_time():
    async def tell(lab):
        lab.queue.may_answer.clear()
        async with lab.running():
            for first in range(0, 30, 3):
                await lab.deleter.add(lab.messages(3, first))
                await asyncio.sleep(0.001)
            lab.queue.may_answer.set()
            await lab.until(lambda: len(lab.queue.deleted) == 30)
        # The first two are on their way at once; what comes meanwhile gathers.
        assert [len(request) for request in lab.queue.requests] == [3, 3, 10, 10, 4]
        assert not list(lab.in_hand)

    story(tell)


def test_what_cannot_be_deleted_now_is_tried_again():
    async def tell(lab):
        lab.queue.again = {"1", "3"}
        async with lab.running():
            await lab.deleter.add(lab.messages(5))
            await lab.until(lambda: len(lab.queue.deleted) == 5)
        assert lab.queue.requests[1:] == [["1", "3"]]
        assert not lab.patience.failures

    story(tell)


def test_several_that_fail_together_are_one_failure():
    async def tell(lab):
        lab.queue.failing = 2
        async with lab.running():
            await lab.deleter.add(lab.messages(20))
            await lab.until(lambda: len(lab.queue.deleted) == 20)
        assert lab.patience.failures == 1 and lab.patience.is_well

    story(tell)


def test_what_is_visible_again_is_not_deleted_by_an_old_receipt():
    async def tell(lab):
        messages = lab.messages(5)
        lab.clock.time += VISIBILITY
        new = lab.messages(2, 10)
        async with lab.running():
            await lab.deleter.add([*messages, *new])
            await lab.until(lambda: lab.queue.deleted)
        assert lab.queue.requests == [["10", "11"]] and not list(lab.in_hand)

    story(tell)


def test_when_all_that_could_not_be_deleted_is_visible_again_the_trouble_is_over():
    async def tell(lab):
        lab.queue.failing = 1
        messages = lab.messages(5)
        async with lab.running():
            lab.clock.time += VISIBILITY / 2
            await lab.deleter.add(messages)
            await lab.until(lambda: not lab.patience.is_well)
            lab.clock.time += VISIBILITY
            await lab.until(lambda: lab.patience.is_well)
        assert len(lab.queue.requests) == 1 and not list(lab.in_hand)

    story(tell)


def test_while_too_many_wait_whoever_adds_waits():
    async def tell(lab):
        lab.queue.may_answer.clear()
        async with lab.running():
            await lab.deleter.add(lab.messages(400))
            adding = asyncio.create_task(lab.deleter.add(lab.messages(400, 400)))
            await asyncio.sleep(0.01)
            assert not adding.done()
            lab.queue.may_answer.set()
            await asyncio.wait_for(adding, 10)

    story(tell)


def test_the_rest_is_deleted_at_the_end_unless_that_fails():
    async def tell(lab):
        await lab.deleter.add(lab.messages(25))
        await lab.deleter.finish()
        assert len(lab.queue.deleted) == 25
        lab.queue.failing = 1
        await lab.deleter.add(lab.messages(25, 100))
        await asyncio.wait_for(lab.deleter.finish(), 10)
        assert len(lab.queue.deleted) == 25 and len(list(lab.in_hand)) == 25

    story(tell)
