# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Auto Scaling groups that take their time: instances warm up and end, and activities tell of it. moto's groups change at once, and tell nothing.

An activity follows from each instance that a group launches or ends, whatever the reason, or moves to standby or out of it. What time does is caught up with
before each call of Auto Scaling.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from moto.autoscaling.models import AutoScalingBackend, FakeAutoScalingGroup, InstanceState, autoscaling_backends
from moto.autoscaling.responses import AutoScalingResponse

from . import activities

_launch = FakeAutoScalingGroup.replace_autoscaling_group_instances
_set_desired_capacity = FakeAutoScalingGroup.set_desired_capacity
_enter_standby = AutoScalingBackend.enter_standby_instances
_exit_standby = AutoScalingBackend.exit_standby_instances
_terminate_instance = AutoScalingBackend.terminate_instance
_call_action = AutoScalingResponse.call_action
_THERE = ("InService", "Pending")
NO_CAPACITY = "We currently do not have sufficient capacity in the Availability Zone you requested. Launching EC2 instance failed."
PROTECTED = "Could not scale to desired capacity because all remaining instances are protected from scale in."


@dataclass
class Pace:
    """How a group changes: seconds until a new instance is in service, seconds until one has ended, and why launches fail, if they do.

    `default_warmup` is DefaultInstanceWarmup, which moto lacks, and `refresh` the status of an instance refresh, if there is one.
    """

    warm_up: float = 0.0
    terminate: float = 0.0
    launches_fail: str = ""
    default_warmup: int = 0
    refresh: str = ""


pace = Pace()


def add_to_moto() -> None:
    """Teach moto's groups to take their time."""
    FakeAutoScalingGroup.active_instances = lambda self: [each for each in self.instance_states if each.lifecycle_state in _THERE]
    FakeAutoScalingGroup.instances = property(lambda self: [*self.instance_states, *_ending(self)])
    FakeAutoScalingGroup.replace_autoscaling_group_instances = launch
    FakeAutoScalingGroup.set_desired_capacity = set_desired_capacity
    FakeAutoScalingGroup.default_instance_warmup = property(lambda self: pace.default_warmup or None)
    AutoScalingBackend.enter_standby_instances = enter_standby_instances
    AutoScalingBackend.exit_standby_instances = exit_standby_instances
    AutoScalingBackend.terminate_instance = terminate_instance
    AutoScalingResponse.call_action = call_action


def call_action(self: AutoScalingResponse) -> Any:
    """Let the time pass, and answer."""
    for backend in list(autoscaling_backends[self.current_account].values()):
        for group in list(backend.autoscaling_groups.values()):
            pass_time(group)
    return _call_action(self)


def pass_time(group: FakeAutoScalingGroup) -> None:
    """Bring instances into service and to their end whose time has come; replace unhealthy ones, as the health check of a group does."""
    now = time.monotonic()
    activities.finish(group, now)
    for each in group.instance_states:
        if each.lifecycle_state == "Pending" and each.ready_at <= now:
            each.lifecycle_state = "InService"
    group.ending = [each for each in _ending(group) if each.ready_at > now]
    unhealthy = [each for each in group.instance_states if each.health_status == "Unhealthy"]
    if unhealthy and "ReplaceUnhealthy" not in group._suspended_processes:
        group.instance_states = [each for each in group.instance_states if each not in unhealthy]
        group.ec2_backend.terminate_instances([each.instance.id for each in unhealthy])
        _end(group, unhealthy, "an instance was taken out of service in response to an EC2 health check indicating it has been terminated or stopped.")
        group.set_desired_capacity(group.desired_capacity)


def launch(self: FakeAutoScalingGroup, count_needed: int, propagated_tags: dict[str, str]) -> None:
    """Launch instances, each with its activity; they are pending until they are warm."""
    cause = f"a user request or a policy changed the desired capacity, increasing the capacity to {self.desired_capacity}."
    if pace.launches_fail:
        for _number in range(count_needed):
            activities.start(self, "Launching a new EC2 instance.", cause, 0).fail(pace.launches_fail)
        return
    before = list(self.instance_states)
    _launch(self, count_needed, propagated_tags)
    for each in [each for each in self.instance_states if each not in before]:
        each.ready_at = time.monotonic() + pace.warm_up
        each.lifecycle_state = "Pending" if pace.warm_up else "InService"
        activities.start(self, f"Launching a new EC2 instance: {each.instance.id}", cause, pace.warm_up)


def set_desired_capacity(self: FakeAutoScalingGroup, new_capacity: int | None) -> None:
    """Change the capacity; the instances that go have their activity, and those that are protected stay and are told about."""
    before = list(self.instance_states) if hasattr(self, "instance_states") else []
    _set_desired_capacity(self, new_capacity)
    gone = [each for each in before if each not in self.instance_states]
    _end(self, gone, f"an instance was taken out of service, shrinking the capacity to {self.desired_capacity}.")
    if len(self.active_instances()) > (self.desired_capacity or 0) and not self.mixed_instances_policy:
        activities.start(self, "Terminating EC2 instance.", "the desired capacity is below the number of instances.", 0).fail(PROTECTED)


def enter_standby_instances(self: AutoScalingBackend, group_name: str, instance_ids: list[str], should_decrement: bool) -> Any:
    """Put instances on standby, each with its activity."""
    group = self.autoscaling_groups[group_name]
    before, answer = group.desired_capacity, _enter_standby(self, group_name, instance_ids, should_decrement)
    shrinking = f", shrinking the capacity from {before} to {group.desired_capacity}" if should_decrement else ""
    _move(group, instance_ids, "to Standby", f"was moved to standby in response to a user request{shrinking}.")
    return answer


def exit_standby_instances(self: AutoScalingBackend, group_name: str, instance_ids: list[str]) -> Any:
    """Take instances from standby, each with its activity."""
    group = self.autoscaling_groups[group_name]
    before, answer = group.desired_capacity, _exit_standby(self, group_name, instance_ids)
    increasing = f", increasing the capacity from {before} to {group.desired_capacity}"
    _move(group, instance_ids, "out of Standby", f"was moved out of standby in response to a user request{increasing}.")
    return answer


def terminate_instance(self: AutoScalingBackend, instance_id: str, should_decrement: bool) -> Any:
    """End one instance of a group, with its activity."""
    group = next(group for group in self.autoscaling_groups.values() for each in group.instance_states if each.instance.id == instance_id)
    cause = f"instance {instance_id} was taken out of service in response to a user request."
    activities.start(group, f"Terminating EC2 instance: {instance_id}", cause, pace.terminate)
    return _terminate_instance(self, instance_id, should_decrement)


def _move(group: FakeAutoScalingGroup, instance_ids: list[str], where: str, cause: str) -> None:
    for each in instance_ids:
        activities.start(group, f"Moving EC2 instance {where}: {each}", f"instance {each} {cause}", 0)


def _end(group: FakeAutoScalingGroup, states: list[InstanceState], cause: str) -> None:
    for each in states:
        each.lifecycle_state = "Terminating"
        each.ready_at = time.monotonic() + pace.terminate
        activities.start(group, f"Terminating EC2 instance: {each.instance.id}", cause, pace.terminate)
    group.ending = [*_ending(group), *(states if pace.terminate else [])]


def _ending(group: FakeAutoScalingGroup) -> list[InstanceState]:
    return getattr(group, "ending", [])
