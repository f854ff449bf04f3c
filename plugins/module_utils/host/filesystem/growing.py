# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Grow a mounted filesystem to the size of its disk: first the partition that it is on, then the filesystem itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from ansible_collections.eventops.infra.plugins.module_utils.host.filesystem.disk import Disk, disk_of, size_of
from ansible_collections.eventops.infra.plugins.module_utils.host.filesystem.mounts import Filesystem, filesystem_at

_LOOK_AGAIN_SECONDS = 1.0
_NO_CHANGE = 1  # growpart's exit code when there is nothing to grow (growpart(1))


class CannotGrow(Exception):
    """A program failed, or the disk did not become as large as was expected; the text says which and why."""


@dataclass(frozen=True)
class Grown:
    """What came of it: the sizes of the filesystem in bytes, and why it was not grown, if so."""

    before: int
    after: int
    not_done: str = ""


class Growing:
    """A filesystem that is to grow.

    Args:
        path: where it is mounted.
        run: a function that runs a program and returns its exit code, output and errors.
        find: a function that returns the path of a program, or nothing where it is not installed.
    """

    def __init__(self, path: str, run: Callable, find: Callable, sleep: Callable[[float], None] = time.sleep) -> None:
        self._path, self._run, self._find, self._sleep = path, run, find, sleep

    def grow(self, disk_bytes: int, seconds: float, check: bool) -> Grown:
        """Grow it.

        Args:
            disk_bytes: how large the disk must be before, 0 for as it is: the kernel takes its time to see a volume that was grown.
            seconds: how long that may take.
            check: whether to say only whether there is anything to grow.

        Raises:
            CannotGrow, NotMounted, OSError.
        """
        seen = filesystem_at(self._path)
        disk = disk_of(seen.number)
        not_done = self._refusal(seen, disk)
        if not_done:
            return Grown(seen.size_bytes, seen.size_bytes, not_done)
        self._wait_for(disk, disk_bytes, seconds)
        if check:
            is_larger = size_of(disk.block) > seen.size_bytes * 1.1 or self._partition_grows(disk, ["--dry-run"])
            return Grown(seen.size_bytes, seen.size_bytes, "" if is_larger else _nothing(disk))
        if disk.partition:
            self._partition_grows(disk, [])
        self._program(*_resize(seen, disk))
        after = filesystem_at(self._path).size_bytes
        return Grown(seen.size_bytes, after, "" if after > seen.size_bytes else _nothing(disk))

    def _refusal(self, seen, disk):
        if disk is None:
            return f"{self._path} ({seen.kind}) is on no disk that could be larger than it"
        if disk.is_mapped:
            return f"{self._path} is on {disk.device}, which LVM, encryption or RAID puts together: say how it grows in grow.commands"
        if seen.kind not in _RESIZE:
            return f"how a filesystem of type {seen.kind} grows is not known: say it in grow.commands"
        programs = [_RESIZE[seen.kind][0], *(["growpart"] if disk.partition else [])]
        missing = [program for program in programs if not self._find(program)]
        return f"{' and '.join(missing)} must be installed on the host" if missing else ""

    def _wait_for(self, disk, disk_bytes, seconds):
        deadline = time.monotonic() + seconds
        while size_of(disk.name) < disk_bytes:
            if time.monotonic() > deadline:
                raise CannotGrow(f"{disk.device} has {size_of(disk.name)} bytes still, {seconds:g} s after its volume was given {disk_bytes}")
            self._sleep(_LOOK_AGAIN_SECONDS)

    def _partition_grows(self, disk: Disk, options: list) -> bool:
        return self._program("growpart", *options, disk.device, str(disk.partition), also=_NO_CHANGE) == 0

    def _program(self, program, *arguments, also=0):
        code, output, errors = self._run([self._find(program), *arguments])
        # growpart says NOCHANGE with the code 1, and FAILED with 2.
        if code not in (0, also):
            raise CannotGrow(f"{program} failed with exit code {code}: {' '.join((errors or output).split())[:300]}")
        return code


# The program for each type, and what it is given: the device, or the path.
_RESIZE = dict.fromkeys(("ext2", "ext3", "ext4"), ("resize2fs", "{device}"))
_RESIZE["xfs"] = ("xfs_growfs", "{path}")


def _resize(seen: Filesystem, disk: Disk) -> list:
    program, argument = _RESIZE[seen.kind]
    return [program, argument.format(device=f"/dev/{disk.block}", path=seen.path)]


def _nothing(disk):
    return f"it is as large as its disk {disk.device} already"
