# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The store on SQLite: one file, one process, one writer thread.

Only the router's process opens the file. It uses `locking_mode=EXCLUSIVE`, so SQLite needs no shared memory; and because
ansible-rulebook may copy the directory that the store is in, which drops the process's POSIX locks, the store is guarded
by a flock on a file of its own, which belongs to the open file and survives that.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from .group_commit import GroupCommit
from .interface import Committed, Observed, StoreError, StoreUnavailable
from .sqlite_transaction import SqliteTransaction
from .statements import migrations

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
        self._lock = _lock(self.directory, path)
        try:
            _create(path)
            self._commits = GroupCommit(lambda: _connect(path), committed, observed)
        except (OSError, sqlite3.Error) as error:
            os.close(self._lock)
            raise StoreError(f"cannot open the store {path}: {error}. Check the file, its directory and the disk") from error
        except BaseException:
            os.close(self._lock)
            raise

    async def run(self, function: Callable[[SqliteTransaction], T]) -> T:
        return await self._commits.run(function)

    def run_now(self, function: Callable[[SqliteTransaction], T]) -> T:
        return self._commits.run_now(function).result()

    def close(self) -> None:
        if self._lock >= 0:
            self._commits.close()
            os.close(self._lock)
            self._lock = -1


def directory_of(path: Path) -> Path:
    """Name the directory beside a store that holds its executions, its lock and its inventory of cases."""
    return path.with_name(path.name + ".d")


def _lock(directory: Path, path: Path) -> int:
    try:
        directory.mkdir(mode=0o700, exist_ok=True)
        directory.chmod(0o700)
        descriptor = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreError(f"cannot use the directory of the store {path}: {error}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        owner = os.read(descriptor, 20).decode(errors="replace") or "unknown"
        os.close(descriptor)
        raise StoreError(f"the store {path} is in use by process {owner}: one router per store; give this one its own") from None
    os.ftruncate(descriptor, 0)
    os.write(descriptor, str(os.getpid()).encode())
    return descriptor


def _create(path: Path) -> None:
    # SQLite would create it with the umask; the -wal file takes the mode of this one.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    path.chmod(0o600)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=True, timeout=0)
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")  # before WAL, so that no shared memory file is made
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    _migrate(connection, path)
    return connection


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    known = migrations()
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(known):
        raise StoreError(f"the store {path} has schema {version}, this version of the collection knows {len(known)}: update it")
    for number, script in known[version:]:
        # One script: executescript would commit first, so the transaction is written into it.
        connection.executescript(f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;")


__all__ = ["SqliteStore", "StoreError", "StoreUnavailable", "directory_of"]
