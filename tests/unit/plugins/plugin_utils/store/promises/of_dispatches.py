# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a store promises about dispatches and what became of them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import (
    DISPATCH_ENDED,
    DISPATCH_PLANNED,
    ENDED,
    PARKED,
    Change,
    Dispatch,
    ExecutionRow,
    Share,
)

from .examples import add_case, add_dispatch


class PromisesOfDispatches:
    def test_a_dispatch_comes_back_as_it_was(self, store):
        case, other = store.run_now(lambda tx: (add_case(tx, 1), add_case(tx, 2)))
        planned = Dispatch("u-1", 1, ("web-01", "web-02"), (Share(other.id, ("web-02",)), Share(case.id, ("web-01", "web-02"))), 3.0)
        store.run_now(lambda tx: tx.add_dispatch(planned))
        assert store.run_now(lambda tx: tx.dispatch("u-1")) == planned
        ended = replace(planned, state=ENDED, outcome="succeeded", result="succeeded", interruptions=2, playbooks=1, ended_at=9.0)
        store.run_now(lambda tx: tx.save_dispatch(ended))
        assert store.run_now(lambda tx: tx.dispatch("u-1")) == ended

    def test_what_has_not_ended_is_unfinished_oldest_first(self, store):
        case = store.run_now(add_case)
        second = store.run_now(lambda tx: add_dispatch(tx, "u-1", case, planned_at=5.0))
        first = store.run_now(lambda tx: add_dispatch(tx, "u-2", case, planned_at=4.0))
        parked = replace(first, state=PARKED)
        store.run_now(lambda tx: tx.save_dispatch(parked))
        assert store.run_now(lambda tx: tx.unfinished_dispatches()) == [parked, second]
        ended = replace(second, state=ENDED, ended_at=9.0)
        store.run_now(lambda tx: tx.save_dispatch(ended))
        assert store.run_now(lambda tx: tx.unfinished_dispatches()) == [parked]
        assert store.run_now(lambda tx: tx.dispatches_of(case.id)) == [parked, ended]

    def test_a_missing_dispatch_is_a_key_error(self, store):
        for look in (lambda tx: tx.dispatch("none"), lambda tx: tx.save_dispatch(Dispatch("none", 1, ("a",), (), 1.0))):
            with pytest.raises(KeyError):
                store.run_now(look)

    def test_results_can_be_taken_in_twice(self, store):
        row = ExecutionRow("u-1", 7, "heal.yml", "web-01", "failed", 1, 2.5, "no way", "2026-01-31T12:00:00Z", None)
        store.run_now(lambda tx: add_dispatch(tx, "u-1", add_case(tx)))
        for _time in range(2):
            store.run_now(lambda tx: tx.put_executions([row]))
        assert store.run_now(lambda tx: tx.executions("u-1")) == [row]

    def test_observers_are_told_of_its_plan_and_its_end(self, store, changes):
        planned = store.run_now(lambda tx: add_dispatch(tx, "u-1", add_case(tx)))
        ended = replace(planned, state=ENDED, outcome="succeeded", ended_at=9.0)
        store.run_now(lambda tx: tx.save_dispatch(replace(planned, playbooks=1)))
        store.run_now(lambda tx: tx.save_dispatch(ended))
        store.run_now(lambda tx: tx.save_dispatch(replace(ended, playbooks=2)))
        assert [change for change in changes if change.dispatch] == [
            Change(3.0, DISPATCH_PLANNED, dispatch=planned),
            Change(9.0, DISPATCH_ENDED, "succeeded", dispatch=ended),
        ]
