# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The quick start of docs/aws.md, with the right to look at alarms and nothing else."""

from __future__ import annotations

import json

import pytest
from ansible_collections.eventops.infra.tests.doubles.aws import faulty, running_aws
from ansible_collections.eventops.infra.tests.e2e.aws_site import AwsSite, shown
from ansible_collections.eventops.infra.tests.e2e.documents import block, blocks
from ansible_collections.eventops.infra.tests.e2e.ledger import Ledger

PAGE = "aws.md"


@pytest.mark.parametrize("history", ["denied", "allowed"])
def test_an_alarm_is_heard_of_with_the_right_that_the_page_names(rulebook, directory, history):
    (policy,) = map(json.loads, blocks(PAGE, "json"))
    assert policy["Statement"] == [{"Effect": "Allow", "Action": "cloudwatch:DescribeAlarms", "Resource": "*"}]
    with running_aws() as aws, faulty(aws.url) as proxy:
        everything_else = ["DescribeAlarmHistory"] if history == "denied" else []
        proxy.fail("denied", calls=[*everything_else, "ListTagsForResource", "GetResources", "DescribeInstances", "GetCallerIdentity", "AssumeRole"])
        site = AwsSite.__new__(AwsSite)
        site.aws, site.directory, site._page = aws, directory, PAGE
        site.put_alarm("web-cpu-high", {"AutoScalingGroupName": "web"})
        text = block(PAGE, "yaml", "# alarms.yml").replace("alarms: [{}]", "alarms: [{interval: 1}]")
        hosts = shown(PAGE, "inventory/hosts.yml")["all"]["hosts"]
        rulebook.write(text, hosts)
        ledger = Ledger(directory / "store.db")
        rulebook.start(EVENTOPS_STORE=str(ledger.store), **proxy.environment)
        ledger.wait_for(lambda _ledger: aws.calls()["DescribeAlarms"], rulebook.output, 60)

        site.run_commands("try.sh")

        rulebook.wait_for("web-cpu-high is on: a try")
        ledger.wait_for(lambda ledger: ledger.cases(name="web-cpu-high", state="verifying"), "it waits for OK")
        aws.alarm("web-cpu-high", "OK")
        ledger.wait_for(lambda ledger: ledger.cases(name="web-cpu-high", state="resolved"), "it is over")
        assert set(aws.calls()) - {"PutMetricAlarm", "SetAlarmState"} <= {"DescribeAlarms", "DescribeAlarmHistory"}
        assert rulebook.stop() == 0
