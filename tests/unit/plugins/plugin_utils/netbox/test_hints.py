# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What webhooks hint at: looked for until the change log has it, or a transaction cannot have taken so long."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.intake import IntakeUnavailable
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.hints import Hints

from .in_memory import MemoryKeeper
from .making import VM, updated

TYPES = (VM, "ipam.ipaddress")
KEY = (VM, 1)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def delivery(what: str = "updated", number: object = 1, request: str = "r2", **data: object) -> dict:
    thing = {"id": number}
    return {"type": f"netbox.virtualmachine.{what}", "data": {"model": "virtualmachine", "object_type": VM, "object": thing, "request_id": request, **data}}


@pytest.fixture(name="keeper")
def _keeper():
    return MemoryKeeper()


@pytest.fixture(name="clock")
def _clock():
    return Clock()


@pytest.fixture(name="hints")
def _hints(keeper, clock):
    return Hints(keeper, TYPES, 60, clock)


def put(hints, *deliveries) -> None:
    asyncio.run(hints.put(deliveries))


def test_a_delivery_is_kept_and_wakes_the_source(hints, keeper):
    put(hints, delivery())
    assert list(keeper.memory) == [f"hint/{VM}/1/r2"]
    assert hints.due() == [KEY]
    assert hints.came.is_set()


def test_the_same_request_twice_is_one(hints, keeper):
    put(hints, delivery(), delivery())
    put(hints, delivery())
    put(hints, delivery(request="r3"))
    assert list(keeper.memory) == [f"hint/{VM}/1/r2", f"hint/{VM}/1/r3"]


def test_a_repeated_delivery_is_not_looked_for_any_sooner(hints):
    put(hints, delivery())
    hints.forget([], [KEY])
    put(hints, delivery())
    assert hints.due() == []


def test_one_that_could_not_be_kept_is_not_known(hints, keeper):
    keeper.broken = [IntakeUnavailable("full")]
    with pytest.raises(IntakeUnavailable):
        put(hints, delivery())
    assert hints.due() == []
    keeper.broken = []
    put(hints, delivery())
    assert hints.due() == [KEY]


@pytest.mark.parametrize(
    "data",
    [
        {"object_type": "dcim.rack", "model": "rack"},
        {"object_type": None, "model": "rack"},
        {"object_type": None, "model": ""},
        {"object": {}},
        {"object": {"id": "0f74e87b-ff89"}},
        {"snapshots": {"prechange": {"name": "a"}, "postchange": {"name": "a"}}},
    ],
)
def test_what_is_of_no_use_is_not_kept(hints, keeper, data):
    put(hints, delivery(**data))
    assert keeper.memory == {} and not hints.came.is_set()


@pytest.mark.parametrize("snapshots", [None, {}, {"prechange": None, "postchange": None}, {"prechange": {"name": "a"}, "postchange": {"name": "b"}}])
def test_what_may_have_changed_something_is(hints, keeper, snapshots):
    put(hints, delivery(snapshots=snapshots))
    assert len(keeper.memory) == 1


def test_a_version_that_names_the_model_alone_is_understood(hints):
    put(hints, {"type": "netbox.virtualmachine.created", "data": {"model": "virtualmachine", "object": {"id": 1}, "request_id": "r2"}})
    assert hints.due() == [KEY]


def test_a_delivery_that_names_no_request_is_kept_until_it_is_too_late(hints, clock):
    put(hints, delivery(request=None))
    assert hints.settled([KEY], [updated(2, {}, {"comments": "x"})]) == []
    clock.now += 60
    assert len(hints.settled([KEY], [])) == 1


def test_the_row_of_the_request_settles_it_and_no_other_does(hints):
    put(hints, delivery())
    row = updated(2, {}, {"comments": "x"})
    assert hints.settled([KEY], [replace(row, request_id="r3"), replace(row, object_id=2)]) == []
    assert hints.settled([(VM, 2)], [row]) == []  # it was not looked for
    (settled,) = hints.settled([KEY], [row])
    hints.forget([settled], [KEY])
    assert hints.due() == [] and hints.next_due is None


def test_it_is_looked_for_again_less_and_less_often_and_given_up_in_time(hints, clock):
    put(hints, delivery())
    looked = []
    while hints.next_due is not None:
        clock.now = max(clock.now, hints.next_due)
        assert hints.due() == [KEY]
        looked.append(clock.now - 1000)
        hints.forget(hints.settled([KEY], []), [KEY])
        assert hints.due() == []
    assert looked == [0, 0.5, 1.5, 3.5, 7.5, 15.5, 30.5, 45.5, 60.5]


def test_one_that_is_not_due_waits_no_longer_for_being_looked_at(hints, clock):
    put(hints, delivery())
    hints.forget([], [KEY])
    due = hints.next_due
    clock.now += 0.1
    hints.forget([], [KEY])
    assert hints.next_due == due


def test_a_restart_takes_up_what_was_hinted_at(hints, keeper, clock):
    put(hints, delivery(), delivery(number=2, request="a/b"))
    clock.now += 59
    after = Hints(keeper, TYPES, 60, clock)
    asyncio.run(after.recall())
    assert sorted(after.due()) == [KEY, (VM, 2)]
    assert after.came.is_set()
    assert after.settled(after.due(), []) == []
    clock.now += 1
    assert {hint.name for hint in after.settled(after.due(), [])} == set(keeper.memory)


def test_which_rows_were_hinted_at(hints):
    put(hints, delivery())
    hinted, another = updated(2, {}, {"comments": "x"}), updated(3, {}, {"comments": "x"})
    assert hints.confirmed_by([hinted, another]) == [hinted]
