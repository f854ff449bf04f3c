# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An alarm of CloudWatch leads to one bounded, verified change of a group: as docs/auto_scale.md shows it, on the real ansible-rulebook and a double of AWS."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ansible_collections.eventops.infra.tests.doubles.aws import faulty
from ansible_collections.eventops.infra.tests.e2e.aws_group import AwsGroup
from ansible_collections.eventops.infra.tests.e2e.aws_site import AwsSite, shown

PAGE = "auto_scale.md"
(QUEUE,) = shown(PAGE, "with_a_queue.yml")["eventops_aws_queues"]
HIGH, TAG = "web-cpu-high", "eventops:case"
NUMBER_OF_ALARMS = 200
# Polling takes no other right than to look at alarms; docs/aws_iam.md has those of the role.
TO_LOOK_AT_ALARMS = {"DescribeAlarms", "DescribeAlarmHistory"}
TO_SCALE = {"DescribeAutoScalingGroups", "DescribeScalingActivities", "DescribeInstanceRefreshes", "SetDesiredCapacity", "CreateOrUpdateTags"}
BY_THE_TEST = {"PutMetricAlarm", "SetAlarmState"}


@pytest.fixture
def site(rulebook, directory, aws) -> AwsSite:
    site = AwsSite(rulebook, directory, aws, PAGE, "eventops.infra.auto_scale")
    # The role looks each second, and a group of the test has its instances at once.
    for group in site.variables["eventops_scale_groups"]:
        group["wait"] = 30
    return site


def by_queue(site: AwsSite) -> None:
    site.set_up(QUEUE["name"])
    read_queue(site)


def read_queue(site: AwsSite) -> None:
    site.start("ReceiveMessage", eventops_aws_queues=[{**QUEUE, "wait": 1, "visibility": 10}])


def by_polling(site: AwsSite) -> None:
    site.start("DescribeAlarmHistory", eventops_aws_alarms=[{"interval": 1}])


@pytest.fixture(params=[by_queue, by_polling])
def start(request: pytest.FixtureRequest) -> Callable[[AwsSite], None]:
    return request.param


@pytest.fixture
def group(aws, site) -> AwsGroup:
    """Return the page's group, with the page's alarms."""
    group = AwsGroup(aws)
    site.run_commands("alarms.sh")
    for name in (HIGH, "web-cpu-low"):
        aws.alarm(name, "OK")
    return group


def test_a_cpu_alarm_grows_the_group_by_one_and_within_the_cooldown_nothing_more_is_done(site, group, start):
    site.aws.set_groups(warm_up=1)
    start(site)

    site.aws.alarm(HIGH, "ALARM", value=95.5)
    case = site.wait_for_case("verifying", name=HIGH)
    assert (group.desired, group.in_service, group.was_set) == (3, 3, 1)
    site.aws.alarm(HIGH, "OK", value=40.0)
    site.wait_for_case("resolved", name=HIGH)
    assert (case["hosts"], case["attempt"], case["severity"]) == ([], 1, "error")
    assert [*dict.fromkeys(site.ledger.states(case["id"]))] == ["open", "dispatched", "running", "verifying", "resolved"]

    # Within the cooldown.
    site.aws.alarm(HIGH, "ALARM", value=96.0)
    again = site.wait_for_case("waiting", name=HIGH)
    assert "cooldown" in again["reason"]
    site.aws.alarm(HIGH, "OK", value=40.0)
    site.ledger.wait_for(lambda ledger: len(ledger.cases(state="resolved", name=HIGH)) == 2, "both cases resolved")
    assert (group.desired, group.was_set) == (3, 1)
    assert len(site.ledger.dispatches()) == 1
    if start is by_polling:
        assert set(site.aws.calls()) <= BY_THE_TEST | TO_LOOK_AT_ALARMS | TO_SCALE
    assert site.rulebook.stop() == 0


def test_who_looks_at_the_group_sees_the_open_case_and_after_that_how_it_ended(site, group):
    site.start(eventops_aws_alarms=[{"interval": 1}], eventops_aws_feedback={"tag": TAG})

    site.aws.alarm(HIGH, "ALARM", value=95.5)
    case = site.wait_for_case("verifying", name=HIGH)
    site.ledger.wait_for(lambda _ledger: group.tag(TAG) == f"{case['id']} open", "the open case on the group")
    site.aws.alarm(HIGH, "OK", value=40.0)
    site.wait_for_case("resolved", name=HIGH)
    site.ledger.wait_for(lambda _ledger: group.tag(TAG) == f"{case['id']} resolved", "its end on the group")
    assert site.rulebook.stop() == 0


def test_an_alarm_that_goes_on_grows_the_group_step_by_step_within_its_bounds_and_then_a_person_is_called(site, group):
    (entry,) = site.variables["eventops_scale_groups"]
    entry |= {"cooldown": 1, "cooldown_in": 1, "max": 3}
    told = site.directory / "escalations"
    site.start(eventops_aws_alarms=[{"interval": 1}], eventops_confirm_within=1, eventops_cooldown=1, eventops_escalation_log=str(told))

    site.aws.alarm(HIGH, "ALARM", value=95.5)
    site.wait_for_case("exhausted", 90, name=HIGH)

    assert (group.desired, group.was_set) == (3, 1)
    site.ledger.wait_for(lambda _ledger: told.exists() and HIGH in told.read_text(encoding="utf-8"), "a person is told")
    assert "may have no more than 3" in str(site.ledger.executions())
    assert site.rulebook.stop() == 0


def test_a_load_that_is_gone_shrinks_the_group_step_by_step_down_to_its_bounds_and_calls_nobody(site, aws):
    group = AwsGroup(aws, size=4)
    site.run_commands("alarms.sh")
    (entry,) = site.variables["eventops_scale_groups"]
    entry |= {"cooldown": 1, "cooldown_in": 1}
    site.start(eventops_aws_alarms=[{"interval": 1}], eventops_scale_in_every=1, eventops_cooldown=1)

    aws.alarm("web-cpu-low", "ALARM", value=2.0)
    site.ledger.wait_for(lambda _ledger: group.desired == 2, "the group has as few as it may have", 90)
    site.ledger.wait_for(lambda ledger: len(ledger.executions()) >= 4, "one run finds nothing to do", 60)

    assert (group.desired, group.was_set) == (2, 2)
    (case,) = site.ledger.cases()
    assert case["state"] not in ("exhausted", "resolved")
    aws.alarm("web-cpu-low", "OK", value=30.0)
    site.wait_for_case("resolved")
    assert site.rulebook.stop() == 0


def test_a_storm_of_alarms_on_one_group_is_one_scaling_action(site, group):
    names = [f"web-{number:03}-cpu-high" for number in range(NUMBER_OF_ALARMS)]
    for name in names:
        site.put_alarm(name, {"AutoScalingGroupName": "web"})
    site.send_alarms_to_queue(QUEUE["name"])
    read_queue(site)

    for name in names:
        site.aws.alarm(name, "ALARM", value=95.5)
    site.ledger.wait_for(lambda ledger: len(ledger.cases(state="verifying")) == NUMBER_OF_ALARMS, "every alarm looked after", 180)

    assert (group.desired, group.in_service, group.was_set) == (3, 3, 1)
    assert len(site.ledger.cases()) == NUMBER_OF_ALARMS
    runs = {row["dispatch"] for row in site.ledger.executions()}
    assert len(runs) <= 8, f"{len(runs)} runs"
    for name in names:
        site.aws.alarm(name, "OK", value=10.0)
    site.ledger.wait_for(lambda ledger: len(ledger.cases(state="resolved")) == NUMBER_OF_ALARMS, "every alarm resolved", 120)
    assert group.was_set == 1
    assert site.rulebook.stop() == 0


def test_an_alarm_that_came_and_went_while_nobody_looked_changes_nothing_and_one_that_stayed_does(site, group):
    by_polling(site)
    assert site.rulebook.stop() == 0
    site.aws.alarm(HIGH, "ALARM", value=95.5)
    site.aws.alarm(HIGH, "OK", value=1.0)
    site.put_alarm("stays-cpu-high", {"AutoScalingGroupName": "web"})
    site.aws.alarm("stays-cpu-high", "ALARM", value=95.5)
    by_polling(site)

    site.wait_for_case("verifying", name="stays-cpu-high")
    (gone,) = site.ledger.cases(name=HIGH)

    assert gone["state"] == "resolved"
    assert (group.desired, group.was_set) == (3, 1)
    assert site.rulebook.stop() == 0


def test_what_was_added_for_a_time_is_given_back(site, group):
    by_polling(site)

    # With the rulebook's own variables, as the page says.
    site.play("eventops.infra.scale", **shown(PAGE, "variables.yml"), scale_group="web", scale_direction="out", scale_by=2, scale_for=15)
    case = site.wait_for_case("resolved", 120, type="scale.temporary_ended")

    # Added once and given back once; how many, is in the event that came at its time.
    (event,) = site.ledger.events(type="scale.temporary_ended")
    added = event["body"]["data"]
    assert (int(added["before"]), int(added["by"])) == (2, 2)
    assert (group.desired, group.was_set, case["attempt"]) == (2, 2, 1)
    assert site.rulebook.stop() == 0


def test_nothing_is_lost_while_aws_does_not_answer(rulebook, directory, aws):
    with faulty(aws.url) as proxy:
        site = AwsSite(rulebook, directory, aws, PAGE, "eventops.infra.auto_scale", environment=proxy.environment)
        group = AwsGroup(aws)
        site.run_commands("alarms.sh")
        aws.alarm(HIGH, "OK")
        site.variables["eventops_attempts"] = 10
        site.send_alarms_to_queue(QUEUE["name"])
        read_queue(site)
        proxy.fail("throttled", share=0.3)
        proxy.fail("reset", share=0.2, after=True, seed=2)
        with proxy.down():
            aws.alarm(HIGH, "ALARM", value=95.5)
        site.wait_for_case("verifying", 120, name=HIGH)
        # What was done though its answer was lost is found out, and not done again.
        assert group.desired == 3
        assert rulebook.stop() == 0
