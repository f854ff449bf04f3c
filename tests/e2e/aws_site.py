# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A site as a user of AWS has one: a page's variables and inventory, changed only in what makes a test quick, over a double of AWS."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.eventops.infra.tests.doubles.aws import RunningAws
from ansible_collections.eventops.infra.tests.e2e.documents import block, changed
from ansible_collections.eventops.infra.tests.e2e.harness import Rulebook
from ansible_collections.eventops.infra.tests.e2e.ledger import Ledger

COMMAND = Path(__file__).with_name("aws_command.py")
QUICK = {"eventops_backoff": 1, "eventops_backoff_factor": 1}


class AwsSite:
    """The rulebook of a page over its files.

    :param page: of docs/.
    :param rulebook_name: of the collection.
    :param url: where AWS is for ansible-rulebook: the double, or a proxy before it.
    """

    def __init__(
        self, rulebook: Rulebook, directory: Path, aws: RunningAws, page: str, rulebook_name: str, *, environment: Mapping[str, str] | None = None
    ) -> None:
        self.rulebook, self.aws, self.directory = rulebook, aws, directory
        self.ledger = Ledger(directory / "store.db")
        self._page, self._name = page, rulebook_name
        self._environment = dict(environment or aws.environment)
        self.variables: dict[str, Any] = {**shown(page, "variables.yml"), "eventops_store": str(self.ledger.store), **QUICK}
        self.hosts: dict[str, dict] = {name: of for name, of in shown(page, "inventory/hosts.yml")["all"]["hosts"].items() if name != "localhost"}

    def start(self, heard: str = "DescribeAlarms", **variables: Any) -> None:
        """Start ansible-rulebook, and wait until it makes a call of AWS."""
        self.variables |= variables
        self.rulebook.write(self._name, self.hosts, self.variables)
        before = self.aws.calls()[heard]
        self.rulebook.start(**self._environment)
        self.ledger.wait_for(lambda _ledger: self._is_running() and self.aws.calls()[heard] > before, f"{heard}: {self.rulebook.output[-2000:]}", 60)

    def run_commands(self, name: str, page: str = "") -> None:
        """Run a page's commands in a shell, where `aws` is the double's."""
        bin_directory = self.directory / "bin"
        bin_directory.mkdir(exist_ok=True)
        program = bin_directory / "aws"
        program.write_text(f'#!/bin/sh\nexec {shlex.join([sys.executable, str(COMMAND)])} "$@"\n', encoding="utf-8")
        program.chmod(0o755)
        env = {**self.aws.environment, "PATH": f"{bin_directory}{os.pathsep}{os.environ['PATH']}"}
        done = subprocess.run(
            ["/bin/sh", "-ec", block(page or self._page, "sh", f"# {name}")], env=env, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr

    def set_up(self, name: str = "eventops") -> None:
        """Let the playbook aws_events make a queue, and the rule by which EventBridge fills it with the changes of alarms."""
        self.rulebook.write(self._name, self.hosts, self.variables)
        self.play("eventops.infra.aws_events", aws_events_region="eu-central-1", aws_events_rules=["alarms"], aws_events_name=name)

    def play(self, playbook: str, **variables: Any) -> None:
        """Run a playbook by hand on the controller."""
        command = ["ansible-playbook", playbook, "-i", "inventory", "--limit", "localhost", "-e", json.dumps(variables)]
        env = self.rulebook.env | self._environment | {"EVENTOPS_STORE": str(self.ledger.store)}
        done = subprocess.run(command, cwd=self.rulebook.directory, env=env, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr

    def send_alarms_to_queue(self, name: str = "eventops") -> str:
        """Make what `set_up` makes in a moment, and return the URL of the queue."""
        url = self.aws.client("sqs").create_queue(QueueName=name)["QueueUrl"]
        arn = self.aws.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        pattern = json.dumps({"source": ["aws.cloudwatch"], "detail-type": ["CloudWatch Alarm State Change"]})
        self.aws.client("events").put_rule(Name="eventops", EventPattern=pattern)
        self.aws.client("events").put_targets(Rule="eventops", Targets=[{"Id": "eventops", "Arn": arn}])
        return url

    def put_alarm(self, name: str, dimensions: Mapping[str, str], **others: Any) -> None:
        """Make an alarm that is OK."""
        given = [{"Name": key, "Value": value} for key, value in dimensions.items()]
        measured = {"Namespace": "AWS/EC2", "MetricName": "CPUUtilization", "Statistic": "Average", "Period": 60, "EvaluationPeriods": 1}
        compared = {"Threshold": 80.0, "ComparisonOperator": "GreaterThanThreshold"}
        self.aws.client("cloudwatch").put_metric_alarm(AlarmName=name, Dimensions=given, **{**measured, **compared, **others})
        self.aws.alarm(name, "OK")

    def wait_for_case(self, state: str, seconds: float = 60, **where: Any) -> dict:
        """Return a case when it is in a state."""
        return self.ledger.wait_for(lambda ledger: self._is_running() and next(iter(ledger.cases(state=state, **where)), None), f"a case {state}", seconds)

    def _is_running(self) -> bool:
        assert self.rulebook.is_running, self.rulebook.output[-4000:]
        return True


def shown(page: str, name: str, replacements: Mapping[str, str] | None = None) -> dict:
    """Read the file that a page shows under a name."""
    return yaml.safe_load(changed(block(page, "yaml", f"# {name}"), replacements or {}))
