# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What EC2 says of an instance is read as it is, and what is wrong is said in words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from ansible_collections.eventops.infra.plugins.module_utils.aws.ec2.instance import GROUP_TAG, Instance, read
from ansible_collections.eventops.infra.plugins.module_utils.aws.ec2.mark import TAG, Mark

ID = "i-0123456789abcdef0"
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC).timestamp()
BEGUN, REPLACED = "stop_start 2026-01-31T11:58:00Z web", "replace 2026-01-31T11:58:00Z web"


def described(state: str = "running", **others: object) -> dict:
    return {"InstanceId": ID, "State": {"Name": state}, "InstanceType": "t3.micro", "RootDeviceType": "ebs", **others}


def tagged(state: str = "running", **tags: str) -> Instance:
    return read(described(state, Tags=[{"Key": {"mark": TAG, "group": GROUP_TAG}[key], "Value": value} for key, value in tags.items()]), {}, NOW)


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
        (described(Tags=[{"Key": TAG, "Value": BEGUN}]), checks(), "it was being stopped and started, and that was not finished"),
        (described(Tags=[{"Key": TAG, "Value": "stop_start web"}]), checks(), ""),
    ],
)
def test_what_is_wrong(instance, status, wrong):
    assert read(instance, status, NOW).wrong == wrong


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

    assert read(described(), {**checks(), "Events": [over, soon]}, NOW).events == (
        {"code": "system-reboot", "description": "a reboot", "not_before": "2026-01-31T12:00:00+00:00"},
    )


@pytest.mark.parametrize(("state", "tags"), [("running", {}), ("terminated", {"mark": REPLACED}), ("stopped", {"mark": BEGUN})])
def test_only_awss_own_tag_says_which_group_it_is_in(state, tags):
    assert tagged(state, **tags).group == ""
    assert tagged(state, **tags, group="web").group == "web"


@pytest.mark.parametrize(
    ("state", "tags", "group"),
    [
        ("terminated", {"mark": REPLACED}, "web"),
        ("shutting-down", {"mark": REPLACED}, "web"),
        ("running", {"mark": REPLACED}, ""),
        ("terminated", {"mark": REPLACED, "group": "shop"}, ""),
        ("terminated", {"mark": "replace 2026-01-31T10:58:00Z web"}, ""),
        ("terminated", {"mark": BEGUN}, ""),
    ],
)
def test_the_group_that_was_to_replace_it_is_asked_for_only_when_it_has_gone(state, tags, group):
    assert tagged(state, **tags).unconfirmed_group == group


def test_a_mark_that_does_not_count_is_told_of():
    stopped = described("stopped", StateTransitionReason="User initiated (2026-01-31 11:57:59 GMT)", Tags=[{"Key": TAG, "Value": BEGUN}])

    doubted = read(stopped, {}, NOW)
    believed = read({**stopped, "StateTransitionReason": "User initiated (2026-01-31 11:58:00 GMT)"}, {}, NOW)

    assert (doubted.mark, doubted.is_begun) == (None, False)
    assert doubted.doubt == f"its tag eventops:remediate ({BEGUN!r}) does not count: the instance was stopped before that"
    assert (believed.mark, believed.is_begun, believed.doubt) == (Mark("stop_start", NOW - 120, "web"), True, "")
    assert (tagged().mark, tagged().doubt) == (None, "")
