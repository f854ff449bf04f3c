# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Group commit: one thread that owns the file and commits what has gathered in one transaction.

With `synchronous=FULL` a commit waits for the disk, so the cost of a commit is shared by all functions that arrived
while the one before was being written.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from .batch import commit, is_everybodys
from .file.store_file import TRY_SECONDS, StoreFile
from .interface import Accept, Committed, Observed, StoreUnavailable
from .keep import Keep
from .sqlite_transaction import SqliteTransaction
from .values import Change
from .work import Work, answer

logger = logging.getLogger(__name__)

# More in one transaction gains nothing and makes the first of them wait.
_MOST_IN_A_COMMIT = 500
# What may be done twice, because the second time it is known.
_OF_SENDERS = (Accept, Keep)
_CLOSED = "the store is closed: the router is stopping"


@dataclass(frozen=True)
class _Commit:
    """What was committed, before anybody is told."""

    works: Sequence[Work]
    changes: Sequence[Change]
    seconds: float
    has_written: bool


class GroupCommit:
    """Run functions on the file's own thread, durable when their future is done.

    :param open_file: opens the file, on that thread.
    :param committed: see `interface.Store`.
    :param observed: see `interface.Store`.
    """

    def __init__(self, open_file: Callable[[], StoreFile], committed: Committed | None = None, observed: Observed | None = None) -> None:
        self._committed = committed
        self._observed = observed
        self._queue: queue.SimpleQueue[Work | None] = queue.SimpleQueue()
        self._closing = threading.Lock()
        self._closed = False
        self._held: list[_Commit] = []
        opened: Future = Future()
        self._thread = threading.Thread(target=self._serve, args=(open_file, opened), name="eventops-store", daemon=True)
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
        """Commit what was submitted and close the file."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self._queue.put(None)
        self._thread.join()

    def _put(self, work: Work) -> asyncio.Future | Future:
        with self._closing:
            if self._closed:
                raise StoreUnavailable(_CLOSED)
            self._queue.put(work)
        return work.future

    def _serve(self, open_file: Callable[[], StoreFile], opened: Future) -> None:
        try:
            file = open_file()
        except BaseException as error:  # handed over to the thread that waits for it
            opened.set_exception(error)
            return
        opened.set_result(None)
        open_for_work = True
        while open_for_work:
            batch = self._batch()
            if batch and batch[-1] is None:
                open_for_work = False
                batch.pop()
            # A function whose caller has gone away by now is not run.
            works = [work for work in batch if work.is_wanted()]
            try:
                if works:
                    self._commit(file, works)
                file.rest(idle=not works)
                if self._held:
                    self._settle_held(file)
            except Exception as error:  # whatever it is, this thread goes on
                logger.exception("the store goes on after a mistake of its own")
                _fail([work for work in works if not work.future.done()], StoreUnavailable(f"the store failed: {error}"))
        file.close()
        self._settle_held(file, is_last=True)

    def _batch(self) -> list[Work | None]:
        """Wait for work, for so long as the file needs nothing."""
        try:
            batch = [self._queue.get(timeout=TRY_SECONDS)]
        except queue.Empty:
            return []
        while len(batch) < _MOST_IN_A_COMMIT and not self._queue.empty():
            batch.append(self._queue.get())
        return batch

    def _commit(self, file: StoreFile, works: Sequence[Work]) -> None:
        try:
            file.ready()
            began, before = time.perf_counter(), file.connection.total_changes
            commit(file.connection, file.transaction, works)
        except Exception as error:
            _fail(works, file.failed(error) if is_everybodys(error) else error)
            return
        done = _Commit(works, file.transaction.taken_changes(), time.perf_counter() - began, file.connection.total_changes != before)
        if done.has_written and not file.confirm():
            self._held.append(self._without_senders(done))
        else:
            self._tell(done)

    def _without_senders(self, done: _Commit) -> _Commit:
        """Send senders away from a commit that is in no file that lasts: they come again. All others wait, since they must not do a thing twice."""
        _fail([work for work in done.works if isinstance(work.function, _OF_SENDERS)], StoreUnavailable("the store has lost its file"))
        return _Commit([work for work in done.works if not isinstance(work.function, _OF_SENDERS)], done.changes, done.seconds, True)

    def _settle_held(self, file: StoreFile, *, is_last: bool = False) -> None:
        if file.is_usable:
            held, self._held = self._held, []
            for done in held:
                self._tell(done)
        elif file.is_damaged or is_last:
            held, self._held = self._held, []
            for done in held:
                _fail(done.works, StoreUnavailable("the store has lost its file, and what was decided last may be lost with it"))

    def _tell(self, done: _Commit) -> None:
        if done.has_written and self._observed is not None:
            _call(self._observed, done.seconds, len(done.works))
        if done.changes and self._committed is not None:
            _call(self._committed, done.changes)
        answer(done.works)


def _call(observer: Callable, *what: object) -> None:
    try:
        observer(*what)
    except Exception:  # who watches cannot harm who is watched
        logger.exception("what was committed is in the store, but its observer could not be told")


def _fail(works: Sequence[Work], error: Exception) -> None:
    for work in works:
        work.failure = error
    answer(works)
