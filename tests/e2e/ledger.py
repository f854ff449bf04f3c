# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Look into a router's store while the router runs: it lets no other process open the file, so a copy is read."""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path

from ansible_collections.eventops.infra.tests.e2e.waiting import wait_until


class Ledger:
    """The rows of a store as dictionaries; `hosts` and `body` are read as JSON."""

    def __init__(self, store: Path) -> None:
        self.store = store

    def cases(self, **where: object) -> list[dict]:
        """List cases, oldest first, that have the given values."""
        return self._rows("SELECT * FROM cases ORDER BY id", where)

    def events(self, **where: object) -> list[dict]:
        return self._rows("SELECT * FROM events ORDER BY id", where)

    def history(self, case_id: int) -> list[dict]:
        return self._rows("SELECT * FROM history ORDER BY id", {"case_id": case_id})

    def states(self, case_id: int) -> list[str]:
        """List the states that a case went through; a note of a playbook is no state."""
        return [row["to_state"] for row in self.history(case_id) if row["to_state"] != row["from_state"]]

    def dispatches(self, **where: object) -> list[dict]:
        return self._rows("SELECT * FROM dispatches ORDER BY planned_at", where)

    def executions(self, **where: object) -> list[dict]:
        return self._rows("SELECT * FROM executions ORDER BY started_at, host", where)

    def wait_for(self, condition: Callable[[Ledger], object], what: str, timeout_seconds: float = 60) -> object:
        """Wait until a condition on this ledger holds, and return its value."""
        return wait_until(lambda: condition(self), what, timeout_seconds, lambda: json.dumps(self.cases(), indent=1)[-4000:])

    def _rows(self, query: str, where: dict) -> list[dict]:
        rows = [_read_json(row) for row in self._query(query)]
        return [row for row in rows if all(row[key] == value for key, value in where.items())]

    def _query(self, query: str) -> list[dict]:
        if not self.store.exists():
            return []
        for attempt in range(20):
            with tempfile.TemporaryDirectory() as folder:
                try:
                    copy = self._copy(Path(folder))
                    connection = sqlite3.connect(copy)
                    connection.row_factory = sqlite3.Row
                    try:
                        return [dict(row) for row in connection.execute(query)]
                    finally:
                        connection.close()
                except (sqlite3.Error, FileNotFoundError):  # the writer was faster than the copy
                    if attempt == 19:
                        raise
        return []

    def _copy(self, folder: Path) -> Path:
        # The log last: a log that is newer than the file is what SQLite recovers from, the other way round it is not.
        for path in (self.store, self.store.with_name(self.store.name + "-wal")):
            if path.exists():
                shutil.copy(path, folder)
        return folder / self.store.name


def _read_json(row: dict) -> dict:
    return {key: json.loads(value) if key in ("hosts", "body") else value for key, value in row.items()}
