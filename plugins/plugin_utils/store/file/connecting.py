# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Open the database file: its mode, its pragmas, its schema, and which store it is."""

from __future__ import annotations

import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from ..interface import StoreError
from ..rows.words import keep_words
from ..statements import migrations
from .closing import close_as_it_is

_HEADER = b"SQLite format 3\0"
_SMALLEST_PAGE = 512
# So much of the file is kept in memory; the events' index by id is read at random places.
_CACHE_KIB = 8_192
_MAX_WAL_BYTES = 64 * 1024 * 1024  # a log that grew longer is cut when it begins anew


@dataclass(frozen=True)
class Opened:
    """A connection, which file it is to, and which store that is."""

    connection: sqlite3.Connection
    file: os.stat_result
    store_id: str


def create(path: Path) -> None:
    """Create the file where it is missing, for its owner only.

    Raises StoreError where its write-ahead log is there: SQLite would take it for the log of nothing, and delete it.
    """
    wal = wal_of(path)
    if (not path.exists() or path.stat().st_size == 0) and wal.exists() and wal.stat().st_size > 0:
        raise StoreError(f"the store {path} is missing or empty, but its log {wal} is there: put it back, or delete the log to begin with an empty store")
    # SQLite would create it with the umask; the log takes the mode of this one.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    path.chmod(0o600)


def connect(path: Path) -> Opened:
    """Open the file for this process alone, with the schema of this version. Raises StoreError, OSError and sqlite3.Error."""
    found = os.stat(path)
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=True, timeout=0)
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")  # before WAL, so that no shared memory file is made
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA wal_autocheckpoint = 0")  # see checkpoints.py
        connection.execute(f"PRAGMA journal_size_limit = {_MAX_WAL_BYTES}")
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        _migrate(connection, path)
        keep_words(connection)
        connection.execute("BEGIN IMMEDIATE")  # only now is the log sure to be there, and the file locked
        connection.execute("COMMIT")
        if not os.path.samestat(found, os.stat(path)):
            raise StoreError("somebody changes it at this very moment")
        return Opened(connection, found, id_of(connection))
    except BaseException:
        close_as_it_is(connection, path)
        raise


def id_of(connection: sqlite3.Connection) -> str:
    """Return which store a database is. Raises sqlite3.Error, and StoreError when it is none."""
    row = connection.execute("SELECT id FROM identity").fetchone()
    if row is None:
        raise StoreError("the file is no store: it has no identity")
    return row[0]


def id_at(path: Path) -> str | None:
    """Return which store lies at a path, None when there is no such; nothing is written, and no lock taken or lost."""
    if not is_database(path):
        return None
    try:
        # The main file alone says it. Without `immutable` files would be made beside it.
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    except sqlite3.Error:
        return None
    try:
        return id_of(connection)
    except (sqlite3.Error, StoreError):
        return None
    finally:
        connection.close()


def is_database(path: Path) -> bool:
    """Tell whether SQLite would take a file for a database that has something in it."""
    try:
        if not path.is_file() or path.stat().st_size < _SMALLEST_PAGE:
            return False
        with path.open("rb") as file:
            return file.read(len(_HEADER)) == _HEADER
    except OSError:
        return False


def wal_of(path: Path) -> Path:
    """Name the write-ahead log of a database."""
    return path.with_name(path.name + "-wal")


def shm_of(path: Path) -> Path:
    """Name the shared memory of a database, which is there while another process has it open."""
    return path.with_name(path.name + "-shm")


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    known = migrations()
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(known):
        raise StoreError(f"the store {path} has schema {version}, this version of the collection knows {len(known)}: update it")
    for number, script in known[version:]:
        # One script: executescript would commit first, so the transaction is written into it.
        connection.executescript(f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;")
