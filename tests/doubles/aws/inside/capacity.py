# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What Auto Scaling refuses and moto does not: a group that is not there, a capacity outside its bounds, a cooldown that is not over.

The answers are those that the API gives to SetDesiredCapacity and UpdateAutoScalingGroup (Amazon EC2 Auto Scaling API Reference).
"""

from __future__ import annotations

import time

from moto.autoscaling.models import FakeAutoScalingGroup
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, EmptyResult

_update = AutoScalingResponse.update_auto_scaling_group


class Refused(ServiceException):
    """What the API answers to what is not allowed."""

    code = "ValidationError"


class CoolingDown(ServiceException):
    """What it answers when the cooldown shall be honoured and is not over."""

    code = "ScalingActivityInProgress"


def add_to_moto() -> None:
    """Teach moto to refuse."""
    AutoScalingResponse.set_desired_capacity = set_desired_capacity
    AutoScalingResponse.update_auto_scaling_group = update_auto_scaling_group


def set_desired_capacity(self: AutoScalingResponse) -> ActionResult:
    """Change the capacity within the bounds of the group."""
    group = _group(self)
    wanted = self._get_int_param("DesiredCapacity")
    if wanted > group.max_size:
        raise Refused(f"New SetDesiredCapacity value {wanted} is above max value {group.max_size} for the AutoScalingGroup.")
    if wanted < group.min_size:
        raise Refused(f"New SetDesiredCapacity value {wanted} is below min value {group.min_size} for the AutoScalingGroup.")
    if self._get_bool_param("HonorCooldown", False) and time.monotonic() < getattr(group, "cools_until", 0.0):
        raise CoolingDown(f"Scaling activity {group.name} is in progress and blocks this action")
    self.autoscaling_backend.set_desired_capacity(group.name, wanted)
    group.cools_until = time.monotonic() + group.default_cooldown
    return EmptyResult()


def update_auto_scaling_group(self: AutoScalingResponse) -> ActionResult:
    """Change the group when its bounds and its capacity fit together."""
    group = _group(self)
    least = self._get_int_param("MinSize", group.min_size)
    most = self._get_int_param("MaxSize", group.max_size)
    wanted = self._get_int_param("DesiredCapacity", min(max(group.desired_capacity, least), most))
    if most < least:
        raise Refused(f"Max bound, {most}, must be greater than or equal to min bound, {least}")
    if not least <= wanted <= most:
        raise Refused(f"Desired capacity:{wanted} must be between the specified min size:{least} and max size:{most}")
    return _update(self)


def _group(response: AutoScalingResponse) -> FakeAutoScalingGroup:
    groups = response.autoscaling_backend.autoscaling_groups
    name = response._get_param("AutoScalingGroupName")
    if name not in groups:
        raise Refused("AutoScalingGroup name not found - AutoScalingGroup not found")
    return groups[name]
