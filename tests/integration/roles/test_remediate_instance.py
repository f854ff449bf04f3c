# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The playbook remediate on instances of EC2 whose status checks fail: a double of AWS, where they are really stopped, started and replaced."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ansible_collections.eventops.infra.tests.doubles.aws import RunningAws, running_aws
from ansible_collections.eventops.infra.tests.integration.roles.site import Run, Site

QUICK = {"remediate_reboot_timeout": 3, "remediate_stop_start_timeout": 3, "remediate_replace_timeout": 10, "remediate_aws_interval": 1}
CHANGING = ["RebootInstances", "StopInstances", "StartInstances", "TerminateInstances", "TerminateInstanceInAutoScalingGroup", "CreateTags"]


@pytest.fixture(scope="module")
def server() -> Iterator[RunningAws]:
    with running_aws() as aws:
        yield aws


@pytest.fixture
def aws(server: RunningAws) -> RunningAws:
    """Return a double with nothing in it."""
    server.reset()
    server.set_status_checks(initializing=0)
    server.set_groups(warm_up=0, terminate=0, launches_fail="")
    return server


def launch(aws: RunningAws, kind: str = "t3.micro", public: bool = False) -> str:
    """Launch an instance without a public address, unless one is wanted, and return its id."""
    ec2 = aws.client("ec2")
    [image] = ec2.describe_images(Owners=["amazon"])["Images"][:1]
    network = [{"DeviceIndex": 0, "AssociatePublicIpAddress": public}]
    [made] = ec2.run_instances(ImageId=image["ImageId"], InstanceType=kind, MinCount=1, MaxCount=1, NetworkInterfaces=network)["Instances"]
    return made["InstanceId"]


def group_of(aws: RunningAws, size: int, minimum: int = 0) -> list[str]:
    """Make a group named web and return the ids of its instances."""
    ec2, autoscaling = aws.client("ec2"), aws.client("autoscaling")
    [image] = ec2.describe_images(Owners=["amazon"])["Images"][:1]
    [subnet] = ec2.describe_subnets()["Subnets"][:1]
    ec2.modify_subnet_attribute(SubnetId=subnet["SubnetId"], MapPublicIpOnLaunch={"Value": False})
    autoscaling.create_launch_configuration(LaunchConfigurationName="web", ImageId=image["ImageId"], InstanceType="t3.micro")
    autoscaling.create_auto_scaling_group(
        AutoScalingGroupName="web",
        LaunchConfigurationName="web",
        MinSize=minimum,
        MaxSize=5,
        DesiredCapacity=size,
        VPCZoneIdentifier=subnet["SubnetId"],
    )
    return [each["InstanceId"] for each in described(aws)["Instances"]]


def described(aws: RunningAws) -> dict:
    [group] = aws.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=["web"])["AutoScalingGroups"]
    return group


def state(aws: RunningAws, instance: str) -> str:
    [reservation] = aws.client("ec2").describe_instances(InstanceIds=[instance])["Reservations"]
    return reservation["Instances"][0]["State"]["Name"]


def remediate(site: Site, aws: RunningAws, hosts: dict[str, dict], *options: str) -> Run:
    site.inventory({"localhost": {}, **{host: {**QUICK, **variables} for host, variables in hosts.items()}})
    return site.play("eventops.infra.remediate", *options, limit=",".join(hosts), variables={"remediate_problem": "InstanceDown"}, **aws.environment)


def changes(aws: RunningAws) -> dict[str, int]:
    calls = aws.calls()
    return {name: calls[name] for name in CHANGING if calls[name]}


def test_what_is_healthy_is_left_alone_and_what_fails_its_check_is_rebooted(site, aws):
    good, bad = launch(aws), launch(aws)
    aws.fail_status_check(bad, "instance", "reboot")
    aws.forget_calls()

    run = remediate(site, aws, {"good": {"instance_id": good}, "bad": {"instance_id": bad}})
    first = changes(aws)
    again = remediate(site, aws, {"good": {"instance_id": good}, "bad": {"instance_id": bad}})

    assert run.rc == 0, run.output
    assert run.of("changed") == {"good": 0, "bad": 1}
    assert first == {"RebootInstances": 1}
    assert again.of("changed") == {"good": 0, "bad": 0}
    assert changes(aws) == first
    assert f"bad ({bad}) is down (status checks: instance impaired)" in run.text
    assert "console, the last lines: " in run.text


def test_a_stop_and_start_follows_where_a_reboot_does_not_help(site, aws):
    instance = launch(aws)
    aws.fail_status_check(instance, "instance", "stop")

    run = remediate(site, aws, {"web-01": {"instance_id": instance}})

    assert run.rc == 0, run.output
    assert changes(aws) == {"RebootInstances": 1, "StopInstances": 1, "StartInstances": 1, "CreateTags": 1}
    assert state(aws, instance) == "running"
    assert aws.client("ec2").describe_tags(Filters=[{"Name": "resource-id", "Values": [instance]}])["Tags"] == []
    assert "reboot, 4 s: did not help" in run.text or "reboot, 5 s: did not help" in run.text or "reboot, 6 s: did not help" in run.text


class TestInAGroup:
    def test_each_step_is_tried_in_order_and_the_last_one_replaces_it_without_lowering_the_capacity(self, site, aws):
        bad, good = group_of(aws, 2)
        aws.fail_status_check(bad, "instance", "never")
        aws.set_groups(warm_up=1)

        run = remediate(site, aws, {"web-01": {"instance_id": bad, "remediate_replace": True}})

        assert run.rc == 0, run.output
        calls = changes(aws)
        assert (calls["RebootInstances"], calls["StopInstances"], calls["TerminateInstanceInAutoScalingGroup"]) == (1, 1, 1)
        assert state(aws, bad) == "terminated"
        group = described(aws)
        members = [each["InstanceId"] for each in group["Instances"] if each["LifecycleState"] == "InService"]
        assert (group["DesiredCapacity"], len(members)) == (2, 2)
        assert good in members and bad not in members
        assert run.text.index("reboot, ") < run.text.index("stop_start, ") < run.text.index("replace, ")
        [new] = [each for each in members if each != good]
        assert f"new in service: {new}" in run.text

        again = remediate(site, aws, {"web-01": {"instance_id": bad, "remediate_replace": True}})

        assert again.rc == 0, again.output
        assert again.of("changed") == {"web-01": 0}
        assert changes(aws) == calls

    def test_a_member_is_on_standby_while_it_is_stopped_and_serves_again_afterwards(self, site, aws):
        bad, _good = group_of(aws, 2)
        aws.fail_status_check(bad, "system", "stop")

        run = remediate(site, aws, {"web-01": {"instance_id": bad}})

        assert run.rc == 0, run.output
        calls = aws.calls()
        assert (calls["EnterStandby"], calls["StopInstances"], calls["StartInstances"], calls["ExitStandby"]) == (1, 1, 1, 1)
        # A reboot would stay on the hardware that fails.
        assert calls["RebootInstances"] == 0
        group = described(aws)
        assert {each["InstanceId"]: each["LifecycleState"] for each in group["Instances"]}[bad] == "InService"
        assert group["DesiredCapacity"] == 2

    def test_what_nobody_has_allowed_is_not_done(self, site, aws):
        [bad] = group_of(aws, 1, minimum=1)
        aws.fail_status_check(bad, "instance", "never")

        run = remediate(site, aws, {"web-01": {"instance_id": bad}})

        assert run.of("failed") == {"web-01": 1}
        assert changes(aws) == {"RebootInstances": 1}
        assert "must not go below its minimum 1" in run.text
        assert "remediate_replace does not allow it" in run.text
        assert state(aws, bad) == "running"
