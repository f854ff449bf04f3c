# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The store on SQLite: one file, one process, one writer thread.

Only the router's process opens the file. It uses `locking_mode=EXCLUSIVE`, so SQLite needs no shared memory; and because
ansible-rulebook may copy the directory that the store is in, which drops the process's POSIX locks, the store is guarded
by a lock of its own (file/lock.py). What happens to the file meanwhile is dealt with in file/store_file.py.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from .file.lock import StoreLock
from .file.store_file import StoreFile
from .group_commit import GroupCommit
from .interface import Committed, Observed, StoreError, StoreUnavailable
from .sqlite_transaction import SqliteTransaction

T = TypeVar("T")


class SqliteStore:
    """See `interface.Store`.

    `path` is the database file (mode 0600); `path` + ".d" a directory (0700) for what belongs to it. Raises StoreError
    when the file cannot be opened, is held by another process, or was written by a newer version. `committed` and
    `observed` are called on the store's thread: they must be quick, and may not wait for the store.
    """

    def __init__(self, path: Path, committed: Committed | None = None, observed: Observed | None = None) -> None:
        self.path = path
        self.directory = directory_of(path)
        lock = StoreLock(self.directory, path)
        try:
            self._commits = GroupCommit(lambda: StoreFile(path, lock), committed, observed)
        except (OSError, sqlite3.Error) as error:
            lock.release()
            raise StoreError(f"cannot open the store {path}: {error}. Check the file, its directory and the disk") from error
        except BaseException:
            lock.release()
            raise
        self._lock: StoreLock | None = lock

    async def run(self, function: Callable[[SqliteTransaction], T]) -> T:
        return await self._commits.run(function)

    def run_now(self, function: Callable[[SqliteTransaction], T]) -> T:
        return self._commits.run_now(function).result()

    def close(self) -> None:
        if self._lock is not None:
            self._commits.close()
            self._lock.release()
            self._lock = None


def directory_of(path: Path) -> Path:
    """Name the directory beside a store that holds its executions, its lock and its inventory of cases."""
    return path.with_name(path.name + ".d")


__all__ = ["SqliteStore", "StoreError", "StoreUnavailable", "directory_of"]
