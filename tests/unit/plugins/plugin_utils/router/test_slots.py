# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who may be in the engine with whom."""

from __future__ import annotations

import asyncio

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.router.policy.settings import CasePolicy
from ansible_collections.eventops.infra.plugins.plugin_utils.router.slots import Closed, Slots

BASE = CasePolicy(max_in_flight=3)
NARROW = CasePolicy(max_in_flight=1, override=0)
WIDE = CasePolicy(max_in_flight=9, override=1)


def slots(*taken: CasePolicy, parallel: bool = True) -> Slots:
    made = Slots(BASE, parallel=parallel)
    for number, policy in enumerate(taken):
        made.take(f"u{number}", policy)
    return made


def test_all_together_have_the_limit_of_the_base_policy():
    assert slots(BASE, BASE).room(BASE) and not slots(BASE, BASE, BASE).room(BASE)
    assert not slots(WIDE, WIDE, WIDE).room(WIDE)


def test_an_override_has_a_limit_of_its_own():
    assert slots(BASE).room(NARROW) and not slots(NARROW).room(NARROW)
    assert slots(NARROW).room(BASE) and slots(NARROW).room(WIDE)


def test_a_sequential_engine_has_one_slot_for_its_own_events_too():
    assert slots(parallel=False).room(BASE) and slots(parallel=False).room_for_own
    assert not slots(BASE, parallel=False).room(BASE) and not slots(BASE, parallel=False).room_for_own


def test_events_of_our_own_pass_by_the_policys_limits():
    assert slots(BASE, BASE, BASE).room_for_own


def test_a_slot_that_is_given_back_is_free_again():
    made = slots(BASE, BASE, BASE)
    made.release("u1")
    made.release("u1")
    assert made.room(BASE) and not made.idle
    made.release("u0")
    made.release("u2")
    assert made.idle


def test_what_waits_for_a_slot_goes_before_anything_new():
    async def story():
        made = slots(BASE, BASE, BASE)
        waiting = asyncio.ensure_future(made.take_in_turn([("late", BASE)]))
        await asyncio.sleep(0)
        made.release("u0")
        assert not made.room(BASE), "the slot is spoken for"
        assert await waiting == ["late"] and not made.room(BASE)

    asyncio.run(story())


def test_what_waits_for_its_overrides_limit_holds_up_nobody_else():
    async def story():
        made = slots(NARROW)
        waiting = asyncio.ensure_future(made.take_in_turn([("late", NARROW)]))
        await asyncio.sleep(0)
        assert made.room(BASE) and not made.room(NARROW)
        made.release("u0")
        assert await waiting == ["late"]

    asyncio.run(story())


def test_what_does_the_same_work_together_needs_one_slot():
    async def story():
        made = slots(BASE, BASE)
        assert await made.take_in_turn([("a", BASE), ("b", BASE)]) == ["a", "b"]
        assert await made.take_in_turn([("b", BASE), ("c", BASE)]) == ["c"], "one of them is in flight already"
        assert not made.room(BASE)

    asyncio.run(story())


def test_nothing_takes_off_when_it_is_closed():
    async def story():
        made = slots(BASE, BASE, BASE)
        waiting = asyncio.ensure_future(made.take_in_turn([("late", BASE)]))
        await asyncio.sleep(0)
        made.close()
        with pytest.raises(Closed):
            await waiting
        made.release("u0")
        assert not made.room(BASE) and not made.room_for_own

    asyncio.run(story())
