# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An Auto Scaling group as the role scale measures it: its capacity, its instances, and what stands against a change now.

The states, statuses and texts are those of the Amazon EC2 Auto Scaling API Reference (Instance, Activity, InstanceRefresh).
"""

from __future__ import annotations

import re
import time
from datetime import datetime

from ansible_collections.eventops.infra.plugins.module_utils.aws.calls import ask
from ansible_collections.eventops.infra.plugins.module_utils.aws.errors import AWSError

RECORD_TAG = "eventops:scale"
_MOST_PAGES = 10  # of 100 activities each
_ENDED = ("Successful", "Failed", "Cancelled")
_REFRESHES = ("Pending", "InProgress", "Cancelling", "RollbackInProgress", "Baking")
COUNTED = ("in_service", "starting", "warming")
_CHANGES_CAPACITY = re.compile(r"changing the desired capacity|(increasing|shrinking) the capacity")
_LAUNCH = re.compile(r"Launching a new EC2 instance.*?: ?(i-[0-9a-f]+)")


def find_group(client: object, name: str) -> dict | None:
    """Return a group as AWS describes it, None when there is none of that name. Raises AWSError."""
    found = ask(client, "describe_auto_scaling_groups", f"the group {name} was looked up", AutoScalingGroupNames=[name])["AutoScalingGroups"]
    return found[0] if found else None


def find_activities(client: object, name: str, since: float) -> list[dict]:
    """Return the activities of a group, the newest first, as far back as a time in seconds since the epoch; the newest hundred at least."""
    found, more = [], {}
    for _page in range(_MOST_PAGES):
        page = ask(client, "describe_scaling_activities", f"the activities of {name} were looked up", AutoScalingGroupName=name, **more)
        found += page.get("Activities", ())
        if not page.get("NextToken") or found and found[-1]["StartTime"].timestamp() < since:
            break
        more = {"NextToken": page["NextToken"]}
    return found


def find_refresh(client: object, name: str) -> dict | None:
    """Return the instance refresh that runs, or None."""
    found = ask(client, "describe_instance_refreshes", f"the instance refreshes of {name} were looked up", AutoScalingGroupName=name, MaxRecords=10)
    return next((each for each in found.get("InstanceRefreshes", ()) if each["Status"] in _REFRESHES), None)


def measure(client: object, name: str, *, warmup: float = 0, history: float = 3600, troubles_since: float = 0) -> dict:
    """Measure a group.

    Args:
        client: of autoscaling.
        name: of the group.
        warmup: seconds that a new instance takes to have its share of the load; the group's own default counts when it is longer.
        history: seconds; for so long changes of its capacity are looked up.
        troubles_since: in seconds since the epoch; activities that failed before it are not told.

    Returns:
        The mapping that README.md of the role scale describes.

    Raises:
        AWSError: there is no such group, or AWS could not be asked.
    """
    now = time.time()
    group = find_group(client, name)
    if group is None:
        raise AWSError(f"there is no Auto Scaling group {name} in {client.meta.region_name}")
    warmup = max(warmup, group.get("DefaultInstanceWarmup") or 0)
    activities = find_activities(client, name, now - max(history, warmup))
    launched = _launched(activities)
    instances = [_instance(each, now - launched.get(each["InstanceId"], 0.0) < warmup) for each in group["Instances"]]
    return {
        "desired": group["DesiredCapacity"],
        "min": group["MinSize"],
        "max": group["MaxSize"],
        "instances": instances,
        "in_progress": _in_progress(instances, activities, find_refresh(client, name)),
        "blocked_out": _blocked(group, "Launch"),
        "blocked_in": _blocked(group, "Terminate"),
        "changed_at": max((each["StartTime"].timestamp() for each in activities if _CHANGES_CAPACITY.search(each.get("Cause", ""))), default=None),
        "record": next((tag.get("Value", "") for tag in group.get("Tags", ()) if tag["Key"] == RECORD_TAG), ""),
        "trouble": _trouble(activities, troubles_since),
    }


def _launched(activities: list[dict]) -> dict[str, float]:
    found = {}
    for each in activities:
        launch = _LAUNCH.match(each.get("Description", ""))
        ended = each.get("EndTime")
        if launch and isinstance(ended, datetime):
            found.setdefault(launch[1], ended.timestamp())
    return found


def _instance(instance: dict, warms_up: bool) -> dict:
    state = _state(instance["LifecycleState"])
    return {
        "name": instance["InstanceId"],
        "state": "warming" if state == "in_service" and warms_up else state,
        "healthy": instance["HealthStatus"].lower() == "healthy",
        "protected": bool(instance.get("ProtectedFromScaleIn")),
    }


def _state(lifecycle: str) -> str:
    exact = {"InService": "in_service", "Standby": "standby", "EnteringStandby": "standby", "Detaching": "stopping"}
    begins = {"Pending": "starting", "Terminating": "stopping"}  # with :Wait, :Proceed; those of a warm pool begin with Warmed
    return exact.get(lifecycle) or begins.get(lifecycle.partition(":")[0], "other")


def _in_progress(instances: list[dict], activities: list[dict], refresh: dict | None) -> str:
    for each in activities:
        if each["StatusCode"] not in _ENDED:
            return f"{each.get('Description') or 'an activity'} ({each['StatusCode']})"
    if refresh:
        return f"instance refresh {refresh['InstanceRefreshId']} ({refresh['Status']})"
    for each in instances:
        if each["state"] in ("starting", "stopping"):
            return f"{each['name']} is {each['state']}"
    return ""


def _blocked(group: dict, process: str) -> str:
    if group.get("Status"):
        return f"the group is being deleted ({group['Status']})"
    for each in group.get("SuspendedProcesses", ()):
        if each["ProcessName"] == process:
            return f"its process {process} is suspended: {each.get('SuspensionReason') or 'without a reason'}"
    if any(each.get("WeightedCapacity") not in (None, "", "1") for each in group["Instances"]):
        return "its instances have different weights, so that its capacity is no number of instances"
    return ""


def _trouble(activities: list[dict], since: float) -> str:
    for each in activities:
        if each["StatusCode"] in ("Failed", "Cancelled") and each["StartTime"].timestamp() >= since:
            return f"{each.get('StatusMessage') or each.get('Description') or each['StatusCode']} (at {each['StartTime']:%Y-%m-%dT%H:%M:%SZ})"
    return ""
