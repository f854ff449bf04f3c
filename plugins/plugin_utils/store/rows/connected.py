# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What all rows are read and written with: the connection, and what is known and decided but not yet in it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from ..values import Change
from .known_cases import KnownCases
from .unwritten import Unwritten
from .words import has_words

_SURROGATES = re.compile("[\ud800-\udfff]")


class Connected:
    """The part of a transaction that its subjects share; who begins and commits is batch.py.

    `changes` are what observers are told after the commit.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.changes: list[Change] = []
        self._known = KnownCases()
        self.has_words = has_words(connection)
        self._unwritten = Unwritten(self._execute, self.has_words)

    def begin(self) -> None:
        """Get ready for a function."""
        self._known.shrink()

    def write(self) -> None:
        """Write what a function has decided."""
        if not self._unwritten.is_empty:
            self._unwritten.write()

    def undo(self) -> None:
        """Forget what functions have decided and read: it has not happened."""
        self._unwritten.discard()
        self._known.clear()

    def taken_changes(self) -> list[Change]:
        """Return the changes that were committed, and begin to collect anew."""
        changes, self.changes = self.changes, []
        return changes

    def _do(self, sql: str, values: Sequence | Mapping = ()) -> sqlite3.Cursor:
        """Run a statement, on all that was decided before."""
        if not self._unwritten.is_empty:
            self._unwritten.write()
        return self._execute(sql, values)

    def _do_all(self, sql: str, rows: Iterable[Sequence | Mapping]) -> None:
        self.write()
        self._connection.executemany(sql, rows)

    def _execute(self, sql: str, values: Sequence | Mapping) -> sqlite3.Cursor:
        try:
            return self._connection.execute(sql, values)
        except UnicodeEncodeError:
            # Half a surrogate pair out of a sender's text. The event has it as it came; a name or a reason can do without.
            self._known.clear()
            return self._connection.execute(sql, _writable(values))


def _writable(values: Sequence | Mapping) -> Sequence | Mapping:
    if isinstance(values, Mapping):
        return {name: _text(value) for name, value in values.items()}
    return [_text(value) for value in values]


def _text(value: object) -> object:
    return writable_text(value) if isinstance(value, str) else value


def writable_text(text: str) -> str:
    """Replace what no database takes."""
    return _SURROGATES.sub("\ufffd", text)
