# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The double of AWS as a process: accounts, environments, its end."""

from __future__ import annotations

import os
import subprocess
import sys

from ansible_collections.eventops.infra.tests.doubles.aws import running_aws
from ansible_collections.eventops.infra.tests.integration.aws.made_alarms import history, put_alarm


def test_accounts_and_regions_are_apart(aws):
    put_alarm(aws, "here")
    put_alarm(aws, "there", region="us-east-1", account="222222222222")
    assert [alarm["AlarmName"] for alarm in aws.client("cloudwatch", "us-east-1", "222222222222").describe_alarms()["MetricAlarms"]] == ["there"]
    aws.alarm("there", "ALARM", region="us-east-1", account="222222222222")
    assert history(aws, HistoryItemType="StateUpdate") == []


def test_a_subprocess_finds_the_double_by_its_environment(aws):
    put_alarm(aws)
    ask = "import boto3; print(boto3.client('cloudwatch').describe_alarms()['MetricAlarms'][0]['AlarmName'])"
    told = subprocess.run([sys.executable, "-c", ask], env={"PATH": os.environ["PATH"], **aws.environment}, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "web-cpu"


def test_it_ends_with_the_process_that_started_it():
    start = "import os, sys; from ansible_collections.eventops.infra.tests.doubles.aws import running_aws\n"
    start += "with running_aws() as aws: print(aws.process.pid, flush=True); os.kill(os.getpid(), 9)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    ended = subprocess.run([sys.executable, "-c", start], env=environment, capture_output=True, text=True, timeout=60, check=False)
    process = int(ended.stdout)
    for _attempt in range(200):
        if not os.path.exists(f"/proc/{process}"):
            return
        subprocess.run(["sleep", "0.05"], check=True)
    raise AssertionError("the server outlived its parent")


def test_two_doubles_run_side_by_side(aws):
    put_alarm(aws)
    with running_aws() as other:
        assert other.client("cloudwatch").describe_alarms()["MetricAlarms"] == []
