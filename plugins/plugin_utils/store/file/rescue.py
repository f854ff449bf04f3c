# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Steps of bringing a store's file back: each leaves what it finds recoverable, wherever it is cut off."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import suppress
from pathlib import Path

from ..interface import StoreError
from .closing import close_as_it_is
from .connecting import Opened, connect, wal_of
from .place import Place


def write_again(connection: sqlite3.Connection, path: Path, place: Place, *, over: bool) -> Opened:
    """Write to the path what is open, and open that.

    :param over: something stands there, and may be replaced; a file or log of others is kept under another name.

    Raises OSError, StoreError and sqlite3.Error; then what was open still is all that there is.
    """
    fresh = path.with_name(path.name + ".new")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh.unlink(missing_ok=True)
    copy(connection, fresh)
    return put(fresh, path, place, over=over)


def put(fresh: Path, path: Path, place: Place, *, over: bool) -> Opened:
    """Put a whole database in the store's place and open it. See `write_again`."""
    written = fresh.stat()
    if over:
        if not place.is_open_file(path.stat()):
            os.link(path, other_name(path))
        os.rename(fresh, path)
    else:
        _name(fresh, path)
    # The log that may stand there still says the same as the new file, should the process end here.
    _put_log_away(path, place)
    _sync(path.parent)
    try:
        opened = connect(path)
    except sqlite3.Error as error:
        raise StoreError(f"what was written again cannot be opened: {error}") from error
    if not os.path.samestat(opened.file, written):
        close_as_it_is(opened.connection, path)
        raise StoreError("somebody else puts something in its place at this very moment")
    return opened


def _name(fresh: Path, path: Path) -> None:
    """Give a file its name, if nothing else has it: somebody may have put something there at this moment."""
    try:
        os.link(fresh, path)
    except FileExistsError:
        fresh.unlink()
        raise
    fresh.unlink()


def _put_log_away(path: Path, place: Place) -> None:
    """Delete the log at the path when it is the open one, which is in the file by now; keep any other under another name."""
    wal = wal_of(path)
    with suppress(FileNotFoundError):
        if place.is_open_log(wal.stat()):
            wal.unlink()
        else:
            wal.rename(other_name(wal))


def is_sound(connection: sqlite3.Connection) -> bool:
    """Read the whole database, from the disk, and tell whether it is in order. Raises sqlite3.OperationalError when it cannot be read now."""
    connection.execute("PRAGMA shrink_memory")
    try:
        return connection.execute("PRAGMA integrity_check(1)").fetchone()[0] == "ok"
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname == "SQLITE_IOERR_SHORT_READ":
            return False
        raise
    except sqlite3.DatabaseError:
        return False


def is_sound_file(path: Path) -> bool:
    """Do the same with a file that nobody has open."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        return is_sound(connection)
    finally:
        connection.close()


def copy(connection: sqlite3.Connection, to: Path) -> None:
    """Write what is open to a new file, durably. Raises OSError and sqlite3.Error; then there is no such file."""
    os.close(os.open(to, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    try:
        target = sqlite3.connect(to, isolation_level=None)
        try:
            target.execute("PRAGMA journal_mode = OFF")
            target.execute("PRAGMA synchronous = OFF")  # once, below
            connection.backup(target)
        finally:
            target.close()
        _sync(to)
    except BaseException:
        with suppress(OSError):
            to.unlink()
        raise


def other_name(path: Path, why: str = "replaced") -> Path:
    """Name what is kept beside a path."""
    return path.with_name(f"{path.name}.{why}-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{time.monotonic_ns() % 1_000_000:06d}")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
