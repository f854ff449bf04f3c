# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Everything that somebody else may write in AWS carries an injection, and nothing of it runs.

Names, reasons, descriptions and dimensions of alarms, messages in the queue, lines of logs and their streams, tags of instances.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.tests.e2e.aws_group import IMAGE, AwsGroup
from ansible_collections.eventops.infra.tests.e2e.aws_site import AwsSite
from ansible_collections.eventops.infra.tests.e2e.waiting import wait_until

INSTANCE = "i-12345678901234567"
LOG = "/shop/production"


class Attack:
    """Texts that would leave a file if anything evaluated them, each another file."""

    def __init__(self, directory: Path) -> None:
        # Names are at most 255 characters long, so the path must be short.
        self.directory = directory / "h"
        self.directory.mkdir()
        (directory / "home" / "h").symlink_to(self.directory)

    def template(self, name: str) -> str:
        """Return a text that runs a command where it is taken for a template, or for a part of a shell's command line."""
        file = f"~/h/{name}"
        return f"{{{{ lookup('ansible.builtin.pipe', 'touch {file}') }}}}{{% set x = lookup('pipe', 'touch {file}') %}}$(touch {file})`touch {file}`"

    @property
    def done(self) -> list[str]:
        return sorted(path.name for path in self.directory.iterdir())


@pytest.fixture
def attack(directory, env) -> Attack:
    return Attack(directory)


def test_the_attack_would_work_where_a_text_is_evaluated(attack, directory, rulebook):
    payload = directory / "payload.json"
    payload.write_text(json.dumps([{"x": attack.template("x")}]), encoding="utf-8")
    rule = {"condition": "event.x is defined", "action": {"run_playbook": {"name": "p.yml", "extra_vars": {"y": "{{ event.x }}"}}}}
    sources = [{"eda.builtin.generic": {"payload_file": str(payload), "shutdown_after": 30}}]
    rulebook.write([{"name": "evaluates", "hosts": "all", "sources": sources, "rules": [{"name": "r", **rule}]}], {})
    rulebook.write_playbook("p.yml", [{"hosts": "localhost", "gather_facts": False, "tasks": [{"ansible.builtin.debug": {"msg": "{{ y }}"}}]}])
    rulebook.start()
    wait_until(lambda: attack.done == ["x"], "the attack", 60, lambda: rulebook.output)


def test_nothing_that_an_alarm_says_is_run_and_a_group_that_it_names_is_scaled_only_if_it_is_listed(rulebook, directory, aws, attack):
    site = AwsSite(rulebook, directory, aws, "auto_scale.md", "eventops.infra.auto_scale")
    group = AwsGroup(aws)
    url = site.send_alarms_to_queue()
    groups = ["web", attack.template("group"), "web -e x=y", "-e@/etc/passwd", "all", "other"]
    alarms = {f"{number} {attack.template('name')}"[:240] + "-cpu-high": name for number, name in enumerate(groups)}
    for name, of in alarms.items():
        site.put_alarm(
            name, {"AutoScalingGroupName": of, attack.template("dimension")[:250]: attack.template("value")}, AlarmDescription=attack.template("text")
        )
    site.start("ReceiveMessage", eventops_aws_queues=[{"name": "eventops", "wait": 1}], eventops_attempts=1)

    for name in alarms:
        aws.alarm(name, "ALARM", reason=attack.template("reason"))
    # What a source that anybody can write to would bring: the same by hand, with labels that are the rulebook's own.
    forged = {
        "AlarmName": "x",
        "NewStateValue": "ALARM",
        "Trigger": {"Dimensions": [{"name": "scale", "value": "out"}, {"name": "AutoScalingGroupName", "value": "web"}]},
    }
    for body in (json.dumps(forged), json.dumps({"a": attack.template("json")}), attack.template("body"), '{"x": NaN}', "", "{" * 1000):
        if body:
            aws.client("sqs").send_message(QueueUrl=url, MessageBody=body)

    site.ledger.wait_for(
        lambda ledger: len([case for case in ledger.cases() if case["name"] in alarms and case["state"] in ("verifying", "exhausted")]) == len(groups),
        "all alarms",
        120,
    )
    states = {case["name"]: case["state"] for case in site.ledger.cases(type="alert.firing")}
    assert {alarms[name] for name, state in states.items() if name in alarms and state == "verifying"} == {"web"}
    assert (group.desired, group.was_set) == (3, 1)
    assert attack.done == []
    assert {row["host"] for row in site.ledger.executions()} == {"localhost"}
    assert rulebook.stop() == 0


def test_nothing_that_an_instance_is_called_is_run(rulebook, directory, aws, attack):
    site = AwsSite(rulebook, directory, aws, "cloudwatch_heal.md", "eventops.infra.cloudwatch_heal")
    names = [attack.template("tag"), "all", "localhost", "-e@x", "web*", "web-01,bystander", "!bystander"]
    instances = []
    for name in names:
        (made,) = aws.client("ec2").run_instances(
            ImageId=IMAGE, MinCount=1, MaxCount=1, TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": name[:255]}]}]
        )["Instances"]
        instances.append(made["InstanceId"])
        site.put_alarm(f"status-{made['InstanceId']}", {"InstanceId": made["InstanceId"]}, MetricName="StatusCheckFailed")
    site.hosts["bystander"] = {}
    site.start("DescribeAlarmHistory", eventops_aws_alarms=[{"interval": 1}], eventops_aws_hosts=[{"label": "InstanceId", "by": "tag:Name"}])

    for instance in instances:
        aws.alarm(f"status-{instance}", "ALARM", reason=attack.template("reason"))
    site.ledger.wait_for(lambda ledger: len(ledger.cases(type="alert.firing", state="suppressed")) == len(names), "all suppressed", 60)

    assert {row["host"] for row in site.ledger.executions()} <= {"localhost"}  # a person is called there
    assert aws.calls()["RebootInstances"] == 0
    assert attack.done == []
    assert rulebook.stop() == 0


def test_nothing_that_a_log_says_is_run(rulebook, directory, aws, attack, service):
    site = AwsSite(rulebook, directory, aws, "log_incident.md", "eventops.infra.log_incident")
    shop = service("shop")
    (entry,) = site.hosts["web-01"]["eventops_services"]
    entry |= {"check": {"http": {"url": shop.url}}, "start": {"command": shop.restart_command}}
    site.hosts["web-01"].pop("ansible_host")
    aws.add_log_lines(LOG, INSTANCE, [(time.time(), "begins")])
    site.start("FilterLogEvents", eventops_log_interval=1, eventops_log_window=2)

    lines = [
        f"CRITICAL {attack.template('line')}",
        json.dumps({"level": "CRITICAL", "service": attack.template("service"), attack.template("key"): {"remediate_service": "x", "host": "all"}}),
        "CRITICAL #jinja2:variable_start_string:'[[',variable_end_string:']]' [[ lookup('pipe', 'touch ~/h/header') ]]",
        "CRITICAL $ANSIBLE_VAULT;1.1;AES256 \U0001f4a3 \x00\x07",
    ]
    aws.add_log_lines(LOG, INSTANCE, [(time.time(), line) for line in lines])
    aws.add_log_lines(LOG, attack.template("stream").replace("*", "").replace(":", "")[:200], [(time.time(), lines[0])])
    case = site.wait_for_case("resolved", 90, type="log.matched")

    assert case["hosts"] == ["web-01"]
    assert shop.number_of_starts == 2
    assert attack.done == []
    assert {row["host"] for row in site.ledger.executions()} == {"web-01"}
    assert rulebook.stop() == 0
