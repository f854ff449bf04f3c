# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What fills a filesystem: its biggest directories and files, within a time, and on this filesystem alone."""

from __future__ import annotations

import heapq
import os
import time
from collections.abc import Callable, Container
from dataclasses import dataclass, field

_BLOCK = 512  # st_blocks counts these, whatever the filesystem's own blocks are (stat(2))
_MOST_DIRECTORIES = 500_000
_MOST_CHARACTERS = 50_000_000  # of their paths: each may have four thousand, and the machine may have no memory to spare
_PASSES_ON = 0.8  # the share of a directory from which one within it is told in its place


@dataclass
class Directory:
    """A directory: what is in it and below, in bytes on the disk and in entries."""

    path: str
    parent: int
    bytes: int = 0
    entries: int = 0
    within: list = field(default_factory=list)


@dataclass
class Found:
    """What was found; `is_complete` is false when the time was up before everything was looked at."""

    directories: list
    busiest: list
    files: list
    is_complete: bool


def biggest(root: str, most: int, seconds: float, mounted: Container = (), now: Callable[[], float] = time.monotonic) -> Found:
    """Look through a filesystem.

    Args:
        root: where it is mounted.
        most: how many directories and files are returned.
        seconds: how long it may take.
        mounted: where other filesystems are, which are not looked at: one whose server is gone would never answer.
    """
    deadline = now() + seconds
    device = os.lstat(root).st_dev
    known = [Directory(root, -1)]
    waiting, files, linked, characters, is_complete = [0], [], set(), 0, True
    while waiting and is_complete:
        number = waiting.pop()
        for path, status, is_directory in _entries(known[number].path, mounted):
            # With each entry: one directory may have millions of them.
            if now() > deadline or len(known) >= _MOST_DIRECTORIES or characters > _MOST_CHARACTERS:
                is_complete = False
                break
            if status.st_dev != device:
                continue  # another filesystem is mounted there
            known[number].entries += 1
            if is_directory:
                known[number].bytes += status.st_blocks * _BLOCK
                characters += len(path)
                waiting.append(len(known))
                known.append(Directory(path, number))
            elif status.st_nlink == 1 or status.st_ino not in linked:
                if status.st_nlink > 1:
                    linked.add(status.st_ino)
                known[number].bytes += status.st_blocks * _BLOCK
                _keep(files, most, (status.st_blocks * _BLOCK, path))
    _add_up(known)
    return Found(_largest(known, most, "bytes"), _largest(known, most, "entries"), [(path, size) for size, path in sorted(files, reverse=True)], is_complete)


def _entries(path, mounted):
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.path in mounted:
                    continue
                try:
                    yield entry.path, entry.stat(follow_symlinks=False), entry.is_dir(follow_symlinks=False)
                except OSError:  # gone meanwhile
                    continue
    except OSError:  # gone meanwhile, or not granted
        return


def _keep(files, most, each):
    if len(files) < most:
        heapq.heappush(files, each)
    elif each > files[0]:
        heapq.heapreplace(files, each)


def _add_up(known):
    """Add each directory to the one that it is in; those within come after it."""
    for directory in reversed(known):
        if directory.parent >= 0:
            parent = known[directory.parent]
            parent.bytes += directory.bytes
            parent.entries += directory.entries
            parent.within.append(directory)


def _largest(known, most, what):
    """Return the largest directories but those that have it all from one within them."""
    # Nobody needs to be told that it is all in the root.
    telling = [each for each in known[1:] if not any(getattr(within, what) > _PASSES_ON * getattr(each, what) for within in each.within)]
    chosen = heapq.nlargest(most, telling, key=lambda each: getattr(each, what))
    return [(each.path, getattr(each, what)) for each in chosen if getattr(each, what)]
