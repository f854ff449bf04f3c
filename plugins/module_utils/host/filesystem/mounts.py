# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is mounted at a path, and how full it is."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

_OCTAL = re.compile(r"\\([0-7]{3})")


class NotMounted(Exception):
    """Nothing is mounted at a path."""


@dataclass(frozen=True)
class Filesystem:
    """A mounted filesystem and how much of it is in use. `number` is the device's, major:minor."""

    path: str
    kind: str
    source: str
    number: str
    size_bytes: int
    used_bytes: int
    available_bytes: int
    inodes: int
    inodes_used: int

    @property
    def used_percent(self) -> float:
        """The share that is used of what users may use, as df counts it."""
        usable = self.used_bytes + self.available_bytes
        return round(100 * self.used_bytes / usable, 1) if usable else 100.0

    @property
    def inodes_percent(self) -> float:
        """The share of inodes that is used; 0 where the filesystem has no fixed number of them."""
        return round(100 * self.inodes_used / self.inodes, 1) if self.inodes else 0.0

    def wrong(self, threshold: float, inodes: float) -> str:
        """Say what is full, from these percentages on; empty when nothing is."""
        full = [f"{self.used_percent:g} % is used, from {threshold:g} % on it is too much"] if self.used_percent >= threshold else []
        if self.inodes_percent >= inodes:
            full.append(f"{self.inodes_percent:g} % of the inodes are used, from {inodes:g} % on it is too much")
        return " and ".join(full)


def filesystem_at(path: str, mountinfo: str = "/proc/self/mountinfo") -> Filesystem:
    """Return the filesystem that is mounted at a path. Raises NotMounted, OSError."""
    # Of several at one path the last one is seen.
    found = [mount for mount in _mounts(mountinfo) if mount["path"] == path]
    if not found:
        raise NotMounted(f"nothing is mounted at {path}")
    use = os.statvfs(path)
    return Filesystem(
        **found[-1],
        size_bytes=use.f_blocks * use.f_frsize,
        used_bytes=(use.f_blocks - use.f_bfree) * use.f_frsize,
        available_bytes=use.f_bavail * use.f_frsize,
        inodes=use.f_files,
        inodes_used=use.f_files - use.f_ffree,
    )


def mount_points(mountinfo: str = "/proc/self/mountinfo") -> set:
    """Return the paths where something is mounted. Raises OSError."""
    return {mount["path"] for mount in _mounts(mountinfo)}


def _mounts(mountinfo):
    # A path may have a carriage return in it, which is no end of a line here: users may mount at places that they name.
    with open(mountinfo, encoding="utf-8", errors="surrogateescape", newline="\n") as file:
        return [_read(line) for line in file]


def _read(line):
    """Read a line of mountinfo (proc(5)): ID PARENT MAJOR:MINOR ROOT PATH OPTIONS [TAGS ...] - KIND SOURCE OPTIONS."""
    before, _dash, after = line.rstrip("\n").partition(" - ")
    words, (kind, source) = before.split(" "), after.split(" ")[:2]
    return {"path": _plain(words[4]), "kind": kind, "source": _plain(source), "number": words[2]}


def _plain(text):
    return _OCTAL.sub(lambda found: chr(int(found[1], 8)), text)
