# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Grow an EBS volume by a bounded step, and wait until its instance can use what was added."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from ansible_collections.eventops.infra.plugins.module_utils.aws.calls import ask
from ansible_collections.eventops.infra.plugins.module_utils.aws.errors import AWSError

# From then on the volume has its new size (Amazon EBS User Guide, "Monitor the progress of volume modifications").
_USABLE = ("optimizing", "completed")
# A volume takes only so many changes in some hours, and none while one goes on.
_NOT_YET = ("VolumeModificationRateExceeded", "IncorrectModificationState", "IncorrectState")
_GIB = 2**30
_NEVER_MODIFIED = "InvalidVolumeModification.NotFound"


class NotTheVolume(Exception):
    """What the inventory says is no volume of the instance; the text says why."""


class NotInTime(Exception):
    """AWS took longer than was allowed."""


@dataclass(frozen=True)
class Grown:
    """What came of it: the volume, its sizes in GiB, and why it was not grown, if so."""

    volume_id: str
    before: int
    after: int
    not_done: str = ""


@dataclass(frozen=True)
class Chosen:
    """Which volume is meant: as the inventory says (its id or its device), and as the disk itself says (its serial and its size); each empty or 0 where not."""

    volume_id: str = ""
    device: str = ""
    serial: str = ""
    disk_bytes: int = 0


def next_size(size: int, step: str, most: int) -> int:
    """Return the size in GiB that a volume of some size gets, never more than the most, and never less than it has.

    Args:
        step: GiB, or a share such as 20%.
    """
    added = math.ceil(size * int(step[:-1]) / 100) if step.endswith("%") else int(step)
    return max(size, min(size + added, most))


def choose(instance_id: str, volumes: list, chosen: Chosen) -> dict:
    """Return the one of an instance's volumes that is meant, as DescribeVolumes has it. Raises NotTheVolume.

    Only where a volume is attached to this instance counts: with Multi-Attach it is another device at another one.
    """
    devices = {each["VolumeId"]: _device(instance_id, each) for each in volumes}
    attached = [each for each in volumes if devices[each["VolumeId"]]]
    volume = _named(attached, devices, chosen.volume_id, chosen.device, chosen.serial)
    if chosen.disk_bytes and chosen.disk_bytes != volume["Size"] * _GIB:
        raise NotTheVolume(
            f"{volume['VolumeId']} has {volume['Size']} GiB, and the disk of the filesystem {chosen.disk_bytes / _GIB:g}: "
            "it is another one, or the machine has not seen that it has grown"
        )
    return volume


def _device(instance_id, volume):
    """Return the device as which a volume is attached to an instance; empty where it is not, not yet, or about to be detached."""
    own = [each["Device"] for each in volume["Attachments"] if each["InstanceId"] == instance_id and each["State"] == "attached"]
    return own[0] if own else ""


def _named(volumes, devices, volume_id, device, serial):
    if volume_id and serial and volume_id != serial:
        raise NotTheVolume(f"volume_id: the filesystem is on {serial}, and not on {volume_id}")
    wanted = volume_id or ("" if device else serial)
    if wanted:
        found = [each for each in volumes if each["VolumeId"] == wanted]
    elif device:
        found = [each for each in volumes if devices[each["VolumeId"]] == device]
        if found and serial and found[0]["VolumeId"] != serial:
            raise NotTheVolume(f"device: {device} is {found[0]['VolumeId']}, and the filesystem is on {serial}")
    else:
        raise NotTheVolume("the disk does not say which volume it is: name it in the inventory, by id or by device")
    if len(found) != 1:
        names = ", ".join(f"{each['VolumeId']} ({devices[each['VolumeId']]})" for each in volumes) or "none"
        raise NotTheVolume(f"{wanted or device} is not attached to the instance; its volumes are {names}")
    return found[0]


class Growth:
    """The growth of a volume of one instance.

    Args:
        ec2: a client of boto3.
        timeout: seconds until what was added can be used.
        interval: seconds between two looks.
    """

    def __init__(self, ec2: object, timeout: float, interval: float, sleep: Callable[[float], None] = time.sleep) -> None:
        self._ec2, self._timeout, self._interval, self._sleep = ec2, timeout, interval, sleep

    def grow(self, instance_id: str, chosen: Chosen, step: str, most: int, check: bool = False) -> Grown:
        """Grow it by one step. Raises AWSError, NotTheVolume, NotInTime."""
        filters = [{"Name": "attachment.instance-id", "Values": [instance_id]}]
        volumes = ask(self._ec2, "describe_volumes", f"the volumes of {instance_id} were looked at", Filters=filters)["Volumes"]
        volume = choose(instance_id, volumes, chosen)
        name, size = volume["VolumeId"], volume["Size"]
        wanted = next_size(size, step, most)
        if wanted == size:
            return Grown(name, size, size, f"the volume {name} has {size} GiB, and its maximum is {most}")
        if check:
            return Grown(name, size, wanted)
        try:
            ask(self._ec2, "modify_volume", f"the volume {name} was grown from {size} to {wanted} GiB", VolumeId=name, Size=wanted)
        except AWSError as error:
            if error.code in _NOT_YET:
                return Grown(name, size, size, f"AWS takes no change of the volume {name} yet: {error}")
            raise
        self._wait(name, wanted)
        return Grown(name, size, wanted)

    def _wait(self, name, wanted):
        deadline = time.monotonic() + self._timeout
        while True:
            state, why = self._progress(name)
            if state in _USABLE:
                return
            if state == "failed":
                raise AWSError(f"AWS could not grow the volume {name} to {wanted} GiB: {why or 'without a word'}")
            if time.monotonic() > deadline:
                raise NotInTime(f"the volume {name} is being grown to {wanted} GiB, and was not ready within {self._timeout:g} s: it is {state}")
            self._sleep(self._interval)

    def _progress(self, name):
        """Return the state of the newest change, and what AWS says of it."""
        try:
            changes = ask(self._ec2, "describe_volumes_modifications", f"the growth of the volume {name} was followed", VolumeIds=[name])
        except AWSError as error:
            if error.code == _NEVER_MODIFIED:  # not to be seen everywhere at once
                return "not begun", ""
            raise
        newest = max(changes["VolumesModifications"], key=lambda each: each["StartTime"], default={})
        return newest.get("ModificationState", "not begun"), newest.get("StatusMessage", "")
