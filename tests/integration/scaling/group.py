# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An Auto Scaling group at the double of AWS, and the real ansible-playbook that scales it."""

from __future__ import annotations

import re
import time
from typing import Any

from ansible_collections.eventops.infra.tests.doubles.aws import ACCOUNT, RunningAws
from ansible_collections.eventops.infra.tests.integration.roles.site import Run, Site

TAG = "eventops:scale"
LONG_AGO_SECONDS = 7200


def ago(seconds: float) -> str:
    """Return a time of the past, as the record of a group has it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - seconds))


class Group:
    """A group of so many instances that have been there for long, and an inventory that lets it be scaled."""

    def __init__(self, aws: RunningAws, site: Site, size: int = 2, least: int = 1, most: int = 6, name: str = "web", account: str = ACCOUNT) -> None:
        self.aws = aws
        self.site = site
        self.name = name
        self.client = aws.client("autoscaling", account=account)
        image = "ami-12c6146b"
        self.client.create_launch_configuration(LaunchConfigurationName=name, ImageId=image, InstanceType="t3.micro")
        settings = {"MinSize": least, "MaxSize": most, "DesiredCapacity": size, "AvailabilityZones": ["eu-central-1a"]}
        self.client.create_auto_scaling_group(AutoScalingGroupName=name, LaunchConfigurationName=name, **settings)
        aws.age_activities(LONG_AGO_SECONDS)
        self.inventory()
        aws.forget_calls()

    def entry(self, **others: Any) -> dict:
        """Return what an operator writes into the inventory of it."""
        return {"name": self.name, "provider": "aws", "min": 1, "max": 5, "cooldown": 300, "wait": 20} | others

    def inventory(self, *others: dict, **entry: Any) -> None:
        """Write the inventory."""
        self.site.inventory({"localhost": {"scale_groups": [self.entry(**entry), *others], "scale_interval": 1}})

    def scale(self, *options: str, env: dict | None = None, **variables: Any) -> Run:
        """Run the playbook."""
        variables = {"scale_group": self.name} | variables
        return self.site.play("eventops.infra.scale", *options, limit="localhost", variables=variables, **(env or self.aws.environment))

    def found(self) -> dict:
        """Return the group as AWS has it."""
        return self.client.describe_auto_scaling_groups(AutoScalingGroupNames=[self.name])["AutoScalingGroups"][0]

    @property
    def desired(self) -> int:
        """Return how many instances it is to have."""
        return self.found()["DesiredCapacity"]

    @property
    def instances(self) -> list[str]:
        """Return the instances that it has in service."""
        return sorted(each["InstanceId"] for each in self.found()["Instances"] if each["LifecycleState"] == "InService")

    @property
    def record(self) -> str:
        """Return what the role wrote to it."""
        return next((tag["Value"] for tag in self.found()["Tags"] if tag["Key"] == TAG), "")

    def write_record(self, record: str) -> None:
        """Write the record, as another controller would have."""
        tag = {"ResourceId": self.name, "ResourceType": "auto-scaling-group", "Key": TAG, "Value": record, "PropagateAtLaunch": False}
        self.client.create_or_update_tags(Tags=[tag])

    def age(self, seconds: float = LONG_AGO_SECONDS) -> None:
        """Let all that happened have been so much earlier."""
        self.aws.age_activities(seconds)
        if self.record:
            self.write_record(re.sub(r"^time=\S+", f"time={ago(seconds)}", self.record))

    @property
    def was_set(self) -> int:
        """Return how often its capacity was set since the inventory was written first."""
        return self.aws.calls()["SetDesiredCapacity"]
