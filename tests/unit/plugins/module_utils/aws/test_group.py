# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an Auto Scaling group is measured to be, out of answers of the shapes that AWS's own model of the service has."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from ansible_collections.eventops.infra.plugins.module_utils.aws.capacity import objection, set_capacity
from ansible_collections.eventops.infra.plugins.module_utils.aws.errors import AWSError
from ansible_collections.eventops.infra.plugins.module_utils.aws.group import RECORD_TAG, measure
from botocore.stub import Stubber

LONG_AGO = timedelta(days=1)
CAUSES = {
    "user": "At 2026-01-31T12:00:00Z a user request explicitly set group desired capacity changing the desired capacity from 1 to 2.",
    "difference": "At 2026-01-31T12:00:05Z an instance was started in response to a difference between desired and actual capacity, increasing the "
    "capacity from 1 to 2.",
    "health": "At 2026-01-31T12:00:00Z an instance was launched in response to an unhealthy instance needing to be replaced.",
}


def activity(description="Launching a new EC2 instance: i-0a", status="Successful", ago=LONG_AGO, cause="health", **others):
    began = datetime.now(UTC) - ago
    given = {"ActivityId": "a", "AutoScalingGroupName": "web", "Cause": CAUSES[cause], "StartTime": began, "StatusCode": status, "Description": description}
    return given | ({"EndTime": began} if status in ("Successful", "Failed", "Cancelled") else {}) | others


def instance(name="i-0a", state="InService", health="Healthy", protected=False, **others):
    return {"InstanceId": name, "AvailabilityZone": "a", "LifecycleState": state, "HealthStatus": health, "ProtectedFromScaleIn": protected, **others}


class Asked:
    """A client whose answers are given, in the order in which they are asked for; the arguments are checked, too."""

    def __init__(self):
        keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x"}
        self.client = boto3.session.Session().client("autoscaling", region_name="eu-central-1", **keys)
        self.stub = Stubber(self.client)
        self.stub.activate()

    def group(self, *instances, activities=None, refreshes=(), more=None, **others):
        given = {
            "AutoScalingGroupName": "web",
            "MinSize": 1,
            "MaxSize": 6,
            "DesiredCapacity": len(instances),
            "DefaultCooldown": 300,
            "AvailabilityZones": ["a"],
            "HealthCheckType": "EC2",
            "CreatedTime": datetime.now(UTC),
            "Instances": list(instances),
        }
        self.stub.add_response("describe_auto_scaling_groups", {"AutoScalingGroups": [given | others]}, {"AutoScalingGroupNames": ["web"]})
        self.stub.add_response(
            "describe_scaling_activities", {"Activities": [activity()] if activities is None else activities} | (more or {}), {"AutoScalingGroupName": "web"}
        )
        if not more:
            self.stub.add_response("describe_instance_refreshes", {"InstanceRefreshes": list(refreshes)}, {"AutoScalingGroupName": "web", "MaxRecords": 10})
        return self


def measured(*instances, warmup=0, history=3600, troubles_since=0, **group):
    asked = Asked().group(*instances, **group)
    return measure(asked.client, "web", warmup=warmup, history=history, troubles_since=troubles_since)


def test_a_group_at_rest():
    found = measured(instance("i-0a"), instance("i-0b", protected=True), Tags=[{"Key": RECORD_TAG, "Value": "time=x", "ResourceId": "web"}])
    assert (found["desired"], found["min"], found["max"], found["record"]) == (2, 1, 6, "time=x")
    assert found["instances"][1] == {"name": "i-0b", "state": "in_service", "healthy": True, "protected": True}
    assert (found["in_progress"], found["blocked_out"], found["blocked_in"], found["trouble"], found["changed_at"]) == ("", "", "", "", None)


@pytest.mark.parametrize(
    ("lifecycle", "state"),
    [
        ("InService", "in_service"),
        ("Pending", "starting"),
        ("Pending:Wait", "starting"),
        ("Pending:Proceed", "starting"),
        ("Terminating", "stopping"),
        ("Terminating:Wait", "stopping"),
        ("Detaching", "stopping"),
        ("EnteringStandby", "standby"),
        ("Standby", "standby"),
        ("Warmed:Stopped", "other"),
        ("Quarantined", "other"),
    ],
)
def test_the_states_of_an_instance(lifecycle, state):
    assert measured(instance(state=lifecycle))["instances"][0]["state"] == state


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ({"activities": [activity(status="InProgress")]}, "Launching a new EC2 instance: i-0a (InProgress)"),
        ({"activities": [activity(), activity("Terminating EC2 instance: i-0b", "WaitingForELBConnectionDraining")]}, "(WaitingForELBConnectionDraining)"),
        ({"refreshes": [{"InstanceRefreshId": "r1", "Status": "Baking"}]}, "instance refresh r1 (Baking)"),
    ],
)
def test_what_goes_on(group, expected):
    assert expected in measured(instance(), **group)["in_progress"]


def test_an_instance_on_its_way_is_something_that_goes_on():
    assert measured(instance(state="Pending:Wait"))["in_progress"] == "i-0a is starting"


def test_what_has_ended_does_not_go_on():
    ended = [{"InstanceRefreshId": "r1", "Status": status} for status in ("Successful", "Failed", "Cancelled", "RollbackSuccessful", "RollbackFailed")]
    activities = [activity(status=status) for status in ("Successful", "Failed", "Cancelled")]
    assert measured(instance(), instance("i-0c", "Standby"), DesiredCapacity=1, refreshes=ended, activities=activities)["in_progress"] == ""


def test_why_it_cannot_change():
    suspended = [{"ProcessName": "Launch", "SuspensionReason": "User suspended at 2026"}, {"ProcessName": "AZRebalance", "SuspensionReason": "x"}]
    found = measured(instance(), SuspendedProcesses=suspended)
    assert (found["blocked_out"], found["blocked_in"]) == ("its process Launch is suspended: User suspended at 2026", "")
    assert "being deleted" in measured(instance(), Status="Delete in progress")["blocked_in"]
    assert "different weights" in measured(instance(WeightedCapacity="4"), DesiredCapacity=4)["blocked_out"]
    assert measured(instance(WeightedCapacity="1"))["blocked_out"] == ""


def test_only_a_change_of_the_capacity_counts_as_one():
    minutes = [timedelta(minutes=number) for number in (5, 20, 30)]
    causes = ("health", "difference", "user")
    found = measured(instance(), activities=[activity(ago=ago, cause=cause) for ago, cause in zip(minutes, causes, strict=True)])
    assert time.time() - found["changed_at"] == pytest.approx(20 * 60, abs=30)


def test_an_instance_warms_up_after_its_launch_has_ended():
    launches = [activity("Launching a new EC2 instance from warm pool: i-0b", ago=timedelta(seconds=50)), activity(ago=timedelta(seconds=200))]
    both = (instance("i-0a"), instance("i-0b"))
    states = [
        [each["state"] for each in measured(*both, activities=launches, **given)["instances"]] for given in ({"warmup": 100}, {"DefaultInstanceWarmup": 300})
    ]
    assert states == [["in_service", "warming"], ["warming", "warming"]]
    assert [each["state"] for each in measured(*both, activities=launches)["instances"]] == ["in_service", "in_service"]


def test_a_failure_of_before_is_no_trouble_of_now():
    failed = [activity(status="Failed", ago=timedelta(minutes=10), StatusMessage="no capacity")]
    assert measured(instance(), activities=failed)["trouble"].startswith("no capacity (at ")
    assert measured(instance(), activities=failed, troubles_since=time.time() - 60)["trouble"] == ""


def test_activities_are_read_as_far_back_as_is_needed():
    recent = activity(ago=timedelta(minutes=1))
    asked = Asked().group(instance(), activities=[recent], more={"NextToken": "2"})
    older = {"Activities": [activity(ago=timedelta(minutes=40), cause="user"), activity()], "NextToken": "3"}
    asked.stub.add_response("describe_scaling_activities", older, {"AutoScalingGroupName": "web", "NextToken": "2"})
    asked.stub.add_response("describe_instance_refreshes", {"InstanceRefreshes": []}, {"AutoScalingGroupName": "web", "MaxRecords": 10})
    assert time.time() - measure(asked.client, "web", history=3600)["changed_at"] == pytest.approx(40 * 60, abs=30)
    asked.stub.assert_no_pending_responses()


def test_a_group_that_is_not_there_is_an_error():
    asked = Asked()
    asked.stub.add_response("describe_auto_scaling_groups", {"AutoScalingGroups": []})
    with pytest.raises(AWSError, match="no Auto Scaling group web in eu-central-1"):
        measure(asked.client, "web")


ONE = {"protected": False, "state": "in_service"}
GROUP = {"desired": 3, "min": 1, "max": 6, "instances": [ONE] * 3, "in_progress": "", "blocked_out": "", "blocked_in": ""}


@pytest.mark.parametrize(
    ("now", "desired", "seen", "expected"),
    [
        ({}, 4, 3, ""),
        ({}, 2, None, ""),
        ({"in_progress": "a launch"}, 3, None, ""),  # nothing is to be changed
        ({}, 4, 2, "somebody has set it to 3 meanwhile"),
        ({}, 7, 3, "the group itself may have 1 to 6"),
        ({"in_progress": "a launch"}, 4, 3, "this goes on: a launch"),
        ({"instances": [ONE]}, 4, 3, "it has 1 of the 3"),
        ({"instances": [ONE, {"protected": False, "state": "standby"}]}, 4, 3, "it has 1 of the 3"),
        ({"instances": [ONE] * 4}, 2, 3, "it has 4 of the 3"),
        ({"instances": [ONE]}, 1, 3, ""),  # then nothing more has to come
        ({"blocked_out": "suspended"}, 4, 3, "suspended"),
        ({"blocked_out": "suspended"}, 2, 3, ""),
        ({"blocked_in": "suspended"}, 2, 3, "suspended"),
        ({"instances": [{"protected": True, "state": "in_service"}] * 3}, 2, 3, "3 of its instances are protected"),
    ],
)
def test_what_is_said_against_setting_it(now, desired, seen, expected):
    found = objection(GROUP | now, desired, seen)
    assert expected in found and bool(found) is bool(expected)


@pytest.mark.parametrize(("status", "is_put_back"), [(400, True), (403, True), (500, False)])
def test_only_a_refusal_takes_the_record_back(status, is_put_back):
    asked = Asked()
    tag = {"ResourceId": "web", "ResourceType": "auto-scaling-group", "Key": RECORD_TAG, "PropagateAtLaunch": False}
    asked.stub.add_response("create_or_update_tags", {}, {"Tags": [{**tag, "Value": "new"}]})
    asked.stub.add_client_error("set_desired_capacity", "SomeError", "no", status)
    if is_put_back:
        asked.stub.add_response("create_or_update_tags", {}, {"Tags": [{**tag, "Value": "old"}]})
    with pytest.raises(AWSError, match="SomeError"):
        set_capacity(asked.client, "web", 3, "new", "old")
    asked.stub.assert_no_pending_responses()
