# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The index of texts: it finds what a case says now, whoever wrote the store, and cases are found without it, too."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.store.rows import words
from ansible_collections.eventops.infra.plugins.plugin_utils.store.sqlite import SqliteStore
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import RESOLVED, CaseQuery

from .promises.examples import add_case


def with_trigrams() -> bool:
    try:
        sqlite3.connect(":memory:").execute("CREATE VIRTUAL TABLE t USING fts5(x, tokenize = 'trigram')")
    except sqlite3.OperationalError:
        return False
    return True


needs_trigrams = pytest.mark.skipif(not with_trigrams(), reason="this SQLite has no FTS5 with trigrams")


@pytest.fixture(name="without_index")
def _without_index(monkeypatch):
    monkeypatch.setattr(words, "_can_keep", lambda connection: False)


@pytest.fixture(name="path")
def _path(tmp_path):
    return tmp_path / "store.db"


def found(store, text: str) -> list[str]:
    return [case.subject for case in store.run_now(lambda tx: tx.find_cases(CaseQuery(text=text)))]


def uses_index(store) -> bool:
    return store.run_now(lambda tx: tx.has_words)


@pytest.mark.parametrize("text", ["b-0", "b-", "B", "eb-02", "web-02\n", '"', "' OR", "web*", "^web", "w b", "ä"])
def test_with_and_without_the_index_the_same_is_found(path, tmp_path, text, monkeypatch):
    indexed = SqliteStore(path)
    monkeypatch.setattr(words, "_can_keep", lambda connection: False)
    plain = SqliteStore(tmp_path / "plain.db")
    for store in (indexed, plain):
        for number, subject in enumerate(["web-01", "web-02", 'a "quoted" one', "w*b", "' OR 1", "bär"]):
            store.run_now(lambda tx, number=number, subject=subject: add_case(tx, number, subject=subject, dedup_key=f"key {number}"))
    assert not uses_index(plain)
    assert found(indexed, text) == found(plain, text)
    indexed.close()
    plain.close()


@needs_trigrams
def test_it_follows_what_a_case_says(path):
    store = SqliteStore(path)
    assert uses_index(store)
    case = store.run_now(lambda tx: add_case(tx, subject="web-01", name="Half \ud800 a pair"))
    changed = replace(case, subject="db-07")
    store.run_now(lambda tx: tx.save_case(changed, ""))
    assert (found(store, "web-01"), found(store, "db-07"), found(store, "half")) == ([], ["db-07"], ["db-07"])
    store.run_now(lambda tx: tx.save_case(replace(changed, state=RESOLVED, live=False), ""))
    store.run_now(lambda tx: tx.delete_before(1e9, 10))
    assert store.run_now(lambda tx: tx._connection.execute("SELECT rowid FROM case_words WHERE case_words MATCH '\"db-\"'").fetchall()) == []
    store.close()


@needs_trigrams
def test_a_store_that_was_written_without_it_gets_it(path, without_index, monkeypatch):
    store = SqliteStore(path)
    store.run_now(lambda tx: add_case(tx, subject="web-01"))
    store.close()
    monkeypatch.undo()
    store = SqliteStore(path)
    assert uses_index(store)
    assert found(store, "web-01") == ["web-01"]
    store.close()


@needs_trigrams
def test_a_store_that_had_it_can_be_written_without_it(path, monkeypatch):
    SqliteStore(path).close()
    monkeypatch.setattr(words, "_can_keep", lambda connection: False)
    store = SqliteStore(path)
    assert not uses_index(store)
    store.run_now(lambda tx: add_case(tx, subject="web-01"))
    store.close()
    monkeypatch.undo()
    store = SqliteStore(path)
    assert found(store, "web-01") == ["web-01"]
    store.close()
