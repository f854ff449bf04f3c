# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An Auto Scaling group at the double of AWS, that has been there for long."""

from __future__ import annotations

from ansible_collections.eventops.infra.tests.doubles.aws import RunningAws

LONG_AGO_SECONDS = 7200
IMAGE = "ami-12c6146b"


class AwsGroup:
    """A group with so many instances in service."""

    def __init__(self, aws: RunningAws, name: str = "web", size: int = 2, least: int = 1, most: int = 8) -> None:
        self._aws, self.name = aws, name
        self._client = aws.client("autoscaling")
        self._client.create_launch_configuration(LaunchConfigurationName=name, ImageId=IMAGE, InstanceType="t3.micro")
        bounds = {"MinSize": least, "MaxSize": most, "DesiredCapacity": size}
        self._client.create_auto_scaling_group(AutoScalingGroupName=name, LaunchConfigurationName=name, AvailabilityZones=["eu-central-1a"], **bounds)
        aws.age_activities(LONG_AGO_SECONDS)
        aws.forget_calls()

    @property
    def desired(self) -> int:
        """Return how many instances it is to have."""
        return self._found()["DesiredCapacity"]

    @property
    def in_service(self) -> int:
        """Return how many instances it has in service."""
        return len([each for each in self._found()["Instances"] if each["LifecycleState"] == "InService"])

    @property
    def was_set(self) -> int:
        """Return how often its capacity was set since it was made."""
        return self._aws.calls()["SetDesiredCapacity"]

    def tag(self, key: str) -> str | None:
        """Return the value of a tag; None where it has none of that key."""
        return next((tag["Value"] for tag in self._found().get("Tags", ()) if tag["Key"] == key), None)

    def _found(self) -> dict:
        return self._client.describe_auto_scaling_groups(AutoScalingGroupNames=[self.name])["AutoScalingGroups"][0]
