# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Long work on the event loop lets others have their turn; short work is not made longer by that."""

from __future__ import annotations

import asyncio

from ansible_collections.eventops.infra.plugins.plugin_utils.turn import Turn


def turns_of_others(seconds_of_a_step: float, steps: int) -> int:
    """Return how often another task had its turn during some steps of work."""
    clock, turns = [0.0], [0]

    async def other() -> None:
        while True:
            turns[0] += 1
            await asyncio.sleep(0)

    async def work() -> int:
        turn = Turn(lambda: clock[0])
        task = asyncio.create_task(other())
        for _step in range(steps):
            clock[0] += seconds_of_a_step
            await turn.give_way()
        task.cancel()
        return turns[0]

    return asyncio.run(work())


def test_others_have_their_turn_each_few_milliseconds():
    assert turns_of_others(seconds_of_a_step=1 / 512, steps=300) == 150


def test_a_long_step_is_followed_by_a_turn_of_others():
    assert turns_of_others(seconds_of_a_step=1.0, steps=5) == 5


def test_short_work_goes_on_without():
    assert turns_of_others(seconds_of_a_step=0.0001, steps=20) == 0
