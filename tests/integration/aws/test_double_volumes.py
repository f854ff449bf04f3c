# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The double's volumes take their time to change, and take one change in six hours, as EBS's do."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.tests.doubles.aws import RunningAws
from ansible_collections.eventops.infra.tests.e2e.waiting import wait_until
from botocore.exceptions import ClientError


def refusal(call, **arguments: object) -> str:
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return refused.value.response["Error"]["Code"]


def test_a_volume_takes_its_time_and_one_change_in_six_hours(aws: RunningAws) -> None:
    aws.set_volumes(modifying=1, optimizing=2)
    ec2 = aws.client("ec2")
    volume = ec2.create_volume(AvailabilityZone=f"{ec2.meta.region_name}a", Size=8)["VolumeId"]
    assert refusal(ec2.describe_volumes_modifications, VolumeIds=[volume]) == "InvalidVolumeModification.NotFound"

    begun = ec2.modify_volume(VolumeId=volume, Size=10)["VolumeModification"]

    def state() -> str:
        [change] = ec2.describe_volumes_modifications(VolumeIds=[volume])["VolumesModifications"]
        return change["ModificationState"]

    assert (begun["ModificationState"], begun["OriginalSize"], begun["TargetSize"]) == ("modifying", 8, 10)
    assert refusal(ec2.modify_volume, VolumeId=volume, Size=12) == "IncorrectModificationState"
    wait_until(lambda: state() == "optimizing", "the volume to be usable", 10)
    wait_until(lambda: state() == "completed", "the volume to be done", 10)
    assert refusal(ec2.modify_volume, VolumeId=volume, Size=12) == "VolumeModificationRateExceeded"
    aws.set_volumes(apart=0)
    assert ec2.modify_volume(VolumeId=volume, Size=12)["VolumeModification"]["TargetSize"] == 12
