# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Instances with a volume in a double of AWS."""

from __future__ import annotations

from ansible_collections.eventops.infra.tests.doubles.aws import RunningAws


def launch(aws: RunningAws) -> str:
    """Launch an instance with a volume of 2 GiB at /dev/sdf, and return its id."""
    ec2 = aws.client("ec2")
    [image] = ec2.describe_images(Owners=["amazon"])["Images"][:1]
    disks = [{"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 2}}]
    [made] = ec2.run_instances(ImageId=image["ImageId"], MinCount=1, MaxCount=1, BlockDeviceMappings=disks)["Instances"]
    return made["InstanceId"]


def volume_of(aws: RunningAws, instance: str) -> dict:
    """Return that volume of an instance, as DescribeVolumes has it."""
    filters = [{"Name": "attachment.instance-id", "Values": [instance]}, {"Name": "attachment.device", "Values": ["/dev/sdf"]}]
    [volume] = aws.client("ec2").describe_volumes(Filters=filters)["Volumes"]
    return volume
