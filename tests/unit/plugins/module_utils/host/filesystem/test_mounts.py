# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is mounted is found by the path where it is, and how full it is as df says."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.module_utils.host.filesystem.mounts import Filesystem, NotMounted, filesystem_at, mount_points


def filesystem(**differences: object) -> Filesystem:
    values = {"size_bytes": 1000, "used_bytes": 800, "available_bytes": 150, "inodes": 100, "inodes_used": 95}
    return Filesystem("/var", "ext4", "/dev/sda1", "8:1", **{**values, **differences})


def mountinfo(tmp_path, *lines: str) -> str:
    path = tmp_path / "mountinfo"
    path.write_bytes("".join(f"{line}\n" for line in lines).encode())
    return str(path)


def test_the_last_one_at_a_path_counts_and_names_may_have_spaces(tmp_path):
    place = tmp_path / "a b"
    place.mkdir()
    written = str(place).replace(" ", r"\040")
    first = f"36 35 98:0 / {written} rw,noatime master:1 - ext3 /dev/old rw,errors=continue"
    last = f"37 35 8:17 / {written} rw shared:2 master:1 - xfs /dev/my\\040disk rw"

    found = filesystem_at(str(place), mountinfo(tmp_path, first, last))

    assert (found.kind, found.source, found.number) == ("xfs", "/dev/my disk", "8:17")
    assert found.size_bytes > 0


def test_a_directory_is_no_mount_point(tmp_path):
    with pytest.raises(NotMounted):
        filesystem_at(str(tmp_path), mountinfo(tmp_path, "36 35 98:0 / / rw - ext4 /dev/sda1 rw"))


def test_whoever_mounts_at_a_name_with_ends_of_lines_hides_nothing_and_invents_nothing(tmp_path):
    own = f"36 35 98:0 / {tmp_path} rw - ext4 /dev/sda1 rw"
    # The kernel writes spaces and line feeds of a path otherwise, and no other end of a line.
    names = [f"40 36 0:50 / /home/user/x{end}37\\04035\\0408:17 rw - fuse.sshfs x rw" for end in "\r\x0b\x0c\x1c\x85\u2028"]

    written = mountinfo(tmp_path, own, *names)

    assert filesystem_at(str(tmp_path), written).number == "98:0"
    assert len(mount_points(written)) == 1 + len(names)


def test_use_is_counted_of_what_users_may_use():
    assert filesystem().used_percent == 84.2
    assert filesystem(used_bytes=0, available_bytes=0).used_percent == 100
    assert filesystem(inodes=0, inodes_used=0).inodes_percent == 0


@pytest.mark.parametrize(
    ("threshold", "inodes", "wrong"),
    [
        (85, 96, ""),
        (84.2, 96, "84.2 % is used, from 84.2 % on it is too much"),
        (85, 95, "95 % of the inodes are used, from 95 % on it is too much"),
        (80, 90, "84.2 % is used, from 80 % on it is too much and 95 % of the inodes are used, from 90 % on it is too much"),
    ],
)
def test_what_is_full(threshold, inodes, wrong):
    assert filesystem().wrong(threshold, inodes) == wrong
