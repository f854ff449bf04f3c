# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The playbook remediate on a filesystem whose volume must grow: a double of AWS has the volume, and the disk, a file, grows as the volume does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from ansible_collections.eventops.infra.tests.doubles.aws import RunningAws
from ansible_collections.eventops.infra.tests.integration.roles.mounted import Disk, needs_a_disk, occupy, on_a_disk
from ansible_collections.eventops.infra.tests.integration.roles.site import Run, Site
from ansible_collections.eventops.infra.tests.integration.roles.volumes import launch, volume_of

GIB = 1024  # MiB

pytestmark = needs_a_disk


@pytest.fixture
def instance(aws: RunningAws) -> str:
    return launch(aws)


@contextmanager
def follows(disk: Disk, aws: RunningAws, instance: str) -> Iterator[None]:
    """Have the disk grow as its volume does, as a hypervisor has it."""
    ended = threading.Event()

    def follow() -> None:
        known = volume_of(aws, instance)["Size"]
        while not ended.wait(0.5):
            size = volume_of(aws, instance)["Size"]
            if size != known:
                known = size
                disk.grow(size * GIB)

    thread = threading.Thread(target=follow)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def remediate(site: Site, aws: RunningAws, disk: Disk, instance: str, *options: str, **volume: object) -> Run:
    which = {} if "id" in volume else {"device": "/dev/sdf"}
    grow = {"volume": {**which, "step": 1, "max_size": 4, **volume}}
    variables = {"instance_id": instance, "remediate_aws_interval": 1, "remediate_grow_timeout": 20}
    site.inventory({"localhost": {}, "db-01": {**variables, "eventops_filesystems": [{"mount": str(disk.path), "threshold": 80, "grow": grow}]}})
    return site.play("eventops.infra.remediate", *options, limit="db-01", variables={"remediate_problem": "DiskFull"}, **aws.environment)


def test_the_volume_grows_by_a_step_and_the_filesystem_with_it(site, aws, instance, directory):
    aws.set_volumes(modifying=2, optimizing=60)
    with on_a_disk(directory, mib=2 * GIB) as disk, follows(disk, aws, instance):
        occupy(disk.path / "data", int(disk.size * 0.9))
        before = disk.size

        run = remediate(site, aws, disk, instance)
        again = remediate(site, aws, disk, instance)

        assert (run.rc, again.rc) == (0, 0), run.output
        assert disk.size > 1.4 * before
        assert volume_of(aws, instance)["Size"] == 3
        # What is not full any more is left alone.
        assert aws.calls()["ModifyVolume"] == 1
        assert "grow_filesystem, " in run.text and "it is as large as its disk" in run.text
        assert run.text.index("grow_filesystem, ") < run.text.index("grow_volume, ")


def test_aws_takes_no_second_change_within_six_hours_and_is_not_pressed(site, aws, instance, directory):
    with on_a_disk(directory, mib=2 * GIB) as disk, follows(disk, aws, instance):
        occupy(disk.path / "data", int(disk.size * 0.9))
        first = remediate(site, aws, disk, instance)
        occupy(disk.path / "more", int((disk.size - 300) * 0.3))

        run = remediate(site, aws, disk, instance)

        assert first.rc == 0, first.output
        assert run.of("failed") == {"db-01": 1}
        assert "AWS takes no change of the volume" in run.text and "Wait at least 6 hours" in run.text
        assert volume_of(aws, instance)["Size"] == 3


def test_the_maximum_is_never_exceeded_and_is_not_asked_for_again(site, aws, instance, directory):
    with on_a_disk(directory, mib=2 * GIB) as disk:
        occupy(disk.path / "data", int(disk.size * 0.9))

        run = remediate(site, aws, disk, instance, step="50%", max_size=2)

    assert run.of("failed") == {"db-01": 1}
    assert "has 2 GiB, and its maximum is 2" in run.text
    assert aws.calls()["ModifyVolume"] == 0


def test_only_a_volume_of_the_host_itself_grows(site, aws, instance, directory):
    other = volume_of(aws, launch(aws))["VolumeId"]
    with on_a_disk(directory, mib=2 * GIB) as disk:
        occupy(disk.path / "data", int(disk.size * 0.9))

        run = remediate(site, aws, disk, instance, id=other)
        no_id = remediate(site, aws, disk, "web-01")

    assert run.of("failed") == no_id.of("failed") == {"db-01": 1}
    assert f"{other} is not attached to the instance" in run.text
    assert "instance_id of db-01 must be the id of the instance that the volume is attached to" in no_id.text
    assert aws.calls()["ModifyVolume"] == 0


def test_a_volume_that_was_grown_before_is_made_use_of_first(site, aws, instance, directory):
    """A run that is killed after the volume grew leaves the filesystem as it was."""
    with on_a_disk(directory, mib=2 * GIB) as disk:
        occupy(disk.path / "data", int(disk.size * 0.9))
        disk.grow(3 * GIB)

        run = remediate(site, aws, disk, instance)

        assert run.rc == 0, run.output
        assert aws.calls()["ModifyVolume"] == 0
