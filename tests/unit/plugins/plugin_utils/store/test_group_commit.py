# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Group commit: what was given together is committed together, and yet each function stands for itself."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import contextmanager

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import accept
from ansible_collections.eventops.infra.plugins.plugin_utils.store.sqlite import SqliteStore

from .promises.examples import add_case, an_event


@pytest.fixture(name="seen")
def _seen():
    return []


@pytest.fixture(name="store")
def _store(tmp_path, seen):
    store = SqliteStore(tmp_path / "store.db", observed=lambda seconds, functions: seen.append((seconds, functions)))
    yield store
    store.close()


def accepting(number: int, **changes) -> Callable:
    return accept([an_event(number, **changes)], child="a", received_at=1.0)


@contextmanager
def held(store):
    """Keep the store busy, so that what is given to it meanwhile becomes one batch."""
    entered, release = threading.Event(), threading.Event()

    def hold(_tx):
        entered.set()
        release.wait()

    holder = threading.Thread(target=store.run_now, args=(hold,))
    holder.start()
    entered.wait()
    yield
    release.set()
    holder.join()


def together(store, *functions: Callable) -> list:
    """Run functions in one batch; return the result or the exception of each."""

    async def scenario():
        with held(store):
            tasks = [asyncio.create_task(store.run(function)) for function in functions]
            await asyncio.sleep(0)  # until each has handed its function over
        return await asyncio.gather(*tasks, return_exceptions=True)

    return asyncio.run(scenario())


def kept(store) -> set[str]:
    return {row.event.id for row in store.run_now(lambda tx: tx.unhandled_events(10_000))}


def refuse(_tx):
    raise ValueError("no")


def test_what_comes_while_the_disk_is_busy_is_one_commit(store, seen):
    together(store, *(accepting(number) for number in range(50)))
    assert [functions for _seconds, functions in seen] == [50]
    assert all(0 < seconds < 60 for seconds, _functions in seen)


def test_reading_is_not_observed_as_a_commit(store, seen):
    together(store, lambda tx: tx.unfinished_cases(), lambda tx: tx.next_due(1.0))
    assert seen == []


@pytest.mark.parametrize("others", [[], [refuse], [add_case], [refuse, add_case], [lambda tx: add_case(tx, 98), refuse, add_case]])
def test_events_are_kept_whatever_else_is_in_the_batch(store, others):
    results = together(store, accepting(1000), *others, accepting(1001), accepting(1000))
    assert results[0][0] and results[-2][0]
    assert results[-1] == [None], "the same event, once more"
    assert {"event-1000", "event-1001"} <= kept(store)
    assert [isinstance(result, ValueError) for result in results[1:-2]] == [other is refuse for other in others]
    assert len(store.run_now(lambda tx: tx.unfinished_cases())) == sum(other is not refuse for other in others)


def test_an_event_that_cannot_be_kept_does_not_keep_others_out(store):
    results = together(store, accepting(1), accepting(2, source="half a pair: \ud800"), add_case, accepting(3))
    assert [type(result) for result in results] == [list, UnicodeEncodeError, type(results[2]), list]
    assert {"event-1", "event-3"} <= kept(store)


def test_more_events_than_one_statement_takes_are_kept_or_not_as_a_whole(store):
    many = [an_event(number) for number in range(1000)]
    with pytest.raises(UnicodeEncodeError):
        store.run_now(accept([*many, an_event(1000, source="\ud800")], child="a", received_at=1.0))
    assert kept(store) == set()
    rows = store.run_now(accept(many, child="a", received_at=1.0))
    assert rows == list(range(rows[0], rows[0] + 1000))


def test_what_was_delivered_before_a_restart_is_known_after_it(tmp_path):
    first = SqliteStore(tmp_path / "again.db")
    first.run_now(accept([an_event(1), an_event(2)], child="a", received_at=1.0))
    first.close()
    second = SqliteStore(tmp_path / "again.db")
    assert second.run_now(accept([an_event(1), an_event(2)], child="a", received_at=2.0)) == [None, None]
    second.close()


def test_an_observer_that_fails_harms_nobody(tmp_path):
    def fail(*_what):
        raise RuntimeError("the observer is broken")

    store = SqliteStore(tmp_path / "watched.db", committed=fail, observed=fail)
    assert store.run_now(add_case).id
    assert store.run_now(lambda tx: len(tx.unfinished_cases())) == 1
    store.close()


def test_a_loop_that_was_closed_meanwhile_holds_nobody_up(store):
    loop = asyncio.new_event_loop()
    with held(store):
        loop.create_task(store.run(accepting(1)))
        loop.run_until_complete(asyncio.sleep(0))
        for task in asyncio.all_tasks(loop):
            task._log_destroy_pending = False  # it is what this test is about
        loop.close()
    store.run_now(accepting(2))
    assert "event-2" in kept(store)
