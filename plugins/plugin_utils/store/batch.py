# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A batch of functions as one transaction of SQLite, of which each happens wholly or not at all.

Senders wait for this. Each statement gives the interpreter's lock away, and has to get it back from a busy event loop, so there are as
few statements as possible: accepted events become one, which is a transaction by itself where there is nothing else, and a function
that is alone has no savepoint.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import suppress

from .interface import Accept
from .rows.events import MOST_AT_ONCE
from .sqlite_transaction import SqliteTransaction
from .work import Work

# What a function is to blame for. Any other error of the database, such as a full disk, is everybody's.
_OF_THE_FUNCTION = (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.DataError, sqlite3.NotSupportedError)


def commit(connection: sqlite3.Connection, transaction: SqliteTransaction, works: Sequence[Work]) -> None:
    """Run functions and commit them together; each work has its result or its failure afterwards.

    Raises what SQLite raised when nothing of it happened.
    """
    accepts = [work for work in works if isinstance(work.function, Accept)]
    others = [work for work in works if not isinstance(work.function, Accept)]
    try:
        try:
            _commit(connection, transaction, accepts, others)
        except Exception as error:
            if is_everybodys(error) or len(works) == 1:
                raise
            # Events that cannot be kept must not keep others out: now each by itself.
            _end(connection, transaction)
            _commit(connection, transaction, [], works)
    except Exception:
        _end(connection, transaction)
        raise


def is_everybodys(error: Exception) -> bool:
    """Tell whether an error says that the database cannot be written, whatever is to be written."""
    return isinstance(error, sqlite3.DatabaseError) and not isinstance(error, _OF_THE_FUNCTION)


def _commit(connection: sqlite3.Connection, transaction: SqliteTransaction, accepts: Sequence[Work], others: Sequence[Work]) -> None:
    if len(others) > 1 or sum(len(work.function.events) for work in accepts) > MOST_AT_ONCE:
        connection.execute("BEGIN IMMEDIATE")
        for work in others:
            _run_in_savepoint(connection, transaction, work)
        _accept(transaction, accepts)
        connection.execute("COMMIT")
    elif not others:
        _accept(transaction, accepts)
    else:
        connection.execute("BEGIN IMMEDIATE")
        if _run(connection, transaction, others[0]):
            _accept(transaction, accepts)
            connection.execute("COMMIT")
        else:
            connection.execute("ROLLBACK")
            _accept(transaction, accepts)


def _end(connection: sqlite3.Connection, transaction: SqliteTransaction) -> None:
    transaction.changes.clear()
    transaction.undo()
    with suppress(sqlite3.Error):
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _run_in_savepoint(connection: sqlite3.Connection, transaction: SqliteTransaction, work: Work) -> None:
    connection.execute("SAVEPOINT one")
    if not _run(connection, transaction, work):
        connection.execute("ROLLBACK TO one")
    connection.execute("RELEASE one")


def _run(connection: sqlite3.Connection, transaction: SqliteTransaction, work: Work) -> bool:
    """Run a function; tell whether it returned. One that raised is to be undone."""
    transaction.begin()
    told = len(transaction.changes)
    try:
        work.result = work.function(transaction)
        transaction.write()
        work.failure = None
    except Exception as error:
        if is_everybodys(error) or not connection.in_transaction:
            raise
        work.failure = error
        transaction.undo()
        del transaction.changes[told:]
    return work.failure is None


def _accept(transaction: SqliteTransaction, works: Sequence[Work]) -> None:
    """Keep the events of all works at once."""
    if not works:
        return
    rows = transaction.insert_events([event for work in works for event in work.function.events])
    start = 0
    for work in works:
        end = start + len(work.function.events)
        work.result = rows[start:end]
        start = end
