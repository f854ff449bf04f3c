# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The disk, and the partition of it, that a filesystem is on, as the kernel has them in /sys."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

_SECTOR = 512  # /sys counts these, whatever the disk's own sectors are
_EBS_SERIAL = re.compile(r"vol-?([0-9a-f]{8,17})")


@dataclass(frozen=True)
class Disk:
    """A whole disk, and the number of the partition that is meant, 0 for none."""

    name: str
    partition: int
    block: str
    volume_id: str

    @property
    def device(self) -> str:
        """The disk's device."""
        return f"/dev/{self.name}"

    @property
    def is_mapped(self) -> bool:
        """Whether it is put together of others, by LVM, encryption or RAID, which one has to know to grow it."""
        return self.block.startswith(("dm-", "md"))


def disk_of(number: str, sys: str = "/sys") -> Disk | None:
    """Return the disk of a block device, None where the number is that of no disk: tmpfs, nfs and the like.

    Args:
        number: of the device, major:minor.
    """
    link = os.path.join(sys, "dev", "block", number)
    if not os.path.exists(link):
        return None
    path = os.path.realpath(link)
    block = os.path.basename(path)
    partition = _read(os.path.join(path, "partition"))
    whole = os.path.dirname(path) if partition else path
    serial = _EBS_SERIAL.fullmatch(_read(os.path.join(whole, "device", "serial")))
    return Disk(os.path.basename(whole), int(partition or 0), block, f"vol-{serial[1]}" if serial else "")


def size_of(name: str, sys: str = "/sys") -> int:
    """Return the bytes of a block device by its name."""
    return int(_read(os.path.join(sys, "class", "block", name, "size")) or 0) * _SECTOR


def _read(path):
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.read().strip()
    except OSError:
        return ""
