# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What matters of an Auto Scaling group to one of its instances."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.eventops.infra.plugins.module_utils.aws.group import find_activities, find_group


@dataclass(frozen=True)
class Group:
    """An Auto Scaling group; `members` has the lifecycle state of each instance, `unhealthy` those that it is going to replace."""

    name: str
    minimum: int
    maximum: int
    desired: int
    members: dict
    unhealthy: tuple = ()
    suspended: tuple = ()

    @property
    def in_service(self) -> tuple:
        """The ids of the instances that serve."""
        return tuple(sorted(each for each, state in self.members.items() if state == "InService" and each not in self.unhealthy))

    @property
    def replaces_stopped(self) -> bool:
        """Whether it would replace a member that is stopped."""
        return not any(process in self.suspended for process in ("HealthCheck", "ReplaceUnhealthy", "Terminate"))

    def missing_without(self, instance_id: str) -> str:
        """Say what it lacks when an instance does not count; empty when it lacks nothing."""
        serving = [each for each in self.in_service if each != instance_id]
        if len(serving) >= self.desired and instance_id not in self.members:
            return ""
        return f"the group {self.name} has {len(serving)} of {self.desired} instances in service beside {instance_id}"

    def as_dict(self) -> dict:
        """Return what a module tells of it."""
        numbers = {"min_size": self.minimum, "max_size": self.maximum, "desired_capacity": self.desired}
        return {"name": self.name, **numbers, "in_service": list(self.in_service), "suspended_processes": list(self.suspended)}


def look_at_group(autoscaling: object, name: str) -> Group | None:
    """Ask about a group, None when there is none of that name. Raises AWSError."""
    found = find_group(autoscaling, name)
    return read(found) if found else None


def has_told(autoscaling: object, name: str, what: str, since: float) -> bool:
    """Return whether a group has an activity of this description that began since a time in seconds since the epoch. Raises AWSError."""
    found = find_activities(autoscaling, name, since)
    return any(each["Description"] == what and each["StartTime"].timestamp() >= int(since) for each in found)


def read(described: dict) -> Group:
    """Make a group of what DescribeAutoScalingGroups says."""
    instances = described.get("Instances", ())
    return Group(
        name=described["AutoScalingGroupName"],
        minimum=described["MinSize"],
        maximum=described["MaxSize"],
        desired=described["DesiredCapacity"],
        members={each["InstanceId"]: each["LifecycleState"] for each in instances},
        unhealthy=tuple(each["InstanceId"] for each in instances if each.get("HealthStatus", "Healthy").lower() != "healthy"),
        suspended=tuple(sorted(each["ProcessName"] for each in described.get("SuspendedProcesses", ()))),
    )
