# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which messages are in hand, and when their invisibility is renewed."""

from __future__ import annotations

import asyncio

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.queues.in_hand import InHand
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.queues.message import Message

VISIBILITY = 100
FIRST, SECOND = Message("1", "{}", "receipt 1"), Message("2", "{}", "receipt 2")


class Clock:
    def __init__(self):
        self.time = 1000.0

    def __call__(self):
        return self.time


def hand():
    clock = Clock()
    return InHand(VISIBILITY, clock), clock


def test_it_is_renewed_when_half_of_the_time_is_left():
    in_hand, clock = hand()
    in_hand.take([FIRST])
    clock.time += 20
    in_hand.take([SECOND])
    clock.time += 29
    assert in_hand.due() == []
    clock.time += 1
    assert in_hand.due() == [FIRST]
    in_hand.renewed([FIRST], clock.time)
    assert in_hand.due() == [] and in_hand.seconds_left(FIRST) == VISIBILITY
    clock.time += 20
    assert in_hand.due() == [SECOND]


def test_what_is_let_go_is_not_renewed():
    in_hand, clock = hand()
    in_hand.take([FIRST, SECOND])
    in_hand.let_go([FIRST])
    clock.time += VISIBILITY
    assert in_hand.due() == list(in_hand) == [SECOND]
    assert in_hand.seconds_left(FIRST) == in_hand.seconds_left(SECOND) == 0
    in_hand.renewed([FIRST], clock.time)
    assert list(in_hand) == [SECOND]


def test_a_message_that_was_received_again_is_held_by_its_new_receipt():
    in_hand, _clock = hand()
    again = Message("1", "{}", "receipt 3", receives=2)
    in_hand.take([FIRST])
    in_hand.take([again])
    in_hand.let_go([FIRST])
    assert list(in_hand) == [again]


def test_nothing_is_asked_for_that_aws_would_refuse():
    """After twelve hours a message is visible, whatever is asked for."""
    in_hand, clock = hand()
    in_hand.take([FIRST])
    renewals = 0
    for _quarter in range(12 * 3600 * 4 // VISIBILITY + 8):
        clock.time += VISIBILITY / 4
        if in_hand.due():
            in_hand.renewed([FIRST], clock.time)
            renewals += 1
            assert clock.time + VISIBILITY <= 1000 + 12 * 3600
    assert renewals > 800


def test_it_waits_until_something_is_due():
    async def story():
        in_hand = InHand(0.2, asyncio.get_running_loop().time)
        waiting = asyncio.create_task(in_hand.wait_for_due())
        await asyncio.sleep(0)
        assert not waiting.done()
        in_hand.take([FIRST])
        await asyncio.wait_for(waiting, 10)
        assert in_hand.due() == [FIRST]

    asyncio.run(story())
