# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What stands at the store's path, compared with what is open."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import suppress
from enum import Enum, auto
from pathlib import Path

from .connecting import shm_of, wal_of

# The byte of the shared memory that every connection has a lock on ("dead man switch" in SQLite's os_unix.c).
_SWITCH_BYTE = 128
_LEFT_BEHIND_SECONDS = 1.0


class Finding(Enum):
    """What a look at the path found, the worst first."""

    SHARED = auto()  # another process has the database open
    GONE = auto()  # nothing is there
    REPLACED = auto()  # another file is there
    WRITTEN = auto()  # the file was written by somebody else
    LOG_LOST = auto()  # the write-ahead log is gone, or another
    IN_ORDER = auto()


class Place:
    """The open file and its log as they were when only we had written them.

    :param file: what is open.
    :param trusts_times: a file that we have not written keeps its time of modification; not so on every network file system.
    """

    def __init__(self, path: Path, file: os.stat_result, *, trusts_times: bool = True) -> None:
        self.trusts_times = trusts_times
        self._path = str(path)
        self._wal_path = str(wal_of(path))
        self._shm_path = str(shm_of(path))
        self._unused_since: float | None = None
        self._main = file
        self._wal = os.stat(self._wal_path)
        self.note_written()

    def note_written(self) -> None:
        """Remember the file as it is now, because we have written it ourselves."""
        with suppress(OSError):
            found = os.stat(self._path)
            if self.is_open_file(found):
                self._main = found

    def is_open_file(self, found: os.stat_result) -> bool:
        """Tell whether something that was found is the file that is open."""
        return os.path.samestat(found, self._main)

    def is_open_log(self, found: os.stat_result) -> bool:
        """Tell whether something that was found is the log that is open."""
        return os.path.samestat(found, self._wal)

    def glance(self) -> Finding:
        """Look at the file itself; enough after each commit."""
        try:
            found = os.stat(self._path)
        except OSError:
            return Finding.GONE
        if not self.is_open_file(found):
            return Finding.REPLACED
        if found.st_size != self._main.st_size or (self.trusts_times and found.st_mtime_ns != self._main.st_mtime_ns):
            return Finding.WRITTEN
        return Finding.IN_ORDER

    def may_be_shared(self) -> bool:
        """Tell whether there is a trace of another process that has it open."""
        return os.access(self._shm_path, os.F_OK)

    def look(self) -> Finding:
        """Look at all that belongs to it."""
        if self.may_be_shared() and self._is_shared():
            return Finding.SHARED
        finding = self.glance()
        if finding is not Finding.IN_ORDER:
            return finding
        try:
            wal = os.stat(self._wal_path)
        except OSError:
            return Finding.LOG_LOST
        return Finding.IN_ORDER if self.is_open_log(wal) else Finding.LOG_LOST

    def _is_shared(self) -> bool:
        """Tell whether a process has the shared memory open; what one that was killed left behind is deleted.

        A process makes it, and only then locks it: nobody has it only when nobody has had it for a while.
        """
        if _is_locked(self._shm_path):
            self._unused_since = None
            return True
        now = time.monotonic()
        if self._unused_since is None:
            self._unused_since = now
        if now - self._unused_since < _LEFT_BEHIND_SECONDS:
            return True
        self._unused_since = None
        with suppress(OSError):
            os.unlink(self._shm_path)
        return False


def traces_at(path: Path) -> tuple:
    """Return what differs when anything at a path was changed."""
    return tuple(_trace(str(each)) for each in (path, wal_of(path), shm_of(path)))


def _trace(path: str) -> tuple | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


def _is_locked(shm_path: str) -> bool:
    with suppress(FileNotFoundError):
        descriptor = os.open(shm_path, os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _SWITCH_BYTE)
        except (BlockingIOError, PermissionError):  # POSIX allows both
            return True
        finally:
            os.close(descriptor)
    return False
