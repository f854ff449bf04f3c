# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A store that an earlier version wrote opens, and what is in it is as if this version had written it."""

from __future__ import annotations

import json
import sqlite3

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import StoreError
from ansible_collections.eventops.infra.plugins.plugin_utils.store.sqlite import SqliteStore
from ansible_collections.eventops.infra.plugins.plugin_utils.store.statements import migrations
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import BACKOFF, CaseQuery, Share

_FIRST = dict(migrations())[1]
_EVENT = """INSERT INTO events (id, child, source, event_id, type, dedup_key, body, received_at, handled, case_id)
            VALUES (?, 'a', 's', ?, 't', 'k', ?, 1.0, ?, ?)"""
_CASE = """INSERT INTO cases VALUES (:id, :key, 'incident', 'alert.firing', 'web', 'critical', :hosts, 'a', :state, '', 'enforce', 1, 1, 1.0, 1.0, 1.0, 1.0,
                                     :id, NULL, 0, :live)"""


def _body(name: object) -> str:
    event = {"id": "1", "source": "s", "type": "t", "subject": "web", "time": "", "severity": "info", "hosts": [], "dedup_key": "k", "data": {"name": name}}
    return json.dumps(event)


@pytest.fixture(name="store")
def _store(tmp_path):
    """Open what version 0.1.0 left: a waiting case that ran, a closed one about no host, names that SQLite cannot read, an event to look at."""
    connection = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    connection.executescript(f"{_FIRST}; PRAGMA user_version = 1; PRAGMA journal_mode = WAL")
    names = {1: "ServiceDown", 2: float("nan"), 3: "half \ud800 a pair", 4: 7}
    connection.executemany(_EVENT, [(number, str(number), _body(name), 1, None) for number, name in names.items()])
    connection.execute(_EVENT, (5, "5", _body("new"), 0, None))
    cases = {1: ("waiting", '["web-01", "web-02"]', 1), 2: ("resolved", "[]", 0), 3: ("open", '["web-01"]', 1), 4: ("exhausted", '["web-03"]', 1)}
    for number, (state, hosts, live) in cases.items():
        connection.execute(_CASE, {"id": number, "key": f"k{number}", "state": state, "hosts": hosts, "live": live})
        connection.execute("INSERT INTO history (case_id, time, to_state, why) VALUES (?, 1.0, 'open', 'it came')", (number,))
        connection.execute("UPDATE events SET case_id = ? WHERE id = ?", (number, number))
    for uuid, ended_at in (("u-1", 5.0), ("u-2", 7.0), ("u-3", None)):
        state = "planned" if ended_at is None else "ended"
        connection.execute("INSERT INTO dispatches VALUES (?, 1, '[\"web-01\"]', ?, '', 0, 1, 2.0, ?)", (uuid, state, ended_at))
        connection.execute("INSERT INTO dispatch_cases VALUES (?, ?)", (uuid, 3 if ended_at is None else 1))
    connection.close()
    store = SqliteStore(tmp_path / "store.db")
    yield store
    store.close()


def test_cases_get_their_names_waits_and_last_runs(store):
    cases = {case.id: case for case in store.run_now(lambda tx: tx.find_cases(CaseQuery()))}
    assert [cases[number].name for number in (1, 2, 3, 4)] == ["ServiceDown", "", "", ""]
    assert [cases[number].waits_for for number in (1, 2, 3, 4)] == [BACKOFF, "", "", ""]
    assert [cases[number].ran_at for number in (1, 2, 3, 4)] == [7.0, None, None, None]


def test_hosts_can_be_asked_for(store):
    assert [case.id for case in store.run_now(lambda tx: tx.find_cases(CaseQuery(hosts=("web-01",))))] == [3, 1]
    assert [case.id for case in store.run_now(lambda tx: tx.find_cases(CaseQuery(hosts=("localhost",))))] == [2]
    assert store.run_now(lambda tx: tx.count_unhealthy_hosts()) == 3
    assert store.run_now(lambda tx: tx.ready_cases(9.0, 9)) == [], "the host of both is in flight"


def test_a_dispatch_in_flight_is_taken_up(store):
    (dispatch,) = store.run_now(lambda tx: tx.unfinished_dispatches())
    assert (dispatch.uuid, dispatch.shares) == ("u-3", (Share(3, ("web-01",)),))
    assert [row.id for row in store.run_now(lambda tx: tx.unhandled_events(9))] == [5]


def test_it_can_be_written_and_forgotten(store):
    store.run_now(lambda tx: tx.note(1, "seen", by="ann", now=2.0))
    assert [row.by for row in store.run_now(lambda tx: tx.history(1))] == ["router", "ann"]
    assert store.run_now(lambda tx: tx.delete_before(2.0, 9)) == 1


def test_a_newer_schema_is_refused(store, tmp_path):
    store.close()
    connection = sqlite3.connect(tmp_path / "store.db")
    connection.execute("PRAGMA user_version = 999")
    connection.close()
    with pytest.raises(StoreError, match="schema 999"):
        SqliteStore(tmp_path / "store.db")


def test_migrations_are_numbered_without_gaps(tmp_path):
    assert [number for number, _sql in migrations()] == list(range(1, len(migrations()) + 1))
    (tmp_path / "0001_a.sql").write_text("")
    (tmp_path / "0003_b.sql").write_text("")
    with pytest.raises(ValueError, match="without gaps"):
        migrations(tmp_path)
