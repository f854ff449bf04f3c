# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a function decides is written late, and all at once: the store must hold the same as when each step had been written by itself."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.store.rows import known_cases
from ansible_collections.eventops.infra.plugins.plugin_utils.store.sqlite import SqliteStore
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import OPEN, RESOLVED, VERIFYING, WAITING, CaseQuery
from hypothesis import given, settings
from hypothesis import strategies as st

from .promises.examples import add_case, add_event

_TABLES = ("cases", "case_hosts", "history", "events")

_KEYS = st.sampled_from(["a", "b"])
_CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "state": st.sampled_from([OPEN, WAITING, VERIFYING, RESOLVED]),
        "live": st.booleans(),
        "hosts": st.sampled_from([(), ("h1",), ("h1", "h2"), ("h2",)]),
        "count": st.integers(1, 3),
        "name": st.sampled_from(["x", "y\ud800"]),
        "ran_at": st.sampled_from([None, 5.0]),
    },
)
_STEPS = st.one_of(
    st.tuples(st.just("add"), _KEYS, _CHANGES),
    st.tuples(st.just("save"), st.integers(0, 5), _CHANGES),
    st.tuples(st.just("note"), st.integers(0, 5)),
    st.tuples(st.just("event"), st.integers(0, 5)),
    st.tuples(st.just("ask"), _KEYS),
)


def take(tx, step: tuple, number: int, ids: list[int]) -> None:
    """Take one step; what does not apply is left out."""
    match step:
        case ("add", key, changes):
            if not (changes.get("live", True) and tx.live_case(key)):
                ids.append(add_case(tx, number, dedup_key=key, **changes).id)
        case ("save", which, changes) if which < len(ids):
            case = replace(tx.case(ids[which]), updated_at=float(number), **changes)
            living = tx.live_case(case.dedup_key)
            if not case.live or living is None or living.id == case.id:
                tx.save_case(case, f"step {number}", by="ann")
        case ("note", which) if which < len(ids):
            tx.note(ids[which], f"step {number}", by="ann", now=float(number))
        case ("event", which) if which < len(ids):
            tx.mark_handled(add_event(tx, 100 + number), ids[which])
        case ("ask", key):
            for case in [tx.live_case(key), *tx.find_cases(CaseQuery(dedup_keys=(key,)))]:
                if case is not None:
                    assert tx.case(case.id) == case


def contents(store) -> dict[str, list]:
    def read(tx):
        tx.write()
        return {name: tx._connection.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall() for name in _TABLES}

    return store.run_now(read)


@settings(max_examples=60, deadline=None)
@given(st.lists(_STEPS, max_size=14))
def test_it_makes_no_difference_when_it_is_written(steps):
    with tempfile.TemporaryDirectory() as directory:
        late, soon = SqliteStore(Path(directory) / "late.db"), SqliteStore(Path(directory) / "soon.db")

        def all_at_once(tx):
            ids: list[int] = []
            for number, step in enumerate(steps):
                take(tx, step, number, ids)

        late.run_now(all_at_once)
        ids: list[int] = []
        for number, step in enumerate(steps):
            soon.run_now(lambda tx, step=step, number=number: take(tx, step, number, ids))
        try:
            assert contents(late) == contents(soon)
        finally:
            late.close()
            soon.close()


@settings(max_examples=30, deadline=None)
@given(st.lists(_STEPS, max_size=8), st.lists(_STEPS, max_size=8))
def test_what_a_failed_function_decided_never_was(kept, undone):
    with tempfile.TemporaryDirectory() as directory:
        store, other = SqliteStore(Path(directory) / "store.db"), SqliteStore(Path(directory) / "other.db")
        ids: list[int] = []
        for each in (store, other):
            ids = []
            each.run_now(lambda tx, ids=ids: [take(tx, step, number, ids) for number, step in enumerate(kept)])

        def fail(tx):
            for number, step in enumerate(undone):
                take(tx, step, 50 + number, list(ids))
            raise ValueError("no")

        with pytest.raises(ValueError, match="no"):
            store.run_now(fail)
        for each in (store, other):
            each.run_now(lambda tx: [take(tx, step, 70 + number, list(ids)) for number, step in enumerate(undone)])
        try:
            assert contents(store) == contents(other)
        finally:
            store.close()
            other.close()


def test_more_cases_than_are_remembered_are_read_again(tmp_path, monkeypatch):
    monkeypatch.setattr(known_cases, "_MOST", 3)
    store = SqliteStore(tmp_path / "store.db")
    cases = store.run_now(lambda tx: [add_case(tx, number) for number in range(10)])
    for case in cases:
        counted = replace(case, count=2)
        store.run_now(lambda tx, counted=counted: tx.save_case(counted, ""))
        assert store.run_now(lambda tx, case=case: (tx.case(case.id), tx.live_case(case.dedup_key))) == (counted, counted)
    assert len(store.run_now(lambda tx: tx.unfinished_cases())) == 10
    store.close()
