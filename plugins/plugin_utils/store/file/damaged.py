# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A store whose file could not be trusted, and was closed: it is opened again once somebody has brought it back."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import suppress
from pathlib import Path

from ..interface import StoreError
from .closing import close_as_it_is
from .connecting import Opened, connect, is_database, wal_of
from .place import traces_at
from .rescue import is_sound, other_name

logger = logging.getLogger(__name__)


class Unsound(Exception):
    """A database cannot be trusted: what is wrong with it."""


class DamagedFile:
    """Try what is at the path, once after each change of it.

    :param store_id: of the store that it must be.
    :param why: what is wrong with it.
    """

    def __init__(self, path: Path, store_id: str, why: str) -> None:
        self._path = path
        self._store_id = store_id
        self._why = why
        self._tried: tuple | None = None

    def opened(self) -> Opened:
        """Open it. Raises StoreError while it is not sound, and sqlite3.Error or OSError while it cannot be opened at all."""
        if traces_at(self._path) != self._tried:
            try:
                return self._with_or_without_log()
            except Unsound as problem:
                self._why = str(problem)
            self._tried = traces_at(self._path)
        raise StoreError(f"it is damaged ({self._why}). Put a sound copy in its place, from a backup or by the sqlite3 command .recover")

    def _with_or_without_log(self) -> Opened:
        try:
            return self._checked()
        except Unsound:
            wal = wal_of(self._path)
            if not wal.exists():
                raise
        # A copy from a backup is not what the log goes on from.
        aside = other_name(wal)
        wal.rename(aside)
        try:
            opened = self._checked()
        except BaseException:
            with suppress(OSError):
                aside.rename(wal)
            raise
        logger.warning("the store %s was replaced by a copy that its log does not go with: what was in the log is kept in %s", self._path, aside)
        return opened

    def _checked(self) -> Opened:
        if not is_database(self._path):
            raise Unsound("there is no database in its place")
        try:
            opened = connect(self._path)
        except sqlite3.OperationalError:
            raise  # it may be sound, but cannot be opened just now
        except (sqlite3.Error, StoreError) as error:
            raise Unsound(str(error)) from error
        try:
            if opened.store_id != self._store_id:
                raise Unsound("another store stands in its place")
            if not is_sound(opened.connection):
                raise Unsound("what it holds contradicts itself")
        except BaseException:
            close_as_it_is(opened.connection, self._path)
            raise
        return opened


def raise_if_unsound(error: sqlite3.Error) -> None:
    """Raise Unsound when SQLite says that the database is damaged."""
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")) or name == "SQLITE_IOERR_SHORT_READ":
        raise Unsound(str(error)) from error
