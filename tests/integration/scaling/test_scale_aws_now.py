"""The playbook scale on an Auto Scaling group that cannot be changed just now, or does not become what it was set to."""

from __future__ import annotations

import threading
import time

import pytest
from ansible_collections.eventops.infra.tests.doubles.aws import faulty
from ansible_collections.eventops.infra.tests.integration.scaling.group import Group


def suspend(group, process):
    group.client.suspend_processes(AutoScalingGroupName=group.name, ScalingProcesses=[process])


def protect(group, count):
    group.client.set_instance_protection(AutoScalingGroupName=group.name, InstanceIds=group.instances[:count], ProtectedFromScaleIn=True)


def launch_slowly(group):
    group.aws.set_groups(warm_up=60)
    group.client.set_desired_capacity(AutoScalingGroupName=group.name, DesiredCapacity=3)
    group.inventory(cooldown=1, cooldown_in=1)


def refresh(group):
    group.aws.set_groups(refresh="InProgress")


def warm_up(group):
    group.aws.set_groups(default_warmup=3600)
    group.client.set_desired_capacity(AutoScalingGroupName=group.name, DesiredCapacity=3)
    group.aws.age_activities(1000)


@pytest.mark.parametrize(
    ("prepare", "direction", "expected"),
    [
        (lambda group: suspend(group, "Launch"), "out", "web was not scaled: it cannot grow now: its process Launch is suspended"),
        (lambda group: suspend(group, "Terminate"), "in", "web was not scaled: it cannot shrink now: its process Terminate is suspended"),
        (launch_slowly, "out", "web was not scaled: it is not changed while this goes on: Launching a new EC2 instance: i-"),
        (refresh, "out", "web was not scaled: it is not changed while this goes on: instance refresh"),
        (lambda group: group.write_record("by hand"), "out", "web was not scaled: what it has of its last change cannot be read"),
    ],
)
def test_what_cannot_be_changed_now_is_refused_with_the_reason(aws, site, prepare, direction, expected):
    group = Group(aws, site, size=2)
    prepare(group)
    had = group.desired
    aws.forget_calls()

    run = group.scale(scale_direction=direction)

    assert run.rc == 2, run.output
    assert expected in run.text
    assert (group.desired, group.was_set) == (had, 0)


@pytest.mark.parametrize(
    ("prepare", "direction", "expected"),
    [
        (lambda group: protect(group, 2), "in", "all of its 2 instances are protected from scale-in"),
        (warm_up, "out", "still warm up"),
    ],
)
def test_what_settles_by_itself_is_left_alone(aws, site, prepare, direction, expected):
    group = Group(aws, site, size=2)
    prepare(group)
    had = group.desired

    run = group.scale(scale_direction=direction)

    assert run.rc == 0, run.output
    assert run.of("changed") == {"localhost": 0}
    assert expected in run.text
    assert group.desired == had


def test_what_is_protected_stays_and_the_rest_goes(aws, site):
    group = Group(aws, site, size=4)
    protect(group, 2)
    kept = group.instances[:2]

    refused = group.scale(scale_to=1)
    run = group.scale(scale_direction="in", scale_by=3)

    assert refused.rc == 2 and "2 of its instances are protected from scale-in, so it cannot shrink to 1" in refused.text
    assert run.rc == 0, run.output
    assert group.instances == kept


def test_a_capacity_that_is_not_reached_fails_with_what_aws_says_of_it(aws, site):
    group = Group(aws, site)
    group.inventory(wait=3)
    aws.set_groups(launches_fail="We currently do not have sufficient t3.micro capacity")

    run = group.scale(scale_direction="out")

    assert run.rc == 2
    assert "web was set from 2 to 3 instances, which were not reached within 3 s: 2 instances are in service and healthy, and 3 were expected" in run.text
    assert "it says: We currently do not have sufficient t3.micro capacity (at " in run.text

    again = group.scale(scale_direction="out")

    assert again.rc == 2, "the cooldown hides no failure"
    assert "2 of the 3 instances that it is to have are in service and healthy, and it says: We currently do not" in again.text
    assert group.desired == 3


def test_aws_that_stutters_while_it_is_waited_for_is_asked_again(aws, site):
    group = Group(aws, site)
    # What the client waits between its own attempts alone may be more than the others' wait.
    group.inventory(wait=120)
    aws.set_groups(warm_up=6)
    with faulty(aws.url) as proxy:

        def stutter():
            while not proxy.calls["SetDesiredCapacity"]:
                time.sleep(0.05)
            # Once more than the client itself tries.
            faults.append(proxy.fail("unavailable", times=6))

        faults = []
        stuttering = threading.Thread(target=stutter, daemon=True)
        stuttering.start()
        run = group.scale(scale_direction="out", env=proxy.environment)
        stuttering.join(10)

    assert run.rc == 0, run.output
    assert faults[0].hits == 6
    assert len(group.instances) == 3


def test_a_refused_change_leaves_no_cooldown_behind(aws, site):
    group = Group(aws, site)
    with faulty(aws.url) as proxy:
        proxy.fail("denied", calls=["SetDesiredCapacity"])
        run = group.scale(scale_direction="out", env=proxy.environment)

    assert run.rc == 2
    assert "AWS refused SetDesiredCapacity with AccessDenied" in run.text
    assert (group.record, group.desired) == ("", 2)
    assert group.scale(scale_direction="out").rc == 0
    assert group.desired == 3


def test_aws_that_cannot_be_reached_is_said_in_one_line_without_secrets(aws, site):
    group = Group(aws, site)
    secret = aws.environment["AWS_SECRET_ACCESS_KEY"]

    run = group.scale("-vvv", scale_direction="out", env=aws.environment | {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"})

    assert run.rc == 2
    assert 'web was not scaled, because it cannot be measured: AWS could not be asked: Could not connect to the endpoint URL: "http://127.0.0.1:9/"' in run.text
    assert secret not in run.output


def test_a_group_that_is_not_there_is_named(aws, site):
    group = Group(aws, site)
    group.inventory(group="another")

    run = group.scale(scale_direction="out")

    assert run.rc == 2 and "there is no Auto Scaling group another in eu-central-1" in run.text
