# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What all rows are read and written with: the connection, the statements, and the changes that observers are told."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from ..values import Case, Change

_SURROGATES = re.compile("[\ud800-\udfff]")


class Connected:
    """The part of a transaction that its subjects share; who begins and commits is group_commit.py.

    Beside the connection it holds what is known of the function that runs: `changes` are told after the commit, and cases that
    it has read or written are remembered, since nobody else can change them meanwhile.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.changes: list[Change] = []
        self._known_cases: dict[int, Case] = {}
        self._known_live: dict[str, Case | None] = {}

    def forget(self) -> None:
        """Forget what the last function read: before each one, because what was undone must not be remembered."""
        self._known_cases.clear()
        self._known_live.clear()

    def _do(self, sql: str, values: Sequence | Mapping = ()) -> sqlite3.Cursor:
        try:
            return self._connection.execute(sql, values)
        except UnicodeEncodeError:
            # Half a surrogate pair out of a sender's text. The event has it as it came; a name or a reason can do without.
            return self._connection.execute(sql, _writable(values))

    def _do_all(self, sql: str, rows: Iterable[Sequence]) -> None:
        self._connection.executemany(sql, rows)

    def _one(self, sql: str, what: str, key: object) -> Sequence:
        row = self._do(sql, (key,)).fetchone()
        if row is None:
            raise KeyError(f"the store has no {what} {key}")
        return row


def _writable(values: Sequence | Mapping) -> Sequence | Mapping:
    if isinstance(values, Mapping):
        return {name: _text(value) for name, value in values.items()}
    return [_text(value) for value in values]


def _text(value: object) -> object:
    return _SURROGATES.sub("\ufffd", value) if isinstance(value, str) else value
