# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A step is taken only where it can help and loses nothing that nobody has allowed to lose."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.eventops.infra.plugins.module_utils.aws.ec2.group import Group
from ansible_collections.eventops.infra.plugins.module_utils.aws.ec2.instance import Instance
from ansible_collections.eventops.infra.plugins.module_utils.aws.ec2.mark import Mark
from ansible_collections.eventops.infra.plugins.module_utils.aws.ec2.steps import ALLOWANCES, REBOOT, REPLACE, STEPS, STOP_START, WAIT, Risks, refusal
from hypothesis import given
from hypothesis import strategies as st

ID = "i-0123456789abcdef0"
IMPAIRED = Instance(ID, "running", {"system": "ok", "instance": "impaired"}, root_device="ebs", type="t3.micro")
SYSTEM = replace(IMPAIRED, checks={"system": "impaired", "instance": "ok"})
STOPPED = Instance(ID, "stopped", root_device="ebs", reason="by alice")
GROUP = Group("web", minimum=1, maximum=4, desired=2, members={ID: "InService", "i-2": "InService"})
MEMBER = replace(IMPAIRED, group="web")
NONE = Risks()
BEGUN = Mark("stop_start", 0.0)


@pytest.mark.parametrize(
    ("step", "instance", "group", "risks", "allowed", "reason"),
    [
        (WAIT, IMPAIRED, None, NONE, (), "nothing is going on"),
        (WAIT, replace(IMPAIRED, state="pending"), None, NONE, (), ""),
        (REBOOT, IMPAIRED, None, NONE, (), ""),
        (REBOOT, SYSTEM, None, NONE, (), "stays on the same hardware"),
        (REBOOT, replace(IMPAIRED, mark=BEGUN), None, NONE, (), "was begun and not finished"),
        (REBOOT, STOPPED, None, NONE, (), "is stopped"),
        (STOP_START, SYSTEM, None, NONE, (), ""),
        (STOP_START, replace(SYSTEM, root_device="instance-store"), None, NONE, ALLOWANCES, "only an instance whose root device is EBS"),
        (STOP_START, SYSTEM, None, Risks(public_ip=True), (), "remediate_change_public_ip"),
        (STOP_START, SYSTEM, None, Risks(public_ip=True), ("change_public_ip",), ""),
        (STOP_START, SYSTEM, None, Risks(instance_store=True), ("change_public_ip",), "remediate_lose_instance_store"),
        (STOP_START, SYSTEM, None, Risks(instance_store=True), ("lose_instance_store",), ""),
        (STOP_START, STOPPED, None, NONE, (), "somebody has stopped the instance (by alice)"),
        (STOP_START, STOPPED, None, NONE, ("start_stopped",), ""),
        (STOP_START, replace(STOPPED, mark=BEGUN), None, NONE, (), ""),
        (STOP_START, replace(STOPPED, doubt="its tag does not count"), None, NONE, (), "does not allow to start it; its tag does not count"),
        (STOP_START, MEMBER, GROUP, NONE, (), ""),
        (STOP_START, MEMBER, None, NONE, (), "is not known, and might replace"),
        (STOP_START, MEMBER, replace(GROUP, minimum=2), NONE, (), "must not go below its minimum 2"),
        (STOP_START, MEMBER, replace(GROUP, minimum=2, suspended=("ReplaceUnhealthy",)), NONE, (), ""),
        (STOP_START, MEMBER, replace(GROUP, minimum=2, members={ID: "Standby"}), NONE, (), ""),
        (STOP_START, MEMBER, replace(GROUP, members={ID: "Pending:Wait"}), NONE, (), "is busy with it (Pending:Wait)"),
        (REPLACE, IMPAIRED, None, NONE, ALLOWANCES, "is in no Auto Scaling group"),
        (REPLACE, MEMBER, GROUP, NONE, (), "remediate_replace does not allow it"),
        (REPLACE, MEMBER, GROUP, NONE, ("replace",), ""),
        (REPLACE, MEMBER, replace(GROUP, suspended=("Launch",)), NONE, ("replace",), "its process Launch is suspended"),
        (REPLACE, MEMBER, replace(GROUP, members={}), NONE, ("replace",), "is no member of the group web any more"),
        (REPLACE, replace(MEMBER, state="terminated"), replace(GROUP, members={}), NONE, (), ""),
        (REPLACE, MEMBER, replace(GROUP, desired=0), NONE, ("replace",), "has the desired capacity 0"),
    ],
)
def test_whether_a_step_is_taken(step, instance, group, risks, allowed, reason):
    said = refusal(step, instance, group, risks, allowed)

    assert said == reason if not reason else reason in said


instances = st.builds(
    Instance,
    id=st.just(ID),
    state=st.sampled_from(["pending", "running", "stopping", "stopped", "shutting-down", "terminated"]),
    checks=st.dictionaries(st.sampled_from(["system", "instance", "attached_ebs"]), st.sampled_from(["ok", "impaired", "initializing"])),
    root_device=st.sampled_from(["ebs", "instance-store", ""]),
    group=st.sampled_from(["", "web"]),
    mark=st.sampled_from([None, BEGUN, Mark("replace", 0.0, "web")]),
)
groups = st.none() | st.builds(
    Group,
    name=st.just("web"),
    minimum=st.integers(0, 3),
    maximum=st.integers(3, 5),
    desired=st.integers(0, 5),
    members=st.dictionaries(st.sampled_from([ID, "i-2"]), st.sampled_from(["InService", "Standby", "Terminating"])),
)


@given(st.sampled_from(STEPS), instances, groups, st.builds(Risks, st.booleans(), st.booleans()), st.sets(st.sampled_from(ALLOWANCES)))
def test_nothing_is_lost_that_nobody_has_allowed(step, instance, group, risks, allowed):
    if refusal(step, instance, group, risks, tuple(sorted(allowed))):
        return
    if step == REPLACE:
        assert group is not None
        assert "replace" in allowed or (instance.is_gone and ID not in group.members)
    if step == STOP_START:
        assert instance.root_device == "ebs" and not instance.is_gone
        if instance.state == "running":
            assert not risks.public_ip or "change_public_ip" in allowed
            assert not risks.instance_store or "lose_instance_store" in allowed
        if instance.state in ("stopped", "stopping"):
            assert instance.is_begun or "start_stopped" in allowed
