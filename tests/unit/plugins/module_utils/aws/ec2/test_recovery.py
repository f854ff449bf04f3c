# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a run that was killed has begun is finished by the next one, and what anybody may write into a tag makes nothing happen."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import formatdate

import pytest
from ansible_collections.eventops.infra.plugins.module_utils.aws.ec2.health import look_at_health
from ansible_collections.eventops.infra.plugins.module_utils.aws.ec2.instance import GROUP_TAG
from ansible_collections.eventops.infra.plugins.module_utils.aws.ec2.mark import TAG, Mark
from ansible_collections.eventops.infra.plugins.module_utils.aws.ec2.recovery import Recovery

ID = "i-0123456789abcdef0"


class Aws:
    """One instance, which may be in the group web, as both services describe it; its clock is an hour away from this machine's."""

    def __init__(self, state: str, mark: Mark | str = "", lifecycle: str = "", stopped: float = 0.0) -> None:
        self.now = int(time.time()) + 3600
        self.state, self.stopped, self.lifecycle = state, stopped, lifecycle
        self.tags = {TAG: mark.text if isinstance(mark, Mark) else mark} if mark else {}
        self.in_group = bool(lifecycle)
        self.activities: list[dict] = []
        self.changed: list[str] = []
        self.capacity = 1

    def told(self, description: str, ago: float) -> Aws:
        self.activities.insert(0, {"Description": f"{description}: {ID}", "StartTime": datetime.fromtimestamp(self.now - ago, UTC)})
        return self

    def answer(self, **rest: object) -> dict:
        return {"ResponseMetadata": {"HTTPHeaders": {"date": formatdate(self.now, usegmt=True)}}, **rest}

    def describe_instances(self, **_arguments: object) -> dict:
        tags = {**self.tags, **({GROUP_TAG: "web"} if self.in_group else {})}
        reason = f"User initiated ({datetime.fromtimestamp(self.stopped, UTC):%Y-%m-%d %H:%M:%S} GMT)" if self.stopped and self.state != "running" else ""
        instance = {"InstanceId": ID, "State": {"Name": self.state}, "RootDeviceType": "ebs", "StateTransitionReason": reason, "InstanceType": "t3.micro"}
        return self.answer(Reservations=[{"Instances": [{**instance, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}]}])

    def describe_instance_status(self, **_arguments: object) -> dict:
        checks = {"SystemStatus": {"Status": "ok"}, "InstanceStatus": {"Status": "ok"}}
        return self.answer(InstanceStatuses=[checks] if self.state == "running" else [])

    def describe_instance_types(self, **_arguments: object) -> dict:
        return self.answer(InstanceTypes=[{}])

    def describe_auto_scaling_groups(self, AutoScalingGroupNames: list[str]) -> dict:
        members = [{"InstanceId": ID, "LifecycleState": self.lifecycle}] if self.lifecycle else []
        others = [{"InstanceId": f"i-{number}", "LifecycleState": "InService"} for number in range(self.capacity if self.state == "terminated" else 0)]
        sizes = {"MinSize": 0, "MaxSize": 5, "DesiredCapacity": self.capacity}
        return self.answer(AutoScalingGroups=[{"AutoScalingGroupName": AutoScalingGroupNames[0], **sizes, "Instances": members + others}])

    def describe_scaling_activities(self, AutoScalingGroupName: str) -> dict:
        return self.answer(Activities=self.activities if AutoScalingGroupName == "web" else [])

    def stop_instances(self, **_arguments: object) -> None:
        self.changed.append("stop")
        self.state, self.stopped = "stopped", self.now

    def start_instances(self, **_arguments: object) -> None:
        self.changed.append("start")
        self.state = "running"

    def create_tags(self, Tags: list[dict], **_arguments: object) -> None:
        self.tags.update({each["Key"]: each["Value"] for each in Tags})

    def delete_tags(self, Tags: list[dict], **_arguments: object) -> None:
        for each in Tags:
            self.tags.pop(each["Key"], None)

    def exit_standby(self, **_arguments: object) -> None:
        self.changed.append("exit_standby")
        self.lifecycle = "InService"

    def terminate_instance_in_auto_scaling_group(self, **_arguments: object) -> None:
        self.changed.append("terminate")
        self.state, self.lifecycle, self.in_group = "terminated", "", False
        self.told("Terminating EC2 instance", 0)

    def set_desired_capacity(self, DesiredCapacity: int, **_arguments: object) -> None:
        self.capacity = DesiredCapacity


def mark(aws: Aws, step: str, ago: float, group: str = "") -> None:
    aws.tags[TAG] = Mark(step, aws.now - ago, group).text


def take(aws: Aws, step: str, *allowed: str):
    def sleep(seconds: float) -> None:
        aws.now += seconds

    return Recovery(aws, aws, ID, 60, 10, lambda: aws.now, sleep).take(step, allowed)


def killed_between_stop_and_start() -> Aws:
    """Return what a run leaves that is killed there."""
    aws = Aws("running")
    aws.describe_instance_status = lambda **_arguments: aws.answer(InstanceStatuses=[{"SystemStatus": {"Status": "impaired"}}])

    def dies(**_arguments: object) -> None:
        raise KeyboardInterrupt

    aws.start_instances = dies
    with pytest.raises(KeyboardInterrupt):
        take(aws, "stop_start")
    del aws.describe_instance_status, aws.start_instances
    assert aws.state == "stopped" and aws.tags[TAG].startswith("stop_start 20")
    return aws


def test_what_was_stopped_by_a_run_that_was_killed_is_started_by_the_next_one():
    aws = killed_between_stop_and_start()
    aws.now += 3000

    came = take(aws, "stop_start")

    assert (came.not_done, came.wrong, aws.state, aws.tags) == ("", "", "running", {})


def test_an_hour_later_it_needs_to_be_allowed():
    aws = killed_between_stop_and_start()
    aws.now += 3601

    came = take(aws, "stop_start")

    assert "does not allow to start it; its tag eventops:remediate" in came.not_done
    assert (aws.state, take(aws, "stop_start", "start_stopped").wrong, aws.state) == ("stopped", "", "running")


@pytest.mark.parametrize("text", ["stop_start", "stop_start web", "stop_start 2026-01-31T12:00:00Z"])
def test_a_tag_alone_does_not_start_what_somebody_has_stopped(text):
    aws = Aws("stopped", text)
    aws.stopped = aws.now - 60

    came = take(aws, "stop_start")

    assert "somebody has stopped the instance" in came.not_done
    assert (aws.changed, aws.state) == ([], "stopped")


def test_a_mark_that_is_written_after_the_stop_does_not_start_it():
    aws = Aws("stopped")
    aws.stopped = aws.now - 600
    mark(aws, "stop_start", ago=300)

    assert "the instance was stopped before that" in take(aws, "stop_start").not_done
    assert aws.changed == []


@pytest.mark.parametrize(
    ("group", "description", "ago", "leaves"),
    [
        ("web", "Moving EC2 instance to Standby", 110, True),
        ("web", "Moving EC2 instance to Standby", 130, False),
        ("shop", "Moving EC2 instance to Standby", 110, False),
        ("", "Moving EC2 instance to Standby", 110, False),
        ("web", "Moving EC2 instance out of Standby", 110, False),
    ],
)
def test_it_is_taken_from_standby_only_where_its_group_says_that_it_came_there_since_the_mark(group, description, ago, leaves):
    aws = Aws("stopped", lifecycle="Standby").told(description, ago)
    aws.stopped = aws.now - 100
    mark(aws, "stop_start", 120, group)

    assert take(aws, "stop_start").wrong == ""

    assert aws.state == "running"
    assert ("exit_standby" in aws.changed, aws.lifecycle) == (leaves, "InService" if leaves else "Standby")


@pytest.mark.parametrize(("ago", "capacity"), [(110, 2), (130, 1)])
def test_a_replacement_raises_the_capacity_only_where_a_run_has_lowered_it(ago, capacity):
    aws = Aws("stopped", lifecycle="Standby").told("Moving EC2 instance to Standby", ago)
    aws.stopped = aws.now - 100
    mark(aws, "stop_start", 120, "web")

    assert take(aws, "replace", "replace").wrong == ""

    assert aws.changed == ["terminate"]
    assert aws.capacity == capacity


@pytest.mark.parametrize(
    ("group", "description", "ago", "is_well"),
    [
        ("web", "Terminating EC2 instance", 50, True),
        ("web", "Terminating EC2 instance", 70, False),
        ("web", "Launching a new EC2 instance", 50, False),
        ("shop", "Terminating EC2 instance", 50, False),
    ],
)
def test_an_instance_that_is_gone_is_well_only_where_the_group_says_that_it_was_its_own(group, description, ago, is_well):
    aws = Aws("terminated").told(description, ago)
    mark(aws, "replace", 60, group)

    health = look_at_health(aws, aws, ID)

    assert (health.wrong == "", health.instance.group) == ((True, "web") if is_well else (False, ""))
