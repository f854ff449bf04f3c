# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A store with more than a million old rows: how large it is, what it costs a new event, and what senders feel while retention empties it."""

from __future__ import annotations

import sqlite3
import statistics
import time
from dataclasses import asdict
from pathlib import Path

from .contestants import Contestant
from .history import OLD, count_rows, decision_seconds, write_history
from .load import Alerts, needs_wrk, send
from .results import Table, milliseconds, publish, seconds

OLD_CASES, HOSTS = 125_000, 200  # eight rows a case
NEW_ALERTS = 200
STEADY = {"connections": 100, "pause_seconds": 1.0}  # a hundred posts a second
WATCHED_SECONDS = 20
RULES = [{"name": "Take", "condition": 'event.payload.alert == "Taken"', "action": {"none": {}}}]
POLICY = {"max_unhealthy": "100%"}


@needs_wrk
def test_history(directory, env):
    new, old = directory / "new.db", directory / "old.db"
    decisions = {"a new store": decision_seconds(new, NEW_ALERTS, hosts=HOSTS)}
    began = time.monotonic()
    write_history(old, OLD_CASES, hosts=HOSTS)
    made_in = time.monotonic() - began
    rows, size = count_rows(old), old.stat().st_size
    decisions["the old rows"] = decision_seconds(old, NEW_ALERTS, hosts=HOSTS)
    contestant = Contestant(directory / "router", env, RULES, playbooks={}, hosts=HOSTS, router={"policy": {"max_unhealthy": "100%"}, "retention": "1h"})
    old.rename(contestant.store)
    try:
        contestant.start()
        time.sleep(5)  # Java compiles
        answers = send(contestant.port, Alerts("Taken", hosts=HOSTS, keys=1000), seconds=WATCHED_SECONDS, **STEADY)
        contestant.rulebook.stop()
    finally:
        contestant.close()
    left = _old_cases(contestant.store)
    table = Table(f"A store with {sum(rows.values()):,} old rows ({OLD_CASES:,} cases)", ["", ""])
    table.rows.append(["size", f"{size / 2**20:,.0f} MiB, {size / OLD_CASES:,.0f} bytes a case"])
    for name, taken in decisions.items():
        waits = f"p50 {milliseconds(statistics.median(taken))}, p95 {milliseconds(_p95(taken))}"
        table.rows.append([f"from the event on disk to its dispatch on disk, {name}", waits])
    table.rows.append(["sender's wait at 100 a second while retention deletes", f"p50 {milliseconds(answers.p50)}, p99 {milliseconds(answers.p99)}"])
    table.rows.append([f"old cases deleted in these {WATCHED_SECONDS} s", f"{OLD_CASES - left:,} of {OLD_CASES:,}"])
    table.notes.append(f"The rows were written through the store in {seconds(made_in)}. A decision is three transactions, each on disk before the next.")
    figures = {"rows": rows, "store_bytes": size, "decision_seconds": decisions, "while_deleting": asdict(answers), "deleted_cases": OLD_CASES - left}
    publish("history", figures, table)


def _old_cases(store: Path) -> int:
    connection = sqlite3.connect(store)
    try:
        return connection.execute("SELECT count(*) FROM cases WHERE name = ?", (OLD,)).fetchone()[0]
    finally:
        connection.close()


def _p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]
