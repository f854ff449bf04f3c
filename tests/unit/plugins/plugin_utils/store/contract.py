# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What every implementation of the store promises. A test class for one inherits from this and provides `store`."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import StoreUnavailable, accept
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import (
    DISPATCHED,
    ENDED,
    OPEN,
    RESOLVED,
    VERIFYING,
    WAITING,
    Case,
    Dispatch,
    ExecutionRow,
)


def an_event(number: int = 1, **changes) -> Event:
    values = {
        "id": f"event-{number}",
        "source": "test",
        "type": "alert.firing",
        "subject": "web-01",
        "time": "2026-01-31T12:00:00Z",
        "severity": "critical",
        "hosts": ("web-01",),
        "dedup_key": "alert/ServiceDown/web-01",
        "data": {"name": "ServiceDown"},
        "extra": {},
    }
    return Event(**{**values, **changes})


def a_case(event_row: int, **changes) -> Case:
    values = {
        "dedup_key": "alert/ServiceDown/web-01",
        "kind": "incident",
        "type": "alert.firing",
        "subject": "web-01",
        "severity": "critical",
        "hosts": ("web-01",),
        "child": "monitors",
        "state": OPEN,
        "mode": "enforce",
        "opened_at": 100.0,
        "updated_at": 100.0,
        "due_at": 100.0,
        "rank": 100.0,
        "event_row": event_row,
    }
    return Case(**{**values, **changes})


class StoreContract:
    @staticmethod
    def add(tx, number: int = 1, **changes) -> Case:
        row = tx.insert_event(an_event(number), child="monitors", received_at=100.0)
        return tx.add_case(a_case(row, **changes), "opened by the test")

    # events

    def test_an_event_comes_back_as_it_was(self, store):
        event = an_event(data={"text": "{{ evil }} \U0001f4a5 \ud800", "n": [1, {"deep": None}]}, extra={"payload": {"a": 1}})
        row = store.run_now(lambda tx: tx.insert_event(event, child="monitors", received_at=5.5))
        found = store.run_now(lambda tx: tx.event(row))
        assert (found.event, found.child, found.received_at, found.case_id) == (event, "monitors", 5.5, None)

    def test_a_repeated_id_is_known_per_child_and_source(self, store):
        def insert(tx, child, **changes):
            return tx.insert_event(an_event(**changes), child=child, received_at=1.0)

        assert store.run_now(lambda tx: insert(tx, "a")) is not None
        assert store.run_now(lambda tx: insert(tx, "a")) is None
        assert store.run_now(lambda tx: insert(tx, "b")) is not None, "another child cannot take an id away"
        assert store.run_now(lambda tx: insert(tx, "a", source="other")) is not None

    def test_unhandled_events_come_in_order_and_once(self, store):
        rows = store.run_now(accept([an_event(n) for n in range(5)], child="a", received_at=1.0))
        assert [row.id for row in store.run_now(lambda tx: tx.unhandled_events(3))] == rows[:3]
        store.run_now(lambda tx: [tx.mark_handled(row, None) for row in rows[:4]])
        assert [row.id for row in store.run_now(lambda tx: tx.unhandled_events(3))] == rows[4:]

    def test_a_missing_row_is_a_key_error(self, store):
        for look in (lambda tx: tx.event(99), lambda tx: tx.case(99), lambda tx: tx.dispatch("none")):
            with pytest.raises(KeyError):
                store.run_now(look)

    # cases

    def test_a_case_comes_back_as_it_was_and_its_states_are_history(self, store):
        case = store.run_now(self.add)
        changed = replace(case, state=WAITING, reason="backoff", due_at=130.5, attempt=1, updated_at=101.0, again=True, hosts=("a", "b"))
        store.run_now(lambda tx: tx.save_case(changed, "attempt 1 failed"))
        store.run_now(lambda tx: tx.save_case(replace(changed, count=2), "an event joined"))
        assert store.run_now(lambda tx: tx.case(case.id)) == replace(changed, count=2)
        history = store.run_now(lambda tx: tx.history(case.id))
        assert [(row.time, row.from_state, row.to_state, row.why) for row in history] == [
            (100.0, None, OPEN, "opened by the test"),
            (101.0, OPEN, WAITING, "attempt 1 failed"),
        ]

    def test_only_one_live_case_has_a_dedup_key(self, store):
        first = store.run_now(self.add)
        with pytest.raises(Exception, match="."):
            store.run_now(lambda tx: self.add(tx, 2))
        assert store.run_now(lambda tx: tx.live_case(first.dedup_key)) == first
        store.run_now(lambda tx: tx.save_case(replace(first, state=RESOLVED, live=False), "over"))
        assert store.run_now(lambda tx: tx.live_case(first.dedup_key)) is None
        assert store.run_now(lambda tx: self.add(tx, 3)).id != first.id

    def test_ready_cases_are_due_and_by_rank(self, store):
        def fill(tx):
            return [
                self.add(tx, n, dedup_key=f"k{n}", state=state, rank=rank, due_at=due).id
                for n, (state, rank, due) in enumerate(
                    [(OPEN, 3.0, 0.0), (WAITING, 1.0, 50.0), (WAITING, 0.0, 51.0), (DISPATCHED, 0.0, 0.0), (VERIFYING, 0.0, 0.0), (OPEN, 2.0, 0.0)]
                )
            ]

        ids = store.run_now(fill)
        assert [case.id for case in store.run_now(lambda tx: tx.ready_cases(50.0, 10))] == [ids[1], ids[5], ids[0]]
        assert [case.id for case in store.run_now(lambda tx: tx.ready_cases(50.0, 1))] == [ids[1]]
        assert [case.id for case in store.run_now(lambda tx: tx.overdue_cases(50.0, 10))] == [ids[4]]
        assert store.run_now(lambda tx: tx.next_due(50.0)) == 51.0
        assert store.run_now(lambda tx: tx.next_due(51.0)) is None
        assert store.run_now(lambda tx: tx.count_unfinished()) == {OPEN: 2, WAITING: 2, DISPATCHED: 1, VERIFYING: 1}
        assert [case.id for case in store.run_now(lambda tx: tx.unfinished_cases())] == ids

    def test_open_hosts_are_those_of_cases_that_are_not_over(self, store):
        store.run_now(lambda tx: self.add(tx, 1, dedup_key="a", hosts=("web-01", "web-02")))
        store.run_now(lambda tx: self.add(tx, 2, dedup_key="b", hosts=("web-02",), state=WAITING))
        store.run_now(lambda tx: self.add(tx, 3, dedup_key="c", hosts=("web-03",), state=RESOLVED, live=False))
        assert store.run_now(lambda tx: tx.open_hosts()) == {"web-01", "web-02"}

    # dispatches and executions

    def test_a_dispatch_comes_back_as_it_was(self, store):
        case = store.run_now(self.add)
        planned = Dispatch(uuid="u-1", attempt=1, hosts=("web-01", "web-02"), case_ids=(case.id,), planned_at=3.0)
        store.run_now(lambda tx: tx.add_dispatch(planned))
        assert store.run_now(lambda tx: tx.unfinished_dispatches()) == [planned]
        ended = replace(planned, state=ENDED, outcome="succeeded", interruptions=2, playbooks=1, ended_at=9.0)
        store.run_now(lambda tx: tx.save_dispatch(ended))
        assert store.run_now(lambda tx: tx.dispatch("u-1")) == ended
        assert store.run_now(lambda tx: tx.unfinished_dispatches()) == []
        assert store.run_now(lambda tx: tx.dispatches_of(case.id)) == [ended]

    def test_results_can_be_taken_in_twice(self, store):
        case = store.run_now(self.add)
        row = ExecutionRow("u-1", 7, "heal.yml", "web-01", "failed", 1, 2.5, "no way", "2026-01-31T12:00:00Z", None)
        store.run_now(lambda tx: tx.add_dispatch(Dispatch("u-1", 1, ("web-01",), (case.id,), 3.0)))
        for _time in range(2):
            store.run_now(lambda tx: tx.put_executions([row]))
        assert store.run_now(lambda tx: tx.executions("u-1")) == [row]

    # transactions

    def test_what_raises_leaves_nothing_and_harms_no_other(self, store):
        def broken(tx):
            self.add(tx, 1)
            raise ValueError("no")

        async def together():
            work = [store.run(broken), *(store.run(lambda tx, n=n: self.add(tx, n, dedup_key=f"k{n}")) for n in range(2, 20))]
            return await asyncio.gather(*work, return_exceptions=True)

        first, *others = asyncio.run(together())
        assert isinstance(first, ValueError)
        assert {case.dedup_key for case in store.run_now(lambda tx: tx.unfinished_cases())} == {case.dedup_key for case in others}
        assert len(others) == 18

    def test_a_caller_that_goes_away_harms_no_other(self, store):
        async def scenario():
            tasks = [asyncio.create_task(store.run(lambda tx, n=n: self.add(tx, n, dedup_key=f"k{n}"))) for n in range(50)]
            await asyncio.sleep(0)
            for task in tasks[::2]:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            return await store.run(lambda tx: {case.dedup_key for case in tx.unfinished_cases()})

        assert {f"k{n}" for n in range(1, 50, 2)} <= asyncio.run(scenario())

    def test_a_closed_store_says_so(self, store):
        store.close()
        store.close()
        with pytest.raises(StoreUnavailable):
            store.run_now(lambda tx: tx.next_due(0.0))
