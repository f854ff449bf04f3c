# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""DescribeInstanceRefreshes, which moto lacks: groups have none, or one in the status that a test wants.

The fields and their values: Amazon EC2 Auto Scaling API Reference, "InstanceRefresh".
"""

from __future__ import annotations

from typing import Any

from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult

from . import groups, times

_ID = "08b91cf7-8fa6-48af-b6a6-d227f40f1b9b"


def add_to_moto() -> None:
    """Teach moto the call."""
    AutoScalingResponse.describe_instance_refreshes = describe_instance_refreshes


def describe_instance_refreshes(self: AutoScalingResponse) -> ActionResult:
    """Answer with the refresh of a group, if it has one."""
    name = self._get_param("AutoScalingGroupName")
    status = groups.pace.refresh
    found: list[dict[str, Any]] = []
    if status:
        found = [{"InstanceRefreshId": _ID, "AutoScalingGroupName": name, "Status": status, "StartTime": times.now(), "PercentageComplete": 50}]
    return ActionResult({"InstanceRefreshes": found})
