# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One router per store: a lock on a file of its own, which belongs to the open file and survives that others copy it."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path

from ..interface import StoreError


class StoreLock:
    """Hold the store's directory (0700) and the lock in it.

    Raises StoreError when another process has it, or when the directory cannot be used.
    """

    def __init__(self, directory: Path, store: Path) -> None:
        self._directory = directory
        self._path = directory / "lock"
        self._store = store
        self._descriptor = self._taken()

    def keep(self) -> None:
        """Make it again where somebody has deleted it. Raises StoreError when that cannot be done, or another process was faster."""
        if not self._is_in_place():
            descriptor = self._taken()
            os.close(self._descriptor)
            self._descriptor = descriptor

    def release(self) -> None:
        """Let another router have the store."""
        os.close(self._descriptor)

    def _is_in_place(self) -> bool:
        with suppress(OSError):
            return os.path.samestat(os.fstat(self._descriptor), os.stat(self._path))
        return False

    def _taken(self) -> int:
        try:
            self._directory.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._directory.mkdir(mode=0o700, exist_ok=True)
            self._directory.chmod(0o700)
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreError(f"cannot use the directory of the store {self._store}: {error}") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(descriptor, 0)
            os.write(descriptor, str(os.getpid()).encode())
        except BlockingIOError:
            owner = os.read(descriptor, 20).decode(errors="replace") or "unknown"
            os.close(descriptor)
            raise StoreError(f"the store {self._store} is in use by process {owner}: one router per store; give this one its own") from None
        except OSError:
            pass  # the disk is full: who has the lock is not said, but it is held
        return descriptor
