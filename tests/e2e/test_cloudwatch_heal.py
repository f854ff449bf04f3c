# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An alarm of CloudWatch heals what it is about, on that host and no other: as docs/cloudwatch_heal.md shows it."""

from __future__ import annotations

import json

import pytest
from ansible_collections.eventops.infra.tests.e2e.aws_group import IMAGE
from ansible_collections.eventops.infra.tests.e2e.aws_site import AwsSite

PAGE = "cloudwatch_heal.md"
INSTANCE = "i-12345678901234567"
STORM = 60
POLLED = {"eventops_aws_alarms": [{"interval": 1}]}


@pytest.fixture
def site(rulebook, directory, aws) -> AwsSite:
    # The region is the one of the page's variables.
    environment = {key: value for key, value in aws.environment.items() if key not in ("AWS_REGION", "AWS_DEFAULT_REGION")}
    site = AwsSite(rulebook, directory, aws, PAGE, "eventops.infra.cloudwatch_heal", environment=environment)
    site.hosts["web-01"].pop("ansible_host")
    site.hosts["bystander"] = {"instance_id": "i-99999999999999999"}
    return site


def test_a_service_that_an_alarm_tells_of_is_started_again_and_the_alarm_confirms_it(site, aws, service):
    shop = service("shop")
    (entry,) = site.hosts["web-01"]["eventops_services"]
    entry |= {"check": {"http": {"url": shop.url}}, "start": {"command": shop.start_command}}
    site.run_commands("alarms.sh")
    for name in ("shop-unavailable", "web-01-status"):
        aws.alarm(name, "OK")
    site.start("DescribeAlarmHistory", **POLLED)
    shop.kill()

    aws.alarm("shop-unavailable", "ALARM", value=1.0)
    case = site.wait_for_case("verifying")
    aws.alarm("shop-unavailable", "OK", value=0.0)
    site.wait_for_case("resolved")

    assert (case["hosts"], case["attempt"]) == (["web-01"], 1)
    assert shop.is_up and shop.number_of_starts == 2
    assert {row["host"] for row in site.ledger.executions()} == {"web-01"}
    assert site.rulebook.stop() == 0


def test_an_instance_that_fails_its_status_check_is_rebooted(site, aws):
    (made,) = aws.client("ec2").run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1)["Instances"]
    instance = made["InstanceId"]
    site.hosts["web-01"] |= {"instance_id": instance, "remediate_aws_interval": 1}
    site.put_alarm("web-01-status", {"InstanceId": instance}, MetricName="StatusCheckFailed", Threshold=0.0)
    site.send_alarms_to_queue()
    site.start("ReceiveMessage", eventops_aws_queues=[{"name": "eventops", "wait": 1}])
    aws.fail_status_check(instance, cleared_by="reboot")

    aws.alarm("web-01-status", "ALARM", value=1.0)
    case = site.wait_for_case("verifying", 120)
    assert aws.calls()["RebootInstances"] == 1
    aws.alarm("web-01-status", "OK", value=0.0)
    site.wait_for_case("resolved")

    assert (case["hosts"], case["attempt"]) == (["web-01"], 1)
    assert site.rulebook.stop() == 0


def test_an_alarm_that_is_to_be_left_alone_and_one_that_nobody_knows_start_nothing(site):
    site.put_alarm("batch-1", {"InstanceId": INSTANCE}, MetricName="StatusCheckFailed")
    site.put_alarm("odd", {"InstanceId": INSTANCE}, Namespace="Odd", MetricName="Odd")
    site.start("DescribeAlarmHistory", **POLLED)
    for name in ("batch-1", "odd"):
        site.aws.alarm(name, "ALARM")
        site.wait_for_case("unmatched", name=name)
    assert site.ledger.executions() == []
    assert site.rulebook.stop() == 0


def test_an_alarm_of_an_instance_that_the_inventory_lacks_calls_a_person_and_starts_nothing(site):
    site.put_alarm("status", {"InstanceId": "i-00000000000000000"}, MetricName="StatusCheckFailed")
    site.start("DescribeAlarmHistory", **POLLED)
    site.aws.alarm("status", "ALARM")
    site.wait_for_case("suppressed", name="status")
    site.wait_for_case("resolved", type="case.unresolved")
    assert {row["host"] for row in site.ledger.executions()} == {"localhost"}
    assert site.rulebook.stop() == 0


def test_a_storm_of_alarms_that_the_inventory_lacks_calls_people_in_few_runs_and_tells_them_of_each(site):
    names = {f"status-{number}" for number in range(STORM)}
    for number, name in enumerate(sorted(names)):
        site.put_alarm(name, {"InstanceId": f"i-{number:017x}"}, MetricName="StatusCheckFailed")
    log = site.directory / "escalations"
    site.start("DescribeAlarmHistory", eventops_escalation_log=str(log), **POLLED)
    for name in names:
        site.aws.alarm(name, "ALARM")
    site.ledger.wait_for(lambda ledger: len(ledger.cases(state="resolved", type="case.unresolved")) == STORM, "all are told of", 240)

    told = [json.loads(line) for line in log.read_text().splitlines()]
    assert len(told) == STORM and {each["data"]["name"] for each in told} == names
    assert all(each["type"] == "case.unresolved" and "unknown host" in each["data"]["reason"] for each in told)
    runs = {row["dispatch"] for row in site.ledger.executions()}
    # The first come before the others are there.
    assert len(runs) <= STORM // 15
    assert site.rulebook.stop() == 0


@pytest.mark.parametrize("by_queue", [False, True])
def test_an_alarm_that_names_no_instance_runs_nowhere_and_calls_nobody(site, by_queue):
    site.put_alarm("web-cpu", {"AutoScalingGroupName": "web"})
    site.put_alarm("shop-slow", {"LoadBalancer": "app/shop/0123456789abcdef"}, Namespace="Shop", MetricName="Slow")
    site.put_alarm("batch-1", {"InstanceId": INSTANCE}, MetricName="StatusCheckFailed")
    if by_queue:
        site.send_alarms_to_queue()
        # What cannot be read is put aside at once, and not after it was received five times.
        site.start("ReceiveMessage", eventops_aws_queues=[{"name": "eventops", "wait": 1, "max_receives": 1}])
    else:
        site.start("DescribeAlarmHistory", **POLLED)

    for name in ("web-cpu", "shop-slow", "batch-1"):
        site.aws.alarm(name, "ALARM")
    site.wait_for_case("unmatched", name="batch-1")
    site.ledger.wait_for(lambda ledger: len(ledger.cases(state="suppressed", type="event.received")) == 2, "both kept")

    assert len(site.ledger.cases()) == 3
    assert site.ledger.executions() == []
    assert site.rulebook.stop() == 0


def test_it_begins_by_observing(site):
    del site.variables["eventops_mode"]
    site.put_alarm("status", {"InstanceId": INSTANCE}, MetricName="StatusCheckFailed")
    site.start("DescribeAlarmHistory", **POLLED)
    site.aws.alarm("status", "ALARM")
    case = site.wait_for_case("observed", name="status")
    assert case["hosts"] == ["web-01"]
    assert site.ledger.executions() == []
    assert site.rulebook.stop() == 0
