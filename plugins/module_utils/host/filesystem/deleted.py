# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Files that were deleted and whose room is taken all the same, because a process has them open."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass

from ansible_collections.eventops.infra.plugins.module_utils.host.text import printable

_BLOCK = 512


@dataclass(frozen=True)
class Deleted:
    """A deleted file, and a process that has it open."""

    path: str
    bytes: int
    pid: int
    process: str


def deleted_but_open(root: str, most: int, seconds: float, proc: str = "/proc", now: Callable[[], float] = time.monotonic) -> list:
    """Return the largest ones on the filesystem that is mounted at root. Of other users' processes only root sees them."""
    deadline = now() + seconds
    device = os.lstat(root).st_dev
    found = {}
    for entry in os.listdir(proc):
        if entry.isdigit():
            for path, status in _open_files(os.path.join(proc, entry, "fd"), lambda: now() > deadline):
                if status.st_dev == device and status.st_nlink == 0 and status.st_blocks:
                    found.setdefault(status.st_ino, Deleted(path, status.st_blocks * _BLOCK, int(entry), _name(os.path.join(proc, entry))))
    return sorted(found.values(), key=lambda each: each.bytes, reverse=True)[:most]


def _open_files(directory, is_late):
    try:
        numbers = os.listdir(directory)
    except OSError:  # ended meanwhile, or not granted
        return
    for number in numbers:
        # With each file: one process may have a million of them.
        if is_late():
            return
        link = os.path.join(directory, number)
        try:
            path = os.readlink(link)
            if path.endswith(" (deleted)"):
                yield path[: -len(" (deleted)")], os.stat(link)
        except OSError:
            continue


def _name(directory):
    try:
        with open(os.path.join(directory, "comm"), encoding="utf-8", errors="replace") as file:
            return printable(file.read().rstrip("\n"), 64)
    except OSError:
        return ""
