# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Instances and groups in a double of AWS, and what was done to them."""

from __future__ import annotations

from ansible_collections.eventops.infra.tests.doubles.aws import RunningAws

CHANGING = ["RebootInstances", "StopInstances", "StartInstances", "TerminateInstances", "TerminateInstanceInAutoScalingGroup", "CreateTags"]


def launch(aws: RunningAws, kind: str = "t3.micro", public: bool = False) -> str:
    """Launch an instance without a public address, unless one is wanted, and return its id."""
    ec2 = aws.client("ec2")
    [image] = ec2.describe_images(Owners=["amazon"])["Images"][:1]
    network = [{"DeviceIndex": 0, "AssociatePublicIpAddress": public}]
    [made] = ec2.run_instances(ImageId=image["ImageId"], InstanceType=kind, MinCount=1, MaxCount=1, NetworkInterfaces=network)["Instances"]
    return made["InstanceId"]


def group_of(aws: RunningAws, size: int, minimum: int = 0) -> list[str]:
    """Make a group named web and return the ids of its instances."""
    ec2, autoscaling = aws.client("ec2"), aws.client("autoscaling")
    [image] = ec2.describe_images(Owners=["amazon"])["Images"][:1]
    [subnet] = ec2.describe_subnets()["Subnets"][:1]
    ec2.modify_subnet_attribute(SubnetId=subnet["SubnetId"], MapPublicIpOnLaunch={"Value": False})
    autoscaling.create_launch_configuration(LaunchConfigurationName="web", ImageId=image["ImageId"], InstanceType="t3.micro")
    autoscaling.create_auto_scaling_group(
        AutoScalingGroupName="web",
        LaunchConfigurationName="web",
        MinSize=minimum,
        MaxSize=5,
        DesiredCapacity=size,
        VPCZoneIdentifier=subnet["SubnetId"],
    )
    return [each["InstanceId"] for each in described(aws)["Instances"]]


def described(aws: RunningAws) -> dict:
    [group] = aws.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=["web"])["AutoScalingGroups"]
    return group


def state(aws: RunningAws, instance: str) -> str:
    [reservation] = aws.client("ec2").describe_instances(InstanceIds=[instance])["Reservations"]
    return reservation["Instances"][0]["State"]["Name"]


def changes(aws: RunningAws) -> dict[str, int]:
    calls = aws.calls()
    return {name: calls[name] for name in CHANGING if calls[name]}
