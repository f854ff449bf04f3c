# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the router asks all the time reads no table from end to end: with a million old cases each such question would be a pause.

Nothing is analysed (ANALYZE): a store must be fast from its first day, and however it grows.
"""

from __future__ import annotations

import re

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import accept
from ansible_collections.eventops.infra.plugins.plugin_utils.store.rows import search
from ansible_collections.eventops.infra.plugins.plugin_utils.store.sqlite import SqliteStore
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import FINAL, STORM, UNFINISHED, CaseQuery

from .promises.examples import add_case, add_dispatch, an_event

# Indexes that hold only what waits for something, or fails now: going through one of them is going through what there is to do.
_OF_THE_PRESENT = {
    "cases_alike",
    "cases_due",
    "cases_lifted",
    "cases_live",
    "cases_ready",
    "cases_standing",
    "cases_unfinished",
    "dispatches_unfinished",
    "events_unhandled",
    "hosts_unhealthy",
    "pauses_holding",
}
_SMALL = {"storm", "identity", "followers", "case_words", "case_terms"}


@pytest.fixture(name="store")
def _store(tmp_path):
    store = SqliteStore(tmp_path / "store.db")
    store.run_now(lambda tx: tx.follow("netbox"))
    store.run_now(lambda tx: add_case(tx, 70, child="netbox", state="resolved", live=False))
    store.run_now(lambda tx: add_dispatch(tx, "u-1", *(add_case(tx, number) for number in range(3))))
    yield store
    store.close()


def reads_whole_tables(store, function) -> list[str]:
    """Run a function; return the steps of its statements that go through a whole table."""
    statements: list[str] = []
    plans: list[tuple[str, str]] = []

    def watched(tx):
        tx._connection.set_trace_callback(statements.append)
        function(tx)
        tx.write()
        tx._connection.set_trace_callback(None)
        for sql in {each for each in statements if re.match(r"(SELECT|INSERT|UPDATE|DELETE|WITH)\b", each)}:
            plans.extend((step[3], sql) for step in tx._connection.execute(f"EXPLAIN QUERY PLAN {sql}"))

    store.run_now(watched)
    assert plans, "nothing was asked"
    return [f"{step} in {sql}" for step, sql in plans if _is_whole_table(step)]


def _is_whole_table(step: str) -> bool:
    scan = re.match(r"SCAN (\S+)(?: USING (?:COVERING )?INDEX (\w+))?", step)
    if scan is None:
        return False
    table, index = scan.groups()
    is_made_on_the_way = table.startswith(("(", "json_each", "busy")) or "VIRTUAL TABLE" in step or "CONSTANT ROW" in step
    return not is_made_on_the_way and index not in _OF_THE_PRESENT and table not in _SMALL


def a_case(tx):
    return tx.case(1)


@pytest.mark.parametrize(
    "function",
    [
        lambda tx: tx.unhandled_events(200),
        lambda tx: tx.event(1),
        lambda tx: tx.events_of(1, 10),
        lambda tx: tx.event_sizes_of(1, 10),
        accept([an_event(50), an_event(1)], child="monitors", received_at=1.0),
        lambda tx: tx.mark_all_handled([(1, 1), (2, 1)]),
        lambda tx: tx.live_case("some key"),
        lambda tx: tx.history(1),
        lambda tx: tx.ready_cases(1.0, 200),
        lambda tx: tx.ready_cases(1.0, 200, types="case."),
        lambda tx: tx.ready_cases(1.0, 200, like=a_case(tx)),
        lambda tx: tx.lifted_cases(STORM, 200),
        lambda tx: tx.overdue_cases(1.0, 50),
        lambda tx: tx.expired_approvals(1.0, 50),
        lambda tx: tx.next_due(1.0),
        lambda tx: tx.unfinished_cases(),
        lambda tx: tx.count_unfinished(),
        lambda tx: tx.oldest_waiting(),
        lambda tx: tx.count_unhealthy_hosts(),
        lambda tx: tx.open_hosts(),
        lambda tx: tx.last_run("some key", but=1),
        lambda tx: tx.dispatch("u-1"),
        lambda tx: tx.unfinished_dispatches(),
        lambda tx: tx.dispatches_of(1),
        lambda tx: tx.executions("u-1"),
        lambda tx: tx.pauses(1.0),
        lambda tx: tx.storm(),
        lambda tx: tx.delete_before(1e9, 10),
        lambda tx: tx.remember("netbox", {"a": "1", "b": None}),
        lambda tx: tx.recall("netbox", "seen/", after="seen/1", limit=9),
        lambda tx: tx.finished("netbox", 100, 7),
        lambda tx: tx.forget_finished("netbox", [1, 2]),
        lambda tx: tx.recall_keys("netbox", ["a", "b"]),
        lambda tx: add_case(tx, 60),
    ],
)
def test_the_router_reads_no_whole_table(store, function):
    assert reads_whole_tables(store, function) == []


_RARE = [
    {"ids": (1, 2)},
    {"names": ("ServiceDown",)},
    {"types": ("alert.firing",)},
    {"hosts": ("web-01",)},
    {"dedup_keys": ("some key",)},
    {"updated_after": 1.0},
    {"live": True},
    {"text": "web-01"},
]
_COMMON = [
    {},
    {"states": ("resolved",)},
    {"states": tuple(UNFINISHED)},
    {"states": tuple(FINAL), "kinds": ("incident",)},
    {"kinds": ("request", "change")},
    {"severities": ("info",)},
    {"names": ("ServiceDown", "DiskFull")},
    {"types": ("alert.firing",), "live": False},
    {"states": ("resolved",), "without_types": "case."},
]


@pytest.mark.parametrize("fields", _RARE)
def test_what_few_cases_have_is_looked_for_among_those(store, fields):
    assert reads_whole_tables(store, lambda tx: tx.find_cases(CaseQuery(**fields))) == []


@pytest.mark.parametrize("fields", _COMMON)
def test_what_many_cases_have_is_found_by_its_newest(store, fields, monkeypatch):
    monkeypatch.setattr(search, "_FEW", 0)  # as if each were more than a few
    expected = ["SCAN c"] if not fields else []  # in the order of the newest, up to the limit
    assert [found.split(" in ")[0] for found in reads_whole_tables(store, lambda tx: tx.find_cases(CaseQuery(**fields)))] == expected
