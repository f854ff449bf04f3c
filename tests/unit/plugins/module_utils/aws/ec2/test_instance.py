# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What EC2 says of an instance is read as it is, and what is wrong is said in words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from ansible_collections.eventops.infra.plugins.module_utils.aws.ec2.instance import GROUP_TAG, MARK, Instance, read

ID = "i-0123456789abcdef0"


def described(state: str = "running", **others: object) -> dict:
    return {"InstanceId": ID, "State": {"Name": state}, "InstanceType": "t3.micro", "RootDeviceType": "ebs", **others}


def checks(system: str = "ok", instance: str = "ok", **others: str) -> dict:
    named = {"SystemStatus": {"Status": system}, "InstanceStatus": {"Status": instance}}
    return {**named, **{name: {"Status": status} for name, status in others.items()}}


@pytest.mark.parametrize(
    ("instance", "status", "wrong"),
    [
        (described(), checks(), ""),
        (described(), checks(instance="impaired"), "status checks: instance impaired"),
        (described(), checks(system="impaired", instance="impaired"), "status checks: system impaired, instance impaired"),
        (described(), checks(AttachedEbsStatus="impaired"), "status checks: attached_ebs impaired"),
        (described(), checks(AttachedEbsStatus="not-applicable"), ""),
        (described(), checks("initializing", "initializing"), "status checks: system initializing, instance initializing"),
        (described(), {}, "status checks: none yet"),
        (described("stopped", StateReason={"Message": "Client.UserInitiatedShutdown"}), {}, "it is stopped (Client.UserInitiatedShutdown)"),
        (described(Tags=[{"Key": MARK, "Value": "stop_start web"}]), checks(), "it was being stopped and started, and that was not finished"),
    ],
)
def test_what_is_wrong(instance, status, wrong):
    assert read(instance, status).wrong == wrong


@pytest.mark.parametrize(
    ("instance", "is_undecided"),
    [
        (Instance(ID, "pending"), True),
        (Instance(ID, "running", {"system": "ok", "instance": "initializing"}), True),
        (Instance(ID, "running", {"system": "impaired", "instance": "insufficient-data"}), False),
        (Instance(ID, "running", {"system": "ok", "instance": "impaired"}), False),
        (Instance(ID, "stopped"), False),
    ],
)
def test_what_goes_on_already(instance, is_undecided):
    assert instance.is_undecided is is_undecided


def test_scheduled_events_that_are_over_are_left_out():
    soon = {"Code": "system-reboot", "Description": "a reboot", "NotBefore": datetime(2026, 1, 31, 12, tzinfo=UTC)}
    over = {"Code": "system-reboot", "Description": "[Completed] a reboot", "NotBefore": datetime(2026, 1, 1, tzinfo=UTC)}

    assert read(described(), {**checks(), "Events": [over, soon]}).events == (
        {"code": "system-reboot", "description": "a reboot", "not_before": "2026-01-31T12:00:00+00:00"},
    )


@pytest.mark.parametrize(
    ("tags", "group"),
    [({}, ""), ({GROUP_TAG: "web"}, "web"), ({MARK: "replace web"}, "web"), ({MARK: "stop_start web"}, ""), ({GROUP_TAG: "a", MARK: "replace b"}, "a")],
)
def test_the_group_is_known_by_awss_tag_or_by_our_mark_when_that_has_gone(tags, group):
    assert read(described(Tags=[{"Key": key, "Value": value} for key, value in tags.items()]), {}).group == group
