# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What waits in hand stays invisible to others, and trouble with that is over when nothing waits any more."""

from __future__ import annotations

import asyncio

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.queues.in_hand import InHand
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.queues.message import Message
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.queues.renewing import Renewer

VISIBILITY = 2


class Queue:
    """A queue of which a test says whether it can be reached; `gone` are ids that are visible by now."""

    def __init__(self):
        self.is_down, self.renewed, self.gone = False, [], set()

    async def change_visibility(self, messages, seconds):
        await asyncio.sleep(0)
        if self.is_down:
            raise OSError("down")
        self.renewed += zip((message.id for message in messages), seconds)
        return [message for message in messages if message.id in self.gone]


class Patience:
    def __init__(self):
        self.is_well, self.failures = True, 0

    async def failed(self, error):
        self.is_well, self.failures = False, self.failures + 1
        await asyncio.sleep(0)

    def well(self):
        self.is_well = True


class Lab:
    def __init__(self):
        self.time = 0.0
        self.queue, self.patience = Queue(), Patience()
        self.in_hand = InHand(VISIBILITY, lambda: self.time)
        self.messages = [Message(str(each), "{}", f"receipt {each}") for each in range(12)]
        self.in_hand.take(self.messages)
        self.renewer = Renewer(self.queue, self.in_hand, self.patience, VISIBILITY, lambda: self.time)


async def until(condition):
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0)


def tell(story):
    async def run():
        lab = Lab()
        lab.time = VISIBILITY / 2
        task = asyncio.create_task(lab.renewer.run())
        try:
            await story(lab)
            assert not task.done()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(run())


def test_what_is_due_is_renewed_ten_at_a_time_and_what_is_visible_is_let_go():
    async def story(lab):
        lab.queue.gone = {"3"}
        await until(lambda: len(lab.queue.renewed) == 12)
        assert {seconds for _id, seconds in lab.queue.renewed} == {VISIBILITY}
        assert len(list(lab.in_hand)) == 11 and lab.messages[3] not in list(lab.in_hand)
        assert lab.in_hand.seconds_left(lab.messages[0]) == VISIBILITY

    tell(story)


def test_what_fails_is_tried_again():
    async def story(lab):
        lab.queue.is_down = True
        await until(lambda: lab.patience.failures > 2)
        lab.queue.is_down = False
        await until(lambda: len(lab.queue.renewed) == 12)
        assert lab.patience.is_well

    tell(story)


def test_when_nothing_is_in_hand_any_more_the_trouble_is_over_though_nothing_was_renewed():
    async def story(lab):
        lab.queue.is_down = True
        await until(lambda: not lab.patience.is_well)
        lab.in_hand.let_go(lab.messages)  # others delete them meanwhile
        await until(lambda: lab.patience.is_well)
        assert lab.queue.renewed == []

    tell(story)
