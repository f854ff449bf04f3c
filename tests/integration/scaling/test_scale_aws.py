# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The playbook scale on an Auto Scaling group that really changes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from ansible_collections.eventops.infra.tests.integration.roles.refusals import refusals
from ansible_collections.eventops.infra.tests.integration.scaling.group import Group, ago


def test_a_group_grows_by_one_is_verified_and_is_left_alone_within_the_cooldown(aws, site):
    group = Group(aws, site)
    aws.set_groups(warm_up=2)
    before = group.instances

    run = group.scale(scale_direction="out")

    assert run.rc == 0, run.output
    assert run.of("changed") == {"localhost": 1}
    assert group.desired == 3
    (came,) = set(group.instances) - set(before)
    assert f"web has been scaled from 2 to 3 instances. Came: {came}. Went: none" in run.text
    assert "direction=out from=2 to=3" in group.record

    aws.forget_calls()
    again = group.scale(scale_direction="out")

    assert again.rc == 0, again.output
    assert again.of("changed") == {"localhost": 0}
    assert group.was_set == 0
    assert "web is left as it is: it was last changed at" in again.text


def test_it_shrinks_one_at_a_time_and_later_than_it_grows(aws, site):
    group = Group(aws, site, size=4)
    before = group.instances
    group.write_record(f"time={ago(600)} direction=out from=3 to=4")

    too_early = group.scale(scale_direction="in")
    group.age()
    run = group.scale("-v", scale_direction="in")

    assert too_early.rc == 0 and "900 s must pass before it is scaled in" in too_early.text
    assert run.rc == 0, run.output
    assert group.desired == 3
    (went,) = set(before) - set(group.instances)
    assert f"from 4 to 3 instances. Came: none that it names. Went: {went}." in run.text


def test_a_target_is_reached_and_is_left_alone_afterwards(aws, site):
    group = Group(aws, site)

    grown = group.scale(scale_to=5, scale_for="")
    again = group.scale(scale_to=5)

    assert grown.rc == again.rc == 0, grown.output
    assert len(group.instances) == 5
    assert (grown.of("changed"), again.of("changed")) == ({"localhost": 1}, {"localhost": 0})
    assert "it is to have 5 instances already" in again.text


def test_check_mode_says_what_it_would_do_and_does_nothing(aws, site):
    group = Group(aws, site)

    run = group.scale("--check", "--diff", scale_direction="out", scale_by=2)

    assert run.rc == 0, run.output
    assert run.of("changed") == {"localhost": 1}
    assert "check mode, so this is neither done nor verified: scaling web from 2 to 4 instances." in run.text
    assert (group.desired, group.was_set, group.record) == (2, 0, "")


def test_what_is_not_allowed_is_refused_before_aws_is_asked(aws, site):
    group = Group(aws, site)
    cases = {
        "out of bounds": ({"scale_to": 6}, "scale_to: must be from 1 to 5, which are the bounds, got 6"),
        "too many at a time": ({"scale_direction": "out", "scale_by": 5}, "scale_by: must be at most 4"),
        "not in the list": ({"scale_group": "db", "scale_direction": "out"}, "scale_group: must be the name of one of scale_groups, which are: web"),
        "no number": ({"scale_direction": "out", "scale_by": "1; reboot"}, "scale_by"),
        "no direction": ({"scale_direction": "sideways"}, "scale_direction"),
        "nothing": ({}, "Exactly one of scale_direction, scale_to and scale_give_back must be given, got none"),
        "bounds without room": ({"scale_to": 3, "scale_min": 9}, "min must not be greater than max, got 9 and 5"),
        "no cooldown": ({"scale_to": 3, "scale_cooldown": "often"}, "scale_cooldown: must be a number of seconds"),
        "a time that is over": ({"scale_direction": "out", "scale_until": "2020-01-01T00:00:00Z"}, "scale_until: must be in the next 90 days"),
    }

    said, _output = refusals(site, "scale", {name: {"scale_group": "web"} | variables for name, (variables, _expected) in cases.items()}, **aws.environment)

    for name, (_variables, expected) in cases.items():
        assert expected in said[name]
    assert not aws.calls()
    assert group.desired == 2


def test_the_bounds_of_the_group_itself_hold_too(aws, site):
    group = Group(aws, site, most=3)

    beyond = group.scale(scale_to=4)
    up_to = group.scale(scale_direction="out", scale_by=3)

    assert beyond.rc == 2 and "4 instances are outside its own bounds, 1 to 3" in beyond.text
    assert up_to.rc == 0 and "from 2 to 3 instances; no more than 3 are allowed" in up_to.text
    assert group.desired == 3


def test_a_role_in_another_account_is_assumed(aws, site):
    theirs = Group(aws, site, account="222222222222")
    theirs.inventory(role_arn="arn:aws:iam::222222222222:role/eventops", external_id="agreed upon")

    run = theirs.scale(scale_direction="out")

    assert run.rc == 0, run.output
    assert aws.calls()["AssumeRole"] > 0
    assert theirs.desired == 3
    assert not aws.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]


def test_two_controllers_at_once_grow_it_once(aws, site):
    group = Group(aws, site)
    aws.set_groups(warm_up=2)
    env = {**aws.environment, "EVENTOPS_STORE": str(site.directory / "another.db")}
    with ThreadPoolExecutor() as both:
        runs = list(both.map(lambda env: group.scale(scale_direction="out", env=env), (aws.environment, env)))

    assert group.desired == 3
    assert len(group.instances) == 3
    assert any(run.rc == 0 and run.of("changed") == {"localhost": 1} for run in runs)
