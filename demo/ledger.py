# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a router has written down: the rows of its store, and the runs that are under way.

The router lets no other process open its store, so a copy is read.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

_TRIES = 20
_LOG_HEADER_BYTES = 32  # SQLite's file format, section 4.1: its salts change when the log is begun anew
_QUERIES = {
    "events": "SELECT * FROM events ORDER BY id",
    "cases": "SELECT * FROM cases ORDER BY id",
    "history": "SELECT * FROM history ORDER BY id",
    "dispatches": "SELECT dispatches.*, case_id FROM dispatches JOIN dispatch_cases ON dispatch = uuid ORDER BY planned_at",
    "executions": "SELECT * FROM executions ORDER BY started_at, host",
}


class Row(SimpleNamespace):
    """A row of the store; its fields are the table's columns."""


@dataclass(frozen=True)
class Records:
    """All rows of a store at one moment. Times are seconds since the epoch."""

    events: tuple[Row, ...] = ()
    cases: tuple[Row, ...] = ()
    history: tuple[Row, ...] = ()
    dispatches: tuple[Row, ...] = ()
    executions: tuple[Row, ...] = ()

    def case(self, type_: str, about: str) -> Row | None:
        """Return the latest case of a type about a host or another subject."""
        return next((case for case in reversed(self.cases) if case.type == type_ and about in (*case.hosts, case.subject)), None)

    def story(self, case: Row) -> list[Row]:
        """Return the changes of state of a case."""
        return [row for row in self.history if row.case_id == case.id and row.from_state != row.to_state]

    def attempts(self, case: Row) -> list[Row]:
        """Return the dispatches of a case, oldest first."""
        return [dispatch for dispatch in self.dispatches if dispatch.case_id == case.id]

    def runs(self, case: Row) -> list[Row]:
        """Return what the playbooks of a case did, a row per run and host."""
        dispatches = {dispatch.uuid for dispatch in self.attempts(case)}
        return [run for run in self.executions if run.dispatch in dispatches]

    def event(self, case: Row) -> Row:
        """Return the event that opened a case."""
        return next(event for event in self.events if event.case_id == case.id)

    def reached(self, case: Row, state: str) -> float | None:
        """Return when a case first came into a state."""
        return next((row.time for row in self.story(case) if row.to_state == state), None)


class Ledger:
    """The store at a path, which may not exist yet."""

    def __init__(self, store: Path) -> None:
        self.store = store

    def read(self) -> Records:
        """Return all rows as they are now."""
        for left in reversed(range(_TRIES)):
            try:
                return self._read()
            except (sqlite3.Error, FileNotFoundError):  # the writer was faster than the copy
                if not left:
                    raise
        return Records()

    def under_way(self, dispatch: Row) -> list[int]:
        """Return the process ids of the playbooks of a dispatch that have begun and not ended, from what the callback writes beside the store."""
        directory = self.store.with_name(self.store.name + ".d") / "executions"
        runs = [(path.name.split(".")[1], path.read_text(encoding="utf-8")) for path in directory.glob(f"{dispatch.uuid}.*")]
        return [int(pid) for pid, lines in runs if '"started"' in lines and '"ended"' not in lines]

    def _read(self) -> Records:
        if not self.store.exists():
            return Records()
        with tempfile.TemporaryDirectory() as folder:
            connection = sqlite3.connect(self._copy(Path(folder)))
            connection.row_factory = sqlite3.Row
            try:
                if not connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'executions'").fetchone()[0]:
                    return Records()  # it is only just being made
                return Records(**{name: tuple(map(_row, connection.execute(query))) for name, query in _QUERIES.items()})
            finally:
                connection.close()

    def _copy(self, folder: Path) -> Path:
        # The log after the file: SQLite recovers from a log that is newer, unless it was begun anew in between.
        log = self.store.with_name(self.store.name + "-wal")
        before = _beginning(log)
        shutil.copy(self.store, folder)
        if log.exists():
            shutil.copy(log, folder)
        if before != _beginning(folder / log.name):
            raise sqlite3.DatabaseError("the log was begun anew during the copy")
        return folder / self.store.name


def _beginning(log: Path) -> bytes:
    try:
        with open(log, "rb") as file:
            return file.read(_LOG_HEADER_BYTES)
    except FileNotFoundError:
        return b""


def _row(row: sqlite3.Row) -> Row:
    return Row(**{key: json.loads(row[key]) if key in ("hosts", "body") else row[key] for key in row.keys()})  # noqa: SIM118
