# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Group commit: one thread that owns the connection and commits what has gathered in one transaction.

With `synchronous=FULL` a commit waits for the disk, so the cost of a commit is shared by all functions that arrived
while the one before was being written.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from .batch import commit, is_everybodys
from .interface import Committed, Observed, StoreUnavailable
from .sqlite_transaction import SqliteTransaction
from .work import Work, answer

logger = logging.getLogger(__name__)

# More in one transaction gains nothing and makes the first of them wait.
_MOST_IN_A_COMMIT = 500


class GroupCommit:
    """Run functions on the connection's own thread, durable when their future is done.

    :param connect: opens the connection, on that thread.
    :param committed: see `interface.Store`.
    :param observed: see `interface.Store`.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection], committed: Committed | None = None, observed: Observed | None = None) -> None:
        self._committed = committed
        self._observed = observed
        self._queue: queue.SimpleQueue[Work | None] = queue.SimpleQueue()
        self._closing = threading.Lock()
        self._closed = False
        opened: Future = Future()
        self._thread = threading.Thread(target=self._serve, args=(connect, opened), name="eventops-store", daemon=True)
        self._thread.start()
        opened.result()  # an error while opening is the caller's

    def run(self, function: Callable[[SqliteTransaction], object]) -> asyncio.Future:
        """Queue a function; the future of the running loop has its result once that is durable, or the exception."""
        loop = asyncio.get_running_loop()
        return self._put(Work(function, loop.create_future(), loop))

    def run_now(self, function: Callable[[SqliteTransaction], object]) -> Future:
        """Do the same with a future that a thread can wait for."""
        return self._put(Work(function, Future(), None))

    def close(self) -> None:
        """Commit what was submitted and close the connection."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self._queue.put(None)
        self._thread.join()

    def _put(self, work: Work) -> asyncio.Future | Future:
        with self._closing:
            if self._closed:
                raise StoreUnavailable("the store is closed: the router is stopping")
            self._queue.put(work)
        return work.future

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
            # A function whose caller has gone away by now is not run.
            if wanted := [work for work in batch if work.is_wanted()]:
                self._commit(connection, transaction, wanted)
        connection.close()

    def _commit(self, connection: sqlite3.Connection, transaction: SqliteTransaction, works: Sequence[Work]) -> None:
        began, before = time.perf_counter(), connection.total_changes
        try:
            commit(connection, transaction, works)
        except Exception as error:  # whatever it is, this thread goes on
            logger.error("the store could not commit %d transaction(s): %s", len(works), error)
            for work in works:
                work.failure = _refusal(error)
        else:
            if connection.total_changes != before and self._observed is not None:
                self._tell(self._observed, time.perf_counter() - began, len(works))
            if transaction.changes and self._committed is not None:
                self._tell(self._committed, transaction.changes)
        transaction.changes = []
        answer(works)

    def _tell(self, observer: Callable, *what: object) -> None:
        try:
            observer(*what)
        except Exception:  # who watches cannot harm who is watched
            logger.exception("what was committed is in the store, but its observer could not be told")


def _refusal(error: Exception) -> Exception:
    if is_everybodys(error):
        return StoreUnavailable(f"the store could not commit: {error}. Free disk space or repair it; senders may retry")
    return error
