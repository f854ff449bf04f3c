# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which cases hold a text: an index of every three letters in a row, where this SQLite can keep one (FTS5 with trigrams, 3.34).

Where it cannot, cases are looked through one by one. A store that was written without the index gets it when it is opened with one.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

from ..statements import statements
from ..values import Case

_SQL = statements(Path(__file__).with_suffix(".sql"))
_LETTERS = 3
_MOST_TERMS = 200
_UNFIT = re.compile("[\0\ud800-\udfff]")  # NUL ends an expression of FTS5, half a surrogate pair cannot be written


def keep_words(connection: sqlite3.Connection) -> None:
    """See to it that the index is there and complete, or that it is known not to be. Raises sqlite3.Error."""
    (has_words,) = connection.execute(_SQL["has_words"]).fetchone()
    can = _can_keep(connection)
    if bool(has_words) == can:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        if can:
            connection.execute(_SQL["drop"])
            connection.execute(_SQL["create"])
            connection.execute(_SQL["fill"])
        connection.execute(_SQL["note"], (can,))
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def has_words(connection: sqlite3.Connection) -> bool:
    """Tell whether the index is there."""
    return bool(connection.execute(_SQL["has_words"]).fetchone()[0])


def text_of(case: Case) -> str:
    """Return what of a case can be found."""
    return f"{case.name}\n{case.subject}\n{case.dedup_key}"


def insert(execute: Callable[[str, Sequence], object], case: Case) -> None:
    """Add a case."""
    execute(_SQL["insert"], (case.id, text_of(case)))


def delete(execute: Callable[[str, Sequence], object], case: Case) -> None:
    """Remove a case, which is as it was when it was added."""
    execute(_SQL["delete"], (case.id, text_of(case)))


def matching(connection: sqlite3.Connection, text: str) -> str | None:
    """Return the expression that finds the cases with a text, and some without it; None when that is no shorter way."""
    if _UNFIT.search(text):
        return None
    if len(text) >= _LETTERS:
        terms = [text[start : start + _LETTERS] for start in range(len(text) - _LETTERS + 1)]
        return " AND ".join(_quoted(term) for term in dict.fromkeys(terms))
    connection.execute(_SQL["look_at_terms"])
    found = [term for (term,) in connection.execute(_SQL["terms"], (text.lower(), _MOST_TERMS))]
    if len(found) == _MOST_TERMS:
        return None  # it is everywhere
    return " OR ".join(_quoted(term) for term in found) or '""'


def literal(text: str) -> str:
    r"""Escape what LIKE takes for a pattern, with \ as the escape."""
    return text.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")


def _quoted(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'


def _can_keep(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("CREATE VIRTUAL TABLE temp.words_trial USING fts5(text, content = '', tokenize = 'trigram', detail = 'none')")
    except sqlite3.OperationalError:
        return False
    connection.execute("DROP TABLE temp.words_trial")
    return True
