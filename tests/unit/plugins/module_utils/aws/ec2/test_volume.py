# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A volume grows by a step, up to its maximum, and only the one that is meant."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.module_utils.aws.ec2.volume import Chosen, NotTheVolume, choose, next_size
from hypothesis import given
from hypothesis import strategies as st

OURS, OTHER = "i-0123456789abcdef0", "i-0fedcba9876543210"


def volume(name: str, *attachments: dict) -> dict:
    return {"VolumeId": f"vol-0{name * 16}", "Size": 8, "Attachments": list(attachments)}


def at(device: str, instance: str = OURS, state: str = "attached") -> dict:
    return {"Device": device, "InstanceId": instance, "State": state}


ROOT, DATA = volume("a", at("/dev/sda1")), volume("b", at("/dev/sdf"))


@pytest.mark.parametrize(
    ("size", "step", "most", "becomes"),
    [(8, "2", 100, 10), (8, "20%", 100, 10), (1, "1%", 100, 2), (95, "10", 100, 100), (100, "10", 100, 100), (120, "10", 100, 120)],
)
def test_the_next_size(size, step, most, becomes):
    assert next_size(size, step, most) == becomes


steps = st.integers(1, 65_536).map(str) | st.integers(1, 100).map(lambda percent: f"{percent}%")


@given(st.integers(1, 65_536), steps, st.integers(1, 65_536))
def test_it_never_shrinks_and_never_exceeds_its_maximum(size, step, most):
    becomes = next_size(size, step, most)

    assert becomes >= size
    assert becomes <= max(size, most)
    assert becomes > size or size >= most


@pytest.mark.parametrize(
    ("volume_id", "device", "serial", "chosen"),
    [(DATA["VolumeId"], "", "", DATA), ("", "/dev/sdf", "", DATA), ("", "", DATA["VolumeId"], DATA), ("", "/dev/sda1", ROOT["VolumeId"], ROOT)],
)
def test_the_volume_that_is_meant(volume_id, device, serial, chosen):
    assert choose(OURS, [ROOT, DATA], Chosen(volume_id, device, serial, 8 * 2**30)) is chosen


def test_a_volume_of_several_instances_is_the_device_that_it_is_at_this_one():
    shared = volume("c", at("/dev/sdf", OTHER), at("/dev/sdg"))

    assert choose(OURS, [shared, DATA], Chosen(device="/dev/sdf")) is DATA
    assert choose(OURS, [shared, DATA], Chosen(device="/dev/sdg")) is shared
    with pytest.raises(NotTheVolume, match="/dev/sdf is not attached to the instance; its volumes are vol-0cccccccccccccccc .*/dev/sdg"):
        choose(OURS, [shared], Chosen(device="/dev/sdf"))


@pytest.mark.parametrize("attachment", [at("/dev/sdf", OTHER), at("/dev/sdf", state="attaching"), at("/dev/sdf", state="detaching")])
@pytest.mark.parametrize("chosen", [Chosen(device="/dev/sdf"), Chosen(volume_id="vol-0cccccccccccccccc"), Chosen(serial="vol-0cccccccccccccccc")])
def test_a_volume_that_is_not_attached_to_this_instance_is_not_meant_however_it_is_named(attachment, chosen):
    with pytest.raises(NotTheVolume, match="is not attached to the instance; its volumes are vol-0aaaaaaaaaaaaaaaa"):
        choose(OURS, [ROOT, volume("c", attachment)], chosen)


@pytest.mark.parametrize(
    ("volume_id", "device", "serial", "said"),
    [
        ("", "", "", "name it in the inventory"),
        ("vol-0cccccccccccccccc", "", "", "is not attached to the instance; its volumes are vol-0aaaaaaaaaaaaaaaa (/dev/sda1)"),
        ("", "/dev/sdz", "", "/dev/sdz is not attached"),
        (DATA["VolumeId"], "", ROOT["VolumeId"], "the filesystem is on vol-0aaaaaaaaaaaaaaaa, and not on"),
        ("", "/dev/sdf", ROOT["VolumeId"], "/dev/sdf is vol-0bbbbbbbbbbbbbbbb, and the filesystem is on vol-0aaaaaaaaaaaaaaaa"),
    ],
)
def test_another_volume_than_the_one_of_the_filesystem_is_refused(volume_id, device, serial, said):
    with pytest.raises(NotTheVolume, match=said.replace("(", r"\(").replace(")", r"\)")):
        choose(OURS, [ROOT, DATA], Chosen(volume_id, device, serial))


def test_a_volume_of_another_size_than_the_disk_is_another_one():
    with pytest.raises(NotTheVolume, match="has 8 GiB, and the disk of the filesystem 10"):
        choose(OURS, [ROOT, DATA], Chosen(device="/dev/sdf", disk_bytes=10 * 2**30))
