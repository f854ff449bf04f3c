# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Retention: it goes on until nothing old is left, in batches that take no longer than a sender can wait, and then waits itself."""

from __future__ import annotations

import asyncio

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.router.retention import keep_for
from ansible_collections.eventops.infra.plugins.plugin_utils.store.sqlite import SqliteStore
from ansible_collections.eventops.infra.plugins.plugin_utils.store.sqlite_transaction import SqliteTransaction
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import OPEN, RESOLVED, CaseQuery
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.store.promises.examples import add_case

DAY = 86_400.0
NOW = 100 * DAY


class Enough(Exception):
    """The test has seen what it wanted to see."""


@pytest.fixture(name="store")
def _store(tmp_path):
    store = SqliteStore(tmp_path / "store.db")
    yield store
    store.close()


def run(store, *, seconds_of_each: float = 0.0, pauses: int = 1) -> list[float]:
    """Run until it has taken so many long pauses; return how long it slept each time."""
    slept: list[float] = []
    ticks = iter(range(1_000_000))

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if sum(each >= 600 for each in slept) == pauses:
            raise Enough

    with pytest.raises(Enough):
        asyncio.run(keep_for(store, 90 * DAY, now=lambda: NOW, clock=lambda: next(ticks) * seconds_of_each, sleep=sleep))
    return slept


def fill(store, number: int, updated_at: float, **values) -> None:
    store.run_now(lambda tx: [add_case(tx, int(updated_at) + n, dedup_key=f"{updated_at}/{n}", updated_at=updated_at, **values) for n in range(number)])


def test_what_is_old_and_over_goes_and_all_else_stays(store):
    fill(store, 300, 9 * DAY, state=RESOLVED, live=False)
    fill(store, 5, 11 * DAY, state=RESOLVED, live=False)
    fill(store, 5, 1 * DAY, state=OPEN)
    run(store)
    left = {case.updated_at for case in store.run_now(lambda tx: tx.find_cases(CaseQuery(limit=1000)))}
    assert left == {11 * DAY, 1 * DAY}


def test_what_goes_wrong_ends_nothing_and_is_tried_again_later(store, monkeypatch, caplog):
    fill(store, 3, 9 * DAY, state=RESOLVED, live=False)
    working, broken = SqliteTransaction.delete_before, iter([ValueError("no such thing")])

    def delete(tx, before, limit):
        if failure := next(broken, None):
            raise failure
        return working(tx, before, limit)

    monkeypatch.setattr(SqliteTransaction, "delete_before", delete)
    assert len(run(store, pauses=2)) >= 2
    assert "could not be deleted" in caplog.text
    assert store.run_now(lambda tx: tx.find_cases(CaseQuery())) == []


def test_it_looks_again_later(store):
    slept = run(store, pauses=3)
    assert len(slept) == 3 and min(slept) >= 600


def test_a_slow_disk_gets_small_batches_and_long_rests(store):
    fill(store, 100, 9 * DAY, state=RESOLVED, live=False)
    slept = run(store, seconds_of_each=0.5)
    *rests, _pause = slept
    assert len(rests) >= 90, "one at a time, once it is known how long that takes"
    assert min(rests) >= 0.5, "no less for the others than for itself"


def test_a_fast_disk_gets_large_ones(store):
    fill(store, 2000, 9 * DAY, state=RESOLVED, live=False)
    assert len(run(store, seconds_of_each=0.001)) < 20
