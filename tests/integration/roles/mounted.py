# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Real filesystems of the test: in memory, or on a disk that is a file and can grow. Both need root, and a machine that lets it mount."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

MIB = 1024 * 1024
SMALLEST_MIB = 320  # of XFS: mkfs.xfs makes none below 300
_CAP_SYS_RESOURCE = 24


@cache
def why_not_mounted() -> str:
    """Say why nothing can be mounted here; empty when it can."""
    if os.geteuid() != 0:
        return "needs root"
    tried = subprocess.run(["unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, text=True, check=False)
    return f"nothing can be mounted here: {tried.stderr.strip()}" if tried.returncode else ""


@cache
def why_no_disk() -> str:
    """Say why no disk can be made of a file here; empty when it can."""
    missing = [program for program in ("losetup", "sfdisk", "partx", "growpart", "mkfs.xfs", "xfs_growfs") if not shutil.which(program)]
    if why_not_mounted() or missing:
        return why_not_mounted() or f"needs {', '.join(missing)}"
    tried = subprocess.run(["losetup", "--find"], capture_output=True, text=True, check=False)
    if tried.returncode:
        return f"needs a loop device: {tried.stderr.strip()}"
    return "" if "\txfs\n" in Path("/proc/filesystems").read_text(encoding="ascii") else "needs a kernel with XFS"


@cache
def may_resize_ext4() -> bool:
    """Tell whether ext4 lets a mounted filesystem grow here: it asks for CAP_SYS_RESOURCE, which containers lack."""
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    return bool(int(re.search(r"^CapEff:\s*(\S+)", status, re.MULTILINE)[1], 16) >> _CAP_SYS_RESOURCE & 1)


needs_mounting = pytest.mark.skipif(bool(why_not_mounted()), reason=why_not_mounted())
needs_resizable_ext4 = pytest.mark.skipif(not may_resize_ext4(), reason="ext4 asks for CAP_SYS_RESOURCE to grow")
needs_a_disk = pytest.mark.skipif(bool(why_no_disk()), reason=why_no_disk())


@contextmanager
def in_memory(path: Path, mib: int, inodes: int = 0) -> Iterator[Path]:
    """Mount a filesystem of some MiB."""
    path.mkdir(parents=True)
    options = f"size={mib}m" + (f",nr_inodes={inodes}" if inodes else "")
    run("mount", "-t", "tmpfs", "-o", options, "none", str(path))
    try:
        yield path
    finally:
        run("umount", "--lazy", str(path))


class Disk:
    """A disk with one partition and a filesystem, mounted.

    Args:
        directory: gets the file of the disk and the mount point.
        kind: ext4 or xfs.
        mib: its size.
        partitioned: whether the filesystem is on a partition or on the whole disk.
    """

    def __init__(self, directory: Path, kind: str, mib: int, partitioned: bool = True) -> None:
        self.path = directory / "mounted"
        self.file = directory / "disk.img"
        self.path.mkdir(parents=True)
        with open(self.file, "wb") as file:
            file.truncate(mib * MIB)
        if partitioned:
            subprocess.run(["sfdisk", "--quiet", str(self.file)], input=b"label: gpt\n;\n", check=True)
        self.device = run("losetup", "--find", "--show", str(self.file)).strip()
        try:
            if partitioned:  # by partx: not every kernel reads the partitions of a disk by itself
                run("partx", "--add", self.device)
            self.block = f"{self.device}p1" if partitioned else self.device
            run(f"mkfs.{kind}", "-q", self.block)
            run("mount", self.block, str(self.path))
        except subprocess.CalledProcessError:
            self.end()
            raise

    @property
    def size(self) -> int:
        """The size of the filesystem in MiB."""
        use = os.statvfs(self.path)
        return use.f_blocks * use.f_frsize // MIB

    def grow(self, mib: int) -> None:
        """Have the disk grow, as a volume does under a machine that runs."""
        with open(self.file, "r+b") as file:
            file.truncate(mib * MIB)
        run("losetup", "--set-capacity", self.device)

    def end(self) -> None:
        """Unmount it, and let the disk go."""
        subprocess.run(["umount", str(self.path)], capture_output=True, check=False)
        subprocess.run(["partx", "--delete", self.device], capture_output=True, check=False)
        subprocess.run(["losetup", "--detach", self.device], capture_output=True, check=False)


@contextmanager
def on_a_disk(directory: Path, kind: str = "xfs", mib: int = SMALLEST_MIB, partitioned: bool = True) -> Iterator[Disk]:
    """Mount a filesystem on a disk that can grow."""
    disk = Disk(directory, kind, mib, partitioned)
    try:
        yield disk
    finally:
        disk.end()


def occupy(path: Path, mib: int) -> None:
    """Have a file take some MiB without writing them."""
    with open(path, "wb") as file:
        os.posix_fallocate(file.fileno(), 0, mib * MIB)


def fill(path: Path, mib: int) -> Path:
    """Write a file of some MiB."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as file:
        for _number in range(mib):
            file.write(os.urandom(MIB))
    return path


def run(*command: str) -> str:
    """Run a program of root's and return its output."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
