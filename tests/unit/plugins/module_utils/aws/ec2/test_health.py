# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An instance that is gone is well when its group lacks nothing without it."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.module_utils.aws.ec2.arguments import mistakes
from ansible_collections.eventops.infra.plugins.module_utils.aws.ec2.group import Group, read
from ansible_collections.eventops.infra.plugins.module_utils.aws.ec2.health import Health
from ansible_collections.eventops.infra.plugins.module_utils.aws.ec2.instance import Instance

GONE = Instance("i-1", "terminated", group="web")


def group(desired: int, **members: str) -> Group:
    return Group("web", 0, 5, desired, {name.replace("_", "-"): state for name, state in members.items()})


@pytest.mark.parametrize(
    ("of", "wrong"),
    [
        (None, "it is terminated, and in no Auto Scaling group that would replace it"),
        (group(2, i_2="InService", i_3="InService"), ""),
        (group(2, i_2="InService", i_3="Pending"), "the group web has 1 of 2 instances in service beside i-1"),
        (group(2, i_2="InService", i_3="InService", i_1="Terminating"), "the group web has 2 of 2 instances in service beside i-1"),
        (group(0), ""),
    ],
)
def test_an_instance_that_is_gone(of, wrong):
    assert Health(GONE, of).wrong == wrong


def test_what_a_group_says_is_read():
    said = {
        "AutoScalingGroupName": "web",
        "MinSize": 1,
        "MaxSize": 3,
        "DesiredCapacity": 2,
        "Instances": [
            {"InstanceId": "i-1", "LifecycleState": "InService", "HealthStatus": "Unhealthy"},
            {"InstanceId": "i-2", "LifecycleState": "InService", "HealthStatus": "Healthy"},
        ],
        "SuspendedProcesses": [{"ProcessName": "Launch"}],
    }

    found = read(said)

    assert (found.in_service, found.suspended, found.replaces_stopped) == (("i-2",), ("Launch",), True)
    assert found.as_dict()["desired_capacity"] == 2


def test_evidence_says_what_a_person_needs():
    seen = Instance("i-1", "running", {"system": "impaired"}, ({"code": "instance-retirement", "not_before": "2026-02-01", "description": "old"},), group="web")

    text = " ".join(Health(seen, group(1, i_1="InService")).evidence)

    assert "system impaired" in text and "instance-retirement" in text and "group web: desired 1" in text


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"instance_id": "i-0123456789abcdef0", "timeout": 600, "interval": 10, "console_lines": 0}, []),
        ({"instance_id": "i-0123abcd", "volume_id": None}, []),
        ({"instance_id": "i-0123456789abcdef0\n"}, ["instance_id"]),
        ({"instance_id": "--all"}, ["instance_id"]),
        ({"volume_id": "vol-x"}, ["volume_id"]),
        ({"timeout": 0, "interval": 61, "console_lines": 101}, ["timeout", "interval", "console_lines"]),
    ],
)
def test_options_are_checked_before_aws_is_asked(params, said):
    assert [each.split(":")[0] for each in mistakes(params)] == said
