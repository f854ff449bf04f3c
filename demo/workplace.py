# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The directory that the demo works in: emptied, and for one demo at a time."""

from __future__ import annotations

import contextlib
import fcntl
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import processes

_MARK = ".eventops-demo"  # nothing is removed from a directory without it


@contextlib.contextmanager
def occupied(directory: Path) -> Iterator[Path]:
    """Yield the directory's absolute path, empty; keep other demos out of it while entered.

    What an earlier demo left there goes: its files, and after a kill -9 its processes too.
    """
    directory = directory.absolute()
    directory.mkdir(parents=True, exist_ok=True)
    mark = directory / _MARK
    if not mark.exists() and any(directory.iterdir()):
        sys.exit(f"{directory} is not empty and was not made by the demo; name another with --directory")
    with open(mark, "w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit(f"another demo runs in {directory}; wait until it ends, or name another directory with --directory")
        processes.end_all(str(directory))
        for entry in directory.iterdir():
            if entry.is_dir():
                shutil.rmtree(entry)
            elif entry != mark:
                entry.unlink()
        yield directory
