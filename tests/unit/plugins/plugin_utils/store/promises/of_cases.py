# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a store promises about cases, one by one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import (
    CASE_CHANGED,
    CASE_NOTED,
    CASE_OPENED,
    OPEN,
    RESOLVED,
    SUPPRESSED,
    WAITING,
    Change,
)

from .examples import add_case, add_event


class PromisesOfCases:
    def test_a_case_comes_back_as_it_was_and_its_states_are_history(self, store):
        case = store.run_now(add_case)
        changed = replace(
            case,
            state=WAITING,
            reason="backoff",
            waits_for="backoff",
            due_at=130.5,
            attempt=1,
            updated_at=101.0,
            again=True,
            hosts=("a", "b"),
            name="ServiceDown",
            mode="approve",
            decided_by="ann",
            ran_at=99.5,
            dispatch="u-1",
            type="log.matched",
        )
        store.run_now(lambda tx: tx.save_case(changed, "attempt 1 failed"))
        store.run_now(lambda tx: tx.save_case(replace(changed, count=2), "an event joined"))
        assert store.run_now(lambda tx: tx.case(case.id)) == replace(changed, count=2)
        history = store.run_now(lambda tx: tx.history(case.id))
        assert [(row.time, row.from_state, row.to_state, row.why, row.by) for row in history] == [
            (100.0, None, OPEN, "opened by the test", "router"),
            (101.0, OPEN, WAITING, "attempt 1 failed", "router"),
        ]

    def test_what_a_person_does_is_history_with_the_name(self, store):
        case = store.run_now(add_case)
        store.run_now(lambda tx: tx.note(case.id, "I am looking into it", by="ann", now=105.0))
        store.run_now(lambda tx: tx.save_case(replace(case, state=SUPPRESSED, live=False, updated_at=106.0), "false alarm", by="ann"))
        assert [(row.time, row.from_state, row.to_state, row.why, row.by) for row in store.run_now(lambda tx: tx.history(case.id))][1:] == [
            (105.0, OPEN, OPEN, "I am looking into it", "ann"),
            (106.0, OPEN, SUPPRESSED, "false alarm", "ann"),
        ]
        assert store.run_now(lambda tx: tx.case(case.id)).updated_at == 106.0

    def test_a_missing_case_is_a_key_error(self, store):
        case = store.run_now(add_case)
        for look in (lambda tx: tx.case(99), lambda tx: tx.note(99, "?", by="ann", now=1.0), lambda tx: tx.save_case(replace(case, id=99), "?")):
            with pytest.raises(KeyError):
                store.run_now(look)

    def test_only_one_live_case_has_a_dedup_key(self, store):
        first = store.run_now(lambda tx: add_case(tx, dedup_key="k"))
        with pytest.raises(Exception, match="."):
            store.run_now(lambda tx: add_case(tx, 2, dedup_key="k"))
        assert store.run_now(lambda tx: tx.live_case("k")) == first
        store.run_now(lambda tx: tx.save_case(replace(first, state=RESOLVED, live=False), "over"))
        assert store.run_now(lambda tx: tx.live_case("k")) is None
        assert store.run_now(lambda tx: add_case(tx, 3, dedup_key="k")).id != first.id

    def test_live_cases_can_be_looked_for_together(self, store):
        lives, is_over = store.run_now(lambda tx: (add_case(tx, 1, dedup_key="a"), add_case(tx, 2, dedup_key="b", live=False)))

        def look(tx):
            changed = replace(tx.case(lives.id), count=2)
            tx.save_case(changed, "")
            tx.look_for_live(["a", "b", "c", "a"])
            return changed, [tx.live_case(key) for key in "abc"]

        changed, found = store.run_now(look)
        assert found == [changed, None, None]
        assert is_over.live is False

    def test_a_transaction_sees_what_it_wrote(self, store):
        def several_steps(tx):
            assert tx.live_case("k") is None
            first = add_case(tx, dedup_key="k")
            assert tx.live_case("k") == tx.case(first.id) == first
            counted = replace(first, count=2)
            tx.save_case(counted, "")
            assert tx.live_case("k") == tx.case(first.id) == counted
            tx.save_case(replace(counted, live=False), "")
            assert tx.live_case("k") is None
            second = add_case(tx, 2, dedup_key="k")
            tx.save_case(replace(counted, live=False, reason="the older one"), "")
            assert tx.live_case("k") == second
            return second

        second = store.run_now(several_steps)
        assert store.run_now(lambda tx: tx.live_case("k")) == second

    def test_what_was_undone_is_not_remembered(self, store):
        case = store.run_now(lambda tx: add_case(tx, dedup_key="k"))

        def broken(tx):
            tx.save_case(replace(tx.live_case("k"), count=7, live=False), "")
            add_case(tx, 2, dedup_key="k")
            raise ValueError("no")

        with pytest.raises(ValueError, match="no"):
            store.run_now(broken)
        assert store.run_now(lambda tx: (tx.live_case("k"), tx.case(case.id))) == (case, case)

    def test_text_that_no_database_takes_is_no_reason_to_lose_a_case(self, store):
        case = store.run_now(lambda tx: add_case(tx, name="Service\ud800Down", why="because \udfff"))
        assert store.run_now(lambda tx: tx.case(case.id)).name == "Service\ufffdDown"

    def test_observers_are_told_what_became_of_a_case(self, store, changes):
        case = store.run_now(lambda tx: add_case(tx, why="it fell over"))
        waiting = replace(case, state=WAITING, updated_at=101.0)
        store.run_now(lambda tx: tx.save_case(waiting, "not now", by="ann"))
        counted = replace(waiting, count=2)
        store.run_now(lambda tx: tx.save_case(counted, "an event joined"))
        store.run_now(lambda tx: tx.note(case.id, "hm", by="bob", now=102.0))
        assert changes == [
            Change(100.0, CASE_OPENED, "it fell over", case=case),
            Change(101.0, CASE_CHANGED, "not now", "ann", OPEN, waiting),
            Change(102.0, CASE_NOTED, "hm", "bob", WAITING, counted),
        ]

    def test_an_event_alone_is_no_change(self, store, changes):
        store.run_now(add_event)
        assert changes == []
