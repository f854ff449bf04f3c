# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a function has decided and SQLite has not been told: many changes of a case, and of many cases, become few statements.

Each statement gives the interpreter's lock away and has to get it back from a busy event loop. A storm is the same
few cases again and again: they are written once for all the events that were looked at together.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from functools import cache
from operator import attrgetter
from pathlib import Path

from ansible_collections.eventops.infra.plugins.plugin_utils.batches import batches

from ..values import Case
from . import words
from .case_columns import NAMES, case_statements, column

_SQL = case_statements(Path(__file__).with_suffix(".sql"))
_MOST_VALUES = 900  # SQLite before 3.32 takes 999 in one statement

# Not what a case is from its first day to its last.
_CHANGING = tuple(name for name in NAMES if name not in ("id", "dedup_key", "kind", "opened_at"))
_values = attrgetter(*_CHANGING)


class Unwritten:
    """Collect, and write on demand.

    :param execute: runs a statement with its values.
    :param has_words: the texts of cases are indexed.
    """

    def __init__(self, execute: Callable[[str, Sequence | dict], sqlite3.Cursor], has_words: bool) -> None:
        self._execute = execute
        self._has_words = has_words
        self._last_id = 0
        self._new: dict[int, Case] = {}
        self._changed: dict[int, tuple[Case, Case]] = {}  # as it is written, as it is to be
        self._history: list[tuple] = []
        self._handled: dict[int, int | None] = {}
        self._ended: list[tuple] = []
        self.is_empty = True

    def add(self, case_of: Callable[[int], Case]) -> Case:
        """Take a new case, which is made with its id."""
        # One connection writes: the next id is known without asking.
        self._last_id = (self._last_id or self._execute(_SQL["last_case"], ()).fetchone()[0]) + 1
        case = self._new[self._last_id] = case_of(self._last_id)
        self.is_empty = False
        return case

    def change(self, before: Case, after: Case) -> None:
        """Take a case as it is to be."""
        if after.id in self._new:
            self._new[after.id] = after
        else:
            written, _before = self._changed.get(after.id, (before, None))
            self._changed[after.id] = (written, after)
        self.is_empty = False

    def tell(self, *history: object) -> None:
        """Take a row of the history: case, time, from, to, why, by."""
        self._history.append(history)
        self.is_empty = False

    def handle(self, row: int, case_id: int | None) -> None:
        """Take an event that was looked at, and its case."""
        self._handled[row] = case_id
        self.is_empty = False

    def end(self, case: Case) -> None:
        """Take a case whose source is to hear that it has come to an end."""
        self._ended.append((case.child, case.id, case.event_row, case.state, case.reason, case.mode, case.attempt, case.updated_at))
        self.is_empty = False

    def discard(self) -> None:
        """Forget all of it: the function that decided it has failed."""
        self._last_id = 0
        self._clear()

    def write(self) -> None:
        """Write all of it, in the order in which SQLite's constraints hold at every step."""
        self._write_changes()
        new = self._new.values()
        self._insert("insert_cases", [[column(case, name) for name in NAMES] for case in new])
        self._insert("insert_hosts", [row for case in new for row in _hosts(case)])
        if self._has_words:
            for case in new:
                words.insert(self._execute, case)
        self._insert("insert_history", self._history)
        self._insert("insert_endings", self._ended)
        if self._handled:
            self._execute(_SQL["mark_handled"], {"cases": json.dumps(self._handled)})
        self._clear()

    def _clear(self) -> None:
        self._new.clear()
        self._changed.clear()
        self._history.clear()
        self._handled.clear()
        self._ended.clear()
        self.is_empty = True

    def _write_changes(self) -> None:
        # Those that live no more come first: another one may live in their place.
        for before, after in sorted(self._changed.values(), key=lambda change: change[1].live):
            names = [name for name, old, new in zip(_CHANGING, _values(before), _values(after)) if old != new]
            if names:
                self._execute(_update(tuple(names)), [*(column(after, name) for name in names), after.id])
            if self._has_words and words.text_of(after) != words.text_of(before):
                words.delete(self._execute, before)
                words.insert(self._execute, after)
            if after.hosts != before.hosts:
                self._execute(_SQL["delete_hosts"], (after.id,))
                self._insert("insert_hosts", _hosts(after))
            elif _is_unhealthy(after) != _is_unhealthy(before):
                self._execute(_SQL["update_unhealthy"], (_is_unhealthy(after), after.id))

    def _insert(self, name: str, rows: Sequence[Sequence]) -> None:
        if rows:
            for some in batches(rows, _MOST_VALUES // len(rows[0])):
                self._execute(_many(name, len(some), len(some[0])), [value for row in some for value in row])


@cache
def _update(names: tuple[str, ...]) -> str:
    return _SQL["update_case"].replace("{changes}", ", ".join(f"{name} = ?" for name in names))


@cache
def _many(name: str, rows: int, columns: int) -> str:
    row = f"({', '.join('?' * columns)})"
    return _SQL[name].replace("{rows}", ", ".join([row] * rows))


def _hosts(case: Case) -> list[tuple]:
    unhealthy = _is_unhealthy(case)
    return [(case.id, host, unhealthy) for host in dict.fromkeys(case.target_hosts)]


def _is_unhealthy(case: Case) -> bool:
    return case.live and case.kind == "incident" and bool(case.hosts)
