# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""DescribeScalingActivities, which moto answers with an empty list.

The fields and their values: Amazon EC2 Auto Scaling API Reference, "Activity" and "DescribeScalingActivities".
"""

from __future__ import annotations

import itertools
import json
import time
import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from moto.autoscaling.models import FakeAutoScalingGroup
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult

from . import paging, times

_MOST = 100


@dataclass
class Activity:
    """One activity of a group, with the names that moto's serializer looks for; `done_at` is a monotonic time."""

    auto_scaling_group_name: str
    auto_scaling_group_arn: str
    description: str
    cause: str
    details: str
    done_at: float
    number: int
    activity_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    start_time: datetime = field(default_factory=times.now)
    end_time: datetime | None = None
    status_code: str = "InProgress"
    status_message: str | None = None
    progress: int = 30
    auto_scaling_group_state: str | None = None

    def finish(self) -> None:
        """End well."""
        self.status_code, self.progress, self.end_time = "Successful", 100, times.now()

    def fail(self, why: str) -> None:
        """End badly."""
        self.status_code, self.progress, self.end_time, self.status_message = "Failed", 100, times.now(), why


_activities: dict[tuple[str, str], list[Activity]] = defaultdict(list)
_numbers = itertools.count()


def add_to_moto() -> None:
    """Teach moto the call."""
    AutoScalingResponse.describe_scaling_activities = describe_scaling_activities


def start(group: FakeAutoScalingGroup, description: str, cause: str, seconds: float) -> Activity:
    """Begin an activity that takes so many seconds."""
    details = json.dumps({"Availability Zone": group.availability_zones[0]})
    told = f"At {times.now():%Y-%m-%dT%H:%M:%SZ} {cause}"
    activity = Activity(group.name, group.arn, description, told, details, time.monotonic() + seconds, next(_numbers))
    if not seconds:
        activity.finish()
    _activities[group.account_id, group.region].append(activity)
    return activity


def finish(group: FakeAutoScalingGroup, now: float) -> None:
    """End the activities of a group whose time is over."""
    for activity in _activities[group.account_id, group.region]:
        if activity.auto_scaling_group_name == group.name and activity.status_code == "InProgress" and activity.done_at <= now:
            activity.finish()


def describe_scaling_activities(self: AutoScalingResponse) -> ActionResult:
    """Answer with activities, the newest first. The activities of a deleted group are not told: the double does not know IncludeDeletedGroups."""
    wanted = self._get_param
    groups = self.autoscaling_backend.autoscaling_groups
    found = [
        activity
        for activity in reversed(_activities[self.current_account, self.region])
        if activity.auto_scaling_group_name in groups
        and wanted("AutoScalingGroupName") in (None, activity.auto_scaling_group_name)
        and (not wanted("ActivityIds") or activity.activity_id in wanted("ActivityIds"))
    ]  # fmt: skip
    size: Any = paging.size_of(wanted("MaxRecords"), _MOST, _MOST)
    shown, token = paging.page(found, size, wanted("NextToken"), lambda activity: activity.number)
    return ActionResult({"Activities": shown, "NextToken": token})


def age(seconds: float) -> None:
    """Let all that ended have been so much earlier."""
    for activity in [activity for found in _activities.values() for activity in found if activity.end_time]:
        activity.start_time -= timedelta(seconds=seconds)
        activity.end_time -= timedelta(seconds=seconds)


def forget() -> None:
    """Forget everything."""
    _activities.clear()
