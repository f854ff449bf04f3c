# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The disk of a filesystem is found in /sys, with its partition and the volume that it is."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.module_utils.host.filesystem.disk import disk_of, size_of


@pytest.fixture
def sys_directory(tmp_path):
    """Return a /sys with an NVMe disk with a partition, and a volume of LVM."""
    nvme = tmp_path / "devices" / "pci" / "nvme" / "nvme1n1"
    partition = nvme / "nvme1n1p2"
    mapped = tmp_path / "devices" / "virtual" / "block" / "dm-0"
    for directory in (partition, nvme / "device", mapped, tmp_path / "dev" / "block", tmp_path / "class" / "block"):
        directory.mkdir(parents=True)
    (partition / "partition").write_text("2\n")
    (nvme / "device" / "serial").write_text("vol0123456789abcdef0\n")
    (nvme / "size").write_text("2048\n")
    for number, target in (("259:1", nvme), ("259:3", partition), ("253:0", mapped)):
        (tmp_path / "dev" / "block" / number).symlink_to(target)
    (tmp_path / "class" / "block" / "nvme1n1").symlink_to(nvme)
    return str(tmp_path)


def test_a_partition_is_on_a_disk_that_says_which_volume_it_is(sys_directory):
    disk = disk_of("259:3", sys_directory)

    assert (disk.device, disk.partition, disk.block, disk.volume_id) == ("/dev/nvme1n1", 2, "nvme1n1p2", "vol-0123456789abcdef0")
    assert not disk.is_mapped
    assert size_of(disk.name, sys_directory) == 2048 * 512


def test_a_whole_disk_and_a_volume_of_lvm(sys_directory):
    assert (disk_of("259:1", sys_directory).partition, disk_of("259:1", sys_directory).block) == (0, "nvme1n1")
    assert disk_of("253:0", sys_directory).is_mapped


def test_what_is_on_no_disk(sys_directory):
    assert disk_of("0:45", sys_directory) is None
