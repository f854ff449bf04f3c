# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""NetBox gives rows of its change log their ids and times before they can be seen: a long transaction beside short ones loses nothing and repeats nothing."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from .followed import VM, Documented, repeated

RUNS = 20
BULK = 150
WRITERS = 11
WRITES = 4


def race(documented: Documented, run: int, ready: list[int], dice: random.Random) -> None:
    """Create many machines in one transaction that takes its time, while others are written beside it."""
    netbox = documented.netbox

    def create_all() -> None:
        with netbox.transaction() as changes:
            for number in range(BULK):
                changes.create(VM, name=f"bulk-{run}-{number}", cluster=documented.cluster["id"])
                if number % 10 == 0:
                    time.sleep(0.02)

    def write(writer: int) -> None:
        for number in range(WRITES):
            with netbox.transaction() as changes:
                if number % 2:
                    changes.create(VM, name=f"other-{run}-{writer}-{number}", cluster=documented.cluster["id"])
                else:
                    changes.update(VM, ready[writer], comments=f"{run} {number}")
                time.sleep(dice.random() / 10)

    with ThreadPoolExecutor(WRITERS + 1) as pool:
        for finished in [pool.submit(create_all), *(pool.submit(write, writer) for writer in range(WRITERS))]:
            finished.result()


def rows_of(netbox) -> dict[int, dict]:
    """Return the rows of the change log about virtual machines."""
    return {row["id"]: row for row in netbox.changes(changed_object_type=VM)}


def read_by_ids(netbox, over: threading.Event) -> set[int]:
    """Read the change log as most programs do: from the highest id that was seen."""
    seen = {row["id"] for row in netbox.changes()}
    while not over.is_set():
        seen |= {row["id"] for row in netbox.changes(id__gt=max(seen))}
        time.sleep(0.02)
    return seen


@pytest.mark.timeout(300)
def test_a_bulk_create_with_writers_beside_it_loses_nothing_and_repeats_nothing(followed, documented, netbox, ways):
    ready = [documented.ready_vm(f"ready-{number}", f"10.1.0.{number + 1}/24") for number in range(WRITERS)]
    source, dice, over = followed(**ways), random.Random(1), threading.Event()
    before = frozenset(rows_of(netbox))

    def told() -> dict[int, int]:
        found: dict[int, int] = {}
        for event in source.events():
            found[event.data["change"]["id"]] = found.get(event.data["change"]["id"], 0) + 1
        return found

    async def scene():
        async with source.running():
            await source.until_begun()
            naive = asyncio.create_task(asyncio.to_thread(read_by_ids, netbox, over))
            for run in range(RUNS):
                await asyncio.to_thread(race, documented, run, ready, dice)
                await asyncio.sleep(dice.random())
            over.set()
            missed = (rows_of(netbox).keys() - before) - await naive
            assert missed, "the transactions did not overlap: the test shows nothing"
            wanted = rows_of(netbox).keys() - before
            await source.until(lambda: told().keys() >= wanted, 60)
            await asyncio.sleep(6)  # the overlap is read again
            return wanted

    wanted = asyncio.run(scene())
    assert len(wanted) == RUNS * (BULK + WRITERS * WRITES)
    assert set(told().values()) == {1}
    assert told().keys() == wanted
    assert not repeated(source.events())
    in_order_of_objects = {}
    for event in source.events():
        numbers = in_order_of_objects.setdefault(event.data["object"]["id"], [])
        numbers.append(event.data["change"]["id"])
    assert all(numbers == sorted(numbers) for numbers in in_order_of_objects.values())
