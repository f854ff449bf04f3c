# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The playbook remediate on instances of EC2 whose status checks fail: a double of AWS, where they are really stopped, started and replaced."""

from __future__ import annotations

import re
import time

import pytest
from ansible_collections.eventops.infra.tests.doubles.aws import RunningAws
from ansible_collections.eventops.infra.tests.integration.roles.instances import changes, described, group_of, launch, state
from ansible_collections.eventops.infra.tests.integration.roles.site import Run, Site

QUICK = {"remediate_reboot_timeout": 3, "remediate_stop_start_timeout": 3, "remediate_replace_timeout": 10, "remediate_aws_interval": 1}


@pytest.fixture
def aws(aws: RunningAws) -> RunningAws:
    """Return a double with nothing in it, in which nothing takes time."""
    aws.set_status_checks(initializing=0)
    aws.set_groups(warm_up=0, terminate=0, launches_fail="")
    return aws


def remediate(site: Site, aws: RunningAws, hosts: dict[str, dict], *options: str) -> Run:
    site.inventory({"localhost": {}, **{host: {**QUICK, **variables} for host, variables in hosts.items()}})
    return site.play("eventops.infra.remediate", *options, limit=",".join(hosts), variables={"remediate_problem": "InstanceDown"}, **aws.environment)


def moment(ahead: float = 0.0) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + ahead))


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
    assert re.search(r"reboot, \d+ s: did not help: still down 3 s after rebooting it", run.text)


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


class TestLosesNothing:
    def test_a_public_address_and_the_data_on_its_own_disks_stay_unless_the_inventory_says_otherwise(self, site, aws):
        public, stored = launch(aws, public=True), launch(aws, "i3.large")
        for instance in (public, stored):
            aws.fail_status_check(instance, "system", "stop")
        hosts = {"public": {"instance_id": public}, "stored": {"instance_id": stored}}

        refused = remediate(site, aws, hosts)
        before = changes(aws)
        allowed = remediate(
            site, aws, {"public": {**hosts["public"], "remediate_change_public_ip": True}, "stored": {**hosts["stored"], "remediate_lose_instance_store": True}}
        )

        assert refused.of("failed") == {"public": 1, "stored": 1}
        assert before == {}
        assert "is no Elastic IP and would change, which remediate_change_public_ip does not allow" in refused.text
        assert "the data on the disks of an i3.large itself would be lost" in refused.text
        assert allowed.rc == 0, allowed.output
        assert changes(aws)["StopInstances"] == 2

    def test_an_elastic_ip_stays_anyway(self, site, aws):
        instance = launch(aws, public=True)
        ec2 = aws.client("ec2")
        ec2.associate_address(InstanceId=instance, AllocationId=ec2.allocate_address(Domain="vpc")["AllocationId"])
        aws.fail_status_check(instance, "system", "stop")

        run = remediate(site, aws, {"web-01": {"instance_id": instance}})

        assert run.rc == 0, run.output
        assert changes(aws)["StopInstances"] == 1

    @pytest.mark.parametrize("is_tagged", [False, True])
    def test_what_somebody_has_stopped_stays_so_whatever_its_tag_says(self, site, aws, is_tagged):
        instance = launch(aws)
        aws.client("ec2").stop_instances(InstanceIds=[instance])
        if is_tagged:
            aws.client("ec2").create_tags(Resources=[instance], Tags=[{"Key": "eventops:remediate", "Value": f"stop_start {moment(30)}"}])
        aws.forget_calls()

        run = remediate(site, aws, {"web-01": {"instance_id": instance}})
        refused = changes(aws)
        allowed = remediate(site, aws, {"web-01": {"instance_id": instance, "remediate_start_stopped": True}})

        assert run.of("failed") == {"web-01": 1}
        assert refused == {}
        assert "somebody has stopped the instance" in run.text
        assert allowed.rc == 0, allowed.output
        assert state(aws, instance) == "running"

    def test_a_stop_and_start_that_was_killed_in_the_middle_is_finished(self, site, aws):
        bad, _good = group_of(aws, 2)
        ec2 = aws.client("ec2")
        # As a run leaves it that is killed while the instance is stopped.
        ec2.create_tags(Resources=[bad], Tags=[{"Key": "eventops:remediate", "Value": f"stop_start {moment()} web"}])
        aws.client("autoscaling").enter_standby(AutoScalingGroupName="web", InstanceIds=[bad], ShouldDecrementDesiredCapacity=True)
        ec2.stop_instances(InstanceIds=[bad])

        run = remediate(site, aws, {"web-01": {"instance_id": bad}})

        assert run.rc == 0, run.output
        group = described(aws)
        assert {each["InstanceId"]: each["LifecycleState"] for each in group["Instances"]}[bad] == "InService"
        assert (group["DesiredCapacity"], state(aws, bad)) == (2, "running")
        assert [tag["Key"] for tag in ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [bad]}])["Tags"]] == ["aws:autoscaling:groupName"]

    def test_what_goes_on_already_is_waited_for(self, site, aws):
        aws.set_status_checks(initializing=5)
        instance = launch(aws)
        ec2 = aws.client("ec2")
        ec2.reboot_instances(InstanceIds=[instance])
        aws.forget_calls()

        run = remediate(site, aws, {"web-01": {"instance_id": instance, "remediate_stop_start_timeout": 30}})

        assert run.rc == 0, run.output
        assert changes(aws) == {}
        assert run.of("changed") == {"web-01": 0}


class TestDoesNothing:
    def test_in_check_mode_but_says_which_steps_it_would_take(self, site, aws):
        instance = launch(aws, public=True)
        aws.fail_status_check(instance, "instance", "never")

        run = remediate(site, aws, {"web-01": {"instance_id": instance}}, "--check")

        assert run.rc == 0, run.output
        assert run.of("changed") == {"web-01": 1}
        assert changes(aws) == {}
        assert "rebooting it, then stopping and starting it (not done: its public address" in run.text
        assert "having its group replace it (not done: the instance is in no Auto Scaling group)" in run.text

    def test_where_the_inventory_is_not_clear(self, site, aws):
        hosts = {
            "none": ({}, "none does not say which instance of EC2 it is. Set its variable instance_id"),
            "other": ({"instance_id": "web-01; reboot"}, "instance_id of other must be the id of an instance"),
            "slow": ({"instance_id": "i-0123456789abcdef0", "remediate_reboot_timeout": 4000}, "must be from 1 to 3600 seconds, got 4000"),
            "no-step": ({"instance_id": "i-0123456789abcdef0", "remediate_steps": ["clean"]}, "remediate_steps allows none of reboot"),
        }
        aws.forget_calls()

        run = remediate(site, aws, {host: variables for host, (variables, _message) in hosts.items()})

        assert run.of("failed") == dict.fromkeys(hosts, 1)
        for _variables, message in hosts.values():
            assert message in run.text
        # Nothing was asked before everything was clear.
        assert not [call for call in aws.calls() if call.startswith("Describe")]

    def test_for_an_instance_that_there_is_not_and_says_so(self, site, aws):
        run = remediate(site, aws, {"web-01": {"instance_id": "i-0123456789abcdef0"}})

        assert run.of("failed") == {"web-01": 1}
        assert "InvalidInstanceID.NotFound" in run.text

    def test_for_another_instance_that_an_event_names(self, site, aws):
        ours, theirs = launch(aws), launch(aws)
        aws.fail_status_check(theirs, "instance", "reboot")
        aws.forget_calls()
        event = {"data": {"name": "InstanceDown", "labels": {"InstanceId": theirs}}, "hosts": ["web-01"]}
        site.inventory({"web-01": {**QUICK, "instance_id": ours}})

        run = site.play(
            "eventops.infra.remediate",
            limit="web-01",
            variables={"remediate_problem": "InstanceDown", "ansible_eda": {"event": event}},
            **aws.environment,
        )

        assert run.rc == 0, run.output
        assert changes(aws) == {}
