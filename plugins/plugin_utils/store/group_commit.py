# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Group commit: one thread that owns the connection and commits what has gathered in one transaction.

With `synchronous=FULL` a commit waits for the disk, so the cost of a commit is shared by all functions that arrived
while the one before was being written. Each function has a savepoint of its own: one that raises undoes only itself.
"""

from __future__ import annotations

import logging
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress

from .interface import Committed, StoreUnavailable
from .sqlite_transaction import SqliteTransaction

logger = logging.getLogger(__name__)

# More in one transaction gains nothing and makes the first of them wait.
_MOST_IN_A_COMMIT = 500

_Work = tuple[Callable[[SqliteTransaction], object], Future]


class GroupCommit:
    """Run functions on the connection's own thread, durable when their future is done.

    :param connect: opens the connection, on that thread.
    :param committed: is called there after each commit with its changes, if there are any.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection], committed: Committed | None = None) -> None:
        self._committed = committed
        self._queue: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        self._closing = threading.Lock()
        self._closed = False
        opened: Future = Future()
        self._thread = threading.Thread(target=self._serve, args=(connect, opened), name="eventops-store", daemon=True)
        self._thread.start()
        opened.result()  # an error while opening is the caller's

    def submit(self, function: Callable[[SqliteTransaction], object]) -> Future:
        """Queue a function; its future has the result once it is durable, or the exception."""
        future: Future = Future()
        with self._closing:
            if self._closed:
                raise StoreUnavailable("the store is closed: the router is stopping")
            self._queue.put((function, future))
        return future

    def close(self) -> None:
        """Commit what was submitted and close the connection."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self._queue.put(None)
        self._thread.join()

    def _serve(self, connect: Callable[[], sqlite3.Connection], opened: Future) -> None:
        try:
            connection = connect()
        except BaseException as error:  # handed over to the thread that waits for it
            opened.set_exception(error)
            return
        opened.set_result(None)
        transaction = SqliteTransaction(connection)
        open_for_work = True
        while open_for_work:
            batch = [self._queue.get()]
            while len(batch) < _MOST_IN_A_COMMIT and not self._queue.empty():
                batch.append(self._queue.get())
            if batch[-1] is None:
                open_for_work = False
                batch.pop()
            # A function whose caller has gone away by now is not run; from here on it can't be cancelled.
            _commit(connection, transaction, [work for work in batch if work[1].set_running_or_notify_cancel()])
            self._tell(transaction)
        connection.close()

    def _tell(self, transaction: SqliteTransaction) -> None:
        changes, transaction.changes = transaction.changes, []
        if changes and self._committed is not None:
            try:
                self._committed(changes)
            except Exception:  # who watches cannot harm who is watched
                logger.exception("%d change(s) are in the store, but could not be told to its observers", len(changes))


def _commit(connection: sqlite3.Connection, transaction: SqliteTransaction, batch: list[_Work]) -> None:
    results: list[tuple[Future, object, BaseException | None]] = []
    try:
        connection.execute("BEGIN IMMEDIATE")
        for function, future in batch:
            results.append((future, *_try(connection, transaction, function)))
        connection.execute("COMMIT")
    except Exception as error:  # whatever it is, this thread goes on
        _roll_back(connection)
        transaction.changes.clear()
        logger.error("the store could not commit %d transaction(s): %s", len(batch), error)
        lost = StoreUnavailable(f"the store could not commit: {error}. Free disk space or repair it; senders may retry")
        for _function, future in batch:
            future.set_exception(lost)
        return
    for future, result, failure in results:
        if failure is None:
            future.set_result(result)
        else:
            future.set_exception(failure)


def _roll_back(connection: sqlite3.Connection) -> None:
    with suppress(sqlite3.Error):
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _try(connection: sqlite3.Connection, transaction: SqliteTransaction, function) -> tuple[object, BaseException | None]:
    connection.execute("SAVEPOINT one")
    transaction.forget()
    told = len(transaction.changes)
    try:
        result, failure = function(transaction), None
    except Exception as error:
        # A full disk or an I/O error ends the whole transaction, so then it is everybody's.
        if isinstance(error, sqlite3.OperationalError) or not connection.in_transaction:
            raise
        result, failure = None, error
        del transaction.changes[told:]
        connection.execute("ROLLBACK TO one")
    connection.execute("RELEASE one")
    return result, failure
