# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The source was down for an hour, and NetBox was busy: all of it is told of, in order, at few requests."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest

from .followed import VM, Documented, repeated

CHANGES = 10_000
MACHINES = 500
NEW_MACHINES = 1000


@pytest.mark.timeout(300)
def test_ten_thousand_changes_of_an_hour_all_come_in_order_at_few_requests(followed, netbox):
    clock = datetime.now(UTC)
    netbox.now = lambda: clock
    documented = Documented(netbox)
    machines = [documented.ready_vm(f"vm-{number}", f"10.{number // 250}.{number % 250}.1/16") for number in range(MACHINES)]
    source = followed()

    async def begin():
        async with source.running():
            await source.until_begun()

    asyncio.run(begin())
    before = {row["id"] for row in netbox.changes(changed_object_type=VM)}
    for number in range(CHANGES):
        clock += timedelta(hours=1) / CHANGES
        if number % (CHANGES // NEW_MACHINES) == 0:
            machines.append(documented.vm(f"new-{number}"))
        else:
            # Each machine again and again, never two changes of one beside each other.
            netbox.update(VM, machines[number * 7 % MACHINES], comments=f"change {number}")
    wanted = {row["id"] for row in netbox.changes(changed_object_type=VM)} - before
    asked_before = sum(netbox.counted().values())
    assert len(wanted) == CHANGES

    async def catch_up():
        began = time.monotonic()
        async with source.running():
            await source.until(lambda: len(source.events()) >= CHANGES, 200)
            seconds, asked = time.monotonic() - began, sum(netbox.counted().values()) - asked_before
            await asyncio.sleep(2.5)
        return seconds, asked

    seconds, asked = asyncio.run(catch_up())
    print(f"{CHANGES} changes of {len(machines)} machines: {seconds:.1f} s, {asked} requests")
    events = source.events()
    assert not repeated(events)
    assert {event.data["change"]["id"] for event in events} == wanted
    by_machine: dict[int, list[int]] = {}
    for event in events:
        by_machine.setdefault(event.data["object"]["id"], []).append(event.data["change"]["id"])
    assert all(numbers == sorted(numbers) for numbers in by_machine.values())
    assert asked <= CHANGES / 100 + len(machines) / 50


def test_a_clock_of_netbox_that_is_set_back_hides_nothing(followed, documented, netbox):
    source = followed()
    vm = documented.ready_vm("web01", "10.0.0.11/24")

    async def scene():
        async with source.running():
            await source.until_begun()
            netbox.now = lambda: datetime.now(UTC) - timedelta(hours=2)
            netbox.update(VM, vm, comments="at an earlier time")
            await source.until(lambda: source.told(vm) == ["updated"])
            netbox.now = lambda: datetime.now(UTC)
            netbox.update(VM, vm, comments="at a later time")
            await source.until(lambda: source.told(vm) == ["updated", "updated"])
            await asyncio.sleep(2.5)

    asyncio.run(scene())
    assert source.told(vm) == ["updated", "updated"]


def test_a_clock_of_netbox_that_was_ahead_once_hides_no_long_transaction(followed, documented, netbox):
    source = followed()

    async def scene():
        async with source.running():
            await source.until_begun()
            netbox.now = lambda: datetime.now(UTC) + timedelta(days=3650)
            ahead = documented.vm("ahead")
            await source.until(lambda: source.told(ahead) == ["created"])
            netbox.now = lambda: datetime.now(UTC)
            with netbox.transaction() as changes:
                slow = changes.create(VM, name="slow", cluster=documented.cluster["id"])["id"]
                quick = await asyncio.to_thread(documented.vm, "quick")
                await source.until(lambda: source.told(quick) == ["created"])
            await source.until(lambda: source.told(slow) == ["created"])
            await asyncio.sleep(1.5)
            return ahead

    ahead = asyncio.run(scene())
    assert source.told(ahead) == ["created"]
    assert not repeated(source.events())
