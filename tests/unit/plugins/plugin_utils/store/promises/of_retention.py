# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a store promises about deleting what is old."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import FINAL, HISTORY_DELETED, RESOLVED, UNFINISHED, CaseQuery, ExecutionRow

from .examples import add_case, add_dispatch, add_event

_OLD = {"state": RESOLVED, "live": False, "updated_at": 10.0}


def _numbers(store) -> set[str]:
    return {case.dedup_key.rpartition("/")[2] for case in store.run_now(lambda tx: tx.find_cases(CaseQuery()))}


class PromisesOfRetention:
    def test_only_what_is_over_old_and_not_live_goes(self, store):
        def fill(tx):
            for n, state in enumerate(sorted(FINAL)):
                add_case(tx, n, state=state, live=False, updated_at=10.0)
            for n, state in enumerate(sorted(UNFINISHED)):
                add_case(tx, 20 + n, state=state, live=False, updated_at=10.0)
            add_case(tx, 30, **{**_OLD, "live": True})
            add_case(tx, 31, **{**_OLD, "updated_at": 50.0})

        store.run_now(fill)
        assert store.run_now(lambda tx: tx.delete_before(50.0, 100)) == len(FINAL)
        assert _numbers(store) == {str(20 + n) for n in range(len(UNFINISHED))} | {"30", "31"}

    def test_all_that_belongs_to_it_goes_along(self, store):
        def fill(tx):
            case = add_case(tx, 1, **_OLD)
            tx.mark_handled(add_event(tx, 2), case.id)
            add_dispatch(tx, "u-1", case)
            tx.put_executions([ExecutionRow("u-1", 7, "heal.yml", "web-01", "ok", 1, 2.5, None, "2026-01-31T12:00:00Z", None)])
            return case

        case = store.run_now(fill)
        assert store.run_now(lambda tx: tx.delete_before(50.0, 100)) == 1
        assert store.run_now(lambda tx: (tx.history(case.id), tx.events_of(case.id, 9), tx.executions("u-1"), tx.dispatches_of(case.id))) == ([], [], [], [])
        for look in (lambda tx: tx.case(case.id), lambda tx: tx.event(case.event_row), lambda tx: tx.dispatch("u-1")):
            with pytest.raises(KeyError):
                store.run_now(look)
        assert store.run_now(lambda tx: tx.find_cases(CaseQuery(hosts=("web-01",)))) == []

    def test_what_another_case_needs_stays(self, store):
        def fill(tx):
            old, kept = add_case(tx, 1, **_OLD), add_case(tx, 2)
            tx.save_case(replace(kept, event_row=old.event_row), "")
            add_dispatch(tx, "u-1", old, kept)
            tx.put_executions([ExecutionRow("u-1", 7, "heal.yml", "web-01", "ok", 1, 2.5, None, "2026-01-31T12:00:00Z", None)])
            return old, kept

        old, kept = store.run_now(fill)
        assert store.run_now(lambda tx: tx.delete_before(50.0, 100)) == 1
        assert store.run_now(lambda tx: tx.event(old.event_row)).case_id is None
        assert [share.case_id for share in store.run_now(lambda tx: tx.dispatch("u-1")).shares] == [kept.id]
        assert len(store.run_now(lambda tx: tx.executions("u-1"))) == 1
        assert store.run_now(lambda tx: tx.delete_before(500.0, 100)) == 0, "it is read by a case that lives"

    def test_an_event_without_a_case_goes_when_it_was_looked_at(self, store):
        def fill(tx):
            handled, waiting = add_event(tx, 1), add_event(tx, 2)
            tx.mark_handled(handled, None)
            return handled, waiting

        handled, waiting = store.run_now(fill)
        assert store.run_now(lambda tx: tx.delete_before(100.0, 100)) == 0, "it came at 100"
        assert store.run_now(lambda tx: tx.delete_before(100.5, 100)) == 1
        assert store.run_now(lambda tx: tx.event(waiting)).id == waiting
        with pytest.raises(KeyError):
            store.run_now(lambda tx: tx.event(handled))

    def test_it_goes_on_where_it_was_left(self, store, changes):
        def fill(tx):
            for n in range(5):
                add_case(tx, n, **_OLD)
            for n in range(5, 8):
                tx.mark_handled(add_event(tx, n), None)

        store.run_now(fill)
        changes.clear()
        assert [store.run_now(lambda tx: tx.delete_before(200.0, 3)) for _batch in range(4)] == [3, 3, 2, 0]
        assert _numbers(store) == set()
        assert [(change.action, change.details["number"]) for change in changes] == [(HISTORY_DELETED, 3), (HISTORY_DELETED, 3), (HISTORY_DELETED, 2)]
