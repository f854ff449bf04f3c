# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The store's file, kept alive under a running process: deleted, moved away, replaced, damaged, locked, or on a full disk.

While it is in order, this costs a look at the path for each commit. What is open is the truth as long as it is sound: it is written
again wherever it should stand. What is damaged is left as it is until somebody has brought it back. Nothing is ever begun anew.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ..interface import StoreError, StoreUnavailable
from ..sqlite_transaction import SqliteTransaction
from . import rescue
from .checkpoints import Checkpoints
from .closing import close_as_it_is, finish_closing
from .complaints import Complaints, in_words
from .connecting import Opened, connect, create, id_at
from .damaged import DamagedFile, Unsound, raise_if_unsound
from .lock import StoreLock
from .place import Finding, Place

# How often all that belongs to the file is looked at, and how often it is tried to bring it back.
_LOOK_SECONDS = 0.1
TRY_SECONDS = 1.0
# To read the whole file takes minutes when it is large: where its time changes by itself, it tells nothing.
_MOST_FALSE_ALARMS = 5


class StoreFile:
    """The connection to a store's file, and what is to be done so that it can be used.

    To be used on one thread. Raises StoreError, OSError and sqlite3.Error when it cannot be opened.
    """

    def __init__(self, path: Path, lock: StoreLock, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._lock = lock
        self._clock = clock
        self._complaints = Complaints(path, clock)
        self._cause = ""  # why it cannot be used now; empty when it can
        self._damaged: DamagedFile | None = None
        self._kept_safe: Path | None = None
        self._false_alarms = 0
        self._looked_at = clock()
        self._tried_at = clock() - TRY_SECONDS
        finish_closing(path)
        create(path)
        self._use(connect(path))

    @property
    def is_usable(self) -> bool:
        """Tell whether the last that was tried went well."""
        return not self._cause

    @property
    def is_damaged(self) -> bool:
        """Tell whether what was open could not be trusted, so that it was closed."""
        return self._damaged is not None

    def ready(self) -> None:
        """Make sure that a transaction may begin. Raises StoreUnavailable."""
        now = self._clock()
        if self.is_usable and (now - self._looked_at >= _LOOK_SECONDS or self._place.may_be_shared()):
            self._looked_at = now
            self._mind(self._inspect)
        elif not self.is_usable and now - self._tried_at >= TRY_SECONDS:
            self._tried_at = now
            self._mind(self._bring_back)
        if not self.is_usable:
            raise StoreUnavailable(f"the store cannot be used: {self._cause}")

    def confirm(self) -> bool:
        """Tell whether what was just committed is in the file at the path, if need be after writing it there."""
        if self._place.glance() is not Finding.IN_ORDER or self._place.may_be_shared():
            self._tried_at = self._clock()
            self._mind(self._inspect)
        if self.is_usable:
            self._complaints.withdraw()
        return self.is_usable

    def failed(self, error: sqlite3.Error) -> StoreUnavailable:
        """Take note that SQLite could not commit, and return what callers are told."""

        def think() -> None:
            raise_if_unsound(error)

        self._mind(think)
        if self.is_usable:
            self._complaints.say(in_words(error))
            if self._checkpoints.any_commits and getattr(error, "sqlite_errorname", "") == "SQLITE_FULL":
                self._checkpoint()  # then the log begins anew, in the space that it has
        return StoreUnavailable(f"the store could not commit: {self._cause or in_words(error)}")

    def rest(self, *, idle: bool) -> None:
        """Do what is not urgent, once callers were answered: move the log into the file and, when idle, look after the place."""
        if not idle:
            if self.is_usable and self._checkpoints.committed():
                self._checkpoint()
            return
        with suppress(StoreUnavailable):
            self.ready()
        if self.is_usable and self._checkpoints.any_commits:
            self._checkpoint()

    def close(self) -> None:
        """Close the file, after a last look at it."""
        self._mind(self._bring_back)
        if self._kept_safe is not None:
            self._complaints.say(f"before the next start, put {self._kept_safe} in its place")
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def _use(self, opened: Opened) -> None:
        self.connection: sqlite3.Connection | None = opened.connection
        self.transaction = SqliteTransaction(opened.connection)
        self._id = opened.store_id
        self._damaged = None
        self._checkpoints = Checkpoints(opened.connection)
        self._place = Place(self._path, opened.file, trusts_times=self._false_alarms < _MOST_FALSE_ALARMS)
        self._checkpoint()

    def _mind(self, step: Callable[[], None]) -> None:
        """Take a step, and note what stood in its way."""
        try:
            step()
            if self._cause:
                self._cause = ""
                self._complaints.withdraw()
            return
        except Unsound as damage:
            self._give_up(str(damage))
        except StoreError as error:
            self._cause = str(error)
        except (OSError, sqlite3.Error) as error:
            self._cause = in_words(error)
        self._complaints.say(self._cause)

    def _inspect(self) -> None:
        """Look at all that belongs to the file, and bring back what is not in order."""
        self._lock.keep()
        for _step in range(4):  # one thing may hide another, each is dealt with in its turn
            finding = self._place.look()
            if finding is Finding.IN_ORDER:
                self._drop_safe_copy()
                return
            try:
                self._amend(finding)
            except sqlite3.Error as error:
                raise_if_unsound(error)
                raise
        raise StoreError(f"somebody keeps changing it ({finding.name.lower()})")

    def _amend(self, finding: Finding) -> None:
        match finding:
            case Finding.SHARED:
                # It does not know what we write, nor we what it does: when it closes, it may write the wrong pages into the file.
                self._keep_safe()
                raise StoreError("another process has it open: end that process, nobody but the router may use it")
            case Finding.GONE:
                self._write_again(over=False)
            case Finding.LOG_LOST:
                self._write_again(over=True)
            case Finding.REPLACED:
                if id_at(self._path) != self._id:
                    self._keep_safe()
                    raise StoreError(f"another file stands in its place: move that away. What was open is in {self._kept_safe}, and will be put there")
                self._write_again(over=True)  # an older copy of it stands there, and is kept beside it
            case Finding.WRITTEN:
                if not rescue.is_sound(self.connection):
                    self._put_safe_copy_back()
                    return
                self._place.note_written()
                self._false_alarms += 1
                self._place.trusts_times = self._false_alarms < _MOST_FALSE_ALARMS

    def _write_again(self, *, over: bool) -> None:
        opened = rescue.write_again(self.connection, self._path, self._place, over=over)
        self.connection.close()
        self._use(opened)

    def _keep_safe(self) -> None:
        """Write what is open beside its place, once: nothing is added meanwhile, and this process may end before the place is free."""
        if self._kept_safe is None:
            safe = rescue.other_name(self._path, "rescued")
            rescue.copy(self.connection, safe)
            self._kept_safe = safe

    def _put_safe_copy_back(self) -> None:
        if self._kept_safe is None or not rescue.is_sound_file(self._kept_safe):
            raise Unsound("somebody else wrote to it")
        opened = rescue.put(self._kept_safe, self._path, self._place, over=True)
        self._kept_safe = None
        self.connection.close()
        self._use(opened)

    def _drop_safe_copy(self) -> None:
        if self._kept_safe is not None:
            self._kept_safe.unlink(missing_ok=True)
            self._kept_safe = None

    def _checkpoint(self) -> None:
        """Move the log into the file; where that cannot be done now, the log grows, and all goes on."""
        if self._place.look() is not Finding.IN_ORDER:
            return  # else the change of somebody else would pass for ours
        try:
            self._checkpoints.run()
        except sqlite3.OperationalError as error:
            self._complaints.say(in_words(error))
        except sqlite3.Error as error:
            self.failed(error)
        self._place.note_written()

    def _give_up(self, why: str) -> None:
        """Close what can't be trusted, with all that may help to bring it back left as it is."""
        if self.connection is not None:
            close_as_it_is(self.connection, self._path)
            self.connection = None
        self._damaged = DamagedFile(self._path, self._id, why)
        self._cause = f"it is damaged ({why}). Put a sound copy in its place, from a backup or by the sqlite3 command .recover"

    def _bring_back(self) -> None:
        if self._damaged is not None:
            self._lock.keep()
            self._use(self._damaged.opened())
        else:
            self._inspect()
