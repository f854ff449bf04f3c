# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Close a database without a trace: SQLite moves the write-ahead log into the file when it closes, and deletes the log."""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from pathlib import Path


def close_as_it_is(connection: sqlite3.Connection, path: Path) -> None:
    """Close and leave the file and its log as they are: neither is to be trusted, and both may be needed.

    SQLite leaves them alone when the file has been moved (sqlite3PagerClose, SQLITE_FCNTL_HAS_MOVED), so for that moment it is.
    """
    elsewhere = _while_closing(path)
    try:
        os.rename(path, elsewhere)
    except OSError:
        connection.close()  # it is gone, or somewhere else
        return
    try:
        connection.close()
    finally:
        os.rename(elsewhere, path)


def finish_closing(path: Path) -> None:
    """Put the file back when the process ended in the middle of that."""
    if not path.exists():
        with suppress(FileNotFoundError):
            os.rename(_while_closing(path), path)


def _while_closing(path: Path) -> Path:
    return path.with_name(path.name + ".closing")
