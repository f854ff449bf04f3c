# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the playbook aws_events refuses: what it did not make, and inputs out of bounds, before it asks AWS."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.tests.doubles.aws import RunningAws
from ansible_collections.eventops.infra.tests.integration.aws_setup.account import arn, everything
from ansible_collections.eventops.infra.tests.integration.aws_setup.operator import Operator
from ansible_collections.eventops.infra.tests.integration.roles.refusals import refusals

METRIC = {"Namespace": "mine", "MetricName": "mine", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1, "Threshold": 1.0}

OUT_OF_BOUNDS = [
    ({"name": "event ops"}, 'aws_events_name must be letters, digits and hyphens, up to 40, got "event ops"'),
    ({"name": "e" * 41}, "aws_events_name must be letters"),
    ({"name": "eventops\n"}, "aws_events_name must be letters"),
    ({"state": "gone"}, "value of aws_events_state must be one of: present, absent"),
    ({"rules": ["alarm"]}, "value of aws_events_rules must be one or more of: alarms, ec2_state"),
    ({"visibility": 5}, "aws_events_visibility must be from 30 to 43200 seconds, got 5"),
    ({"visibility": 43201}, "aws_events_visibility must be from 30"),
    ({"retention": 59}, "aws_events_retention must be from 60 to 1209600 seconds, got 59"),
    ({"retention": 1209601}, "aws_events_retention must be from 60"),
    ({"visibility": 120, "retention": 60}, "aws_events_visibility must be less than aws_events_retention"),
    ({"max_receives": 0}, "aws_events_max_receives must be from 1 to 1000, got 0"),
    ({"visibility": "soon"}, "aws_events_visibility"),
    ({"topic": True}, "aws_events_topic needs aws_events_kms_key"),
    ({"kms_key": "alias/aws/sqs"}, "aws_events_kms_key must be a key of yours, got alias/aws/sqs"),
    ({"patterns": [{"name": "all", "pattern": {}}]}, "aws_events_patterns[0].pattern must say which events are meant"),
    ({"patterns": [{"name": "x", "pattern": "source"}]}, "pattern"),
    ({"patterns": [{"pattern": {"source": ["a"]}}]}, "missing required arguments: name found in aws_events_patterns"),
    ({"patterns": [{"name": "x", "pattern": {"source": "aws.s3"}}]}, "aws_events_patterns[0].pattern.source must be a list of what fits"),
    ({"patterns": [{"name": "x", "pattern": {"detail": {"a": {"b": []}}}}]}, "aws_events_patterns[0].pattern.detail.a.b must be a list of what fits"),
    ({"patterns": [{"name": "x", "pattern": {"instance-id": ["i-1"]}}]}, "aws_events_patterns[0].pattern has fields that no event has: instance-id"),
    ({"patterns": [{"name": "x", "pattern": {"source": ["a" * 2048]}}]}, "aws_events_patterns[0].pattern must have at most 2048 characters"),
    ({"patterns": [{"name": "a/b", "pattern": {"source": ["a"]}}]}, 'aws_events_patterns[0].name must be letters, digits and hyphens, up to 40, got "a/b"'),
    ({"patterns": [{"name": "health", "pattern": {"source": ["a"]}}]}, "Names are there twice: event rule eventops-health"),
    ({"alarms": [{"what": "cpu", "of": "web"}]}, "value of what must be one of: group_cpu_high"),
    ({"alarms": [{"what": "group_cpu_high"}]}, "aws_events_alarms[0].of must be the name of an Auto Scaling group"),
    ({"alarms": [{"what": "instance_status_failed", "of": "web"}]}, "aws_events_alarms[0].of must be the id of an instance"),
    ({"alarms": [{"what": "dead_letters", "of": "web"}]}, "aws_events_alarms[0].of does not belong to dead_letters"),
    ({"alarms": [{"what": "group_cpu_high", "of": "web", "threshold": 101}]}, "aws_events_alarms[0].threshold must be above 0 and at most 100 %"),
    ({"alarms": [{"what": "group_cpu_high", "of": "web", "period": 45}]}, "aws_events_alarms[0].period must be 10, 30 or a multiple of 60 seconds"),
    ({"alarms": [{"what": "group_cpu_high", "of": "web", "periods": 300}]}, "aws_events_alarms[0].periods must be at least 1, and all of them together"),
    ({"alarms": [{"what": "group_cpu_high", "of": "web", "colour": "red"}]}, "colour"),
]


def make_queue(aws: RunningAws) -> None:
    """Make a queue of that name, as somebody else would."""
    aws.client("sqs").create_queue(QueueName="eventops", tags={"owner": "somebody"})


def make_topic(aws: RunningAws) -> None:
    """Make a topic of that name."""
    aws.client("sns").create_topic(Name="eventops-alarms", Tags=[{"Key": "eventops:managed-by", "Value": "aws_events/other"}])


def make_rule(aws: RunningAws) -> None:
    """Make a rule of that name."""
    aws.client("events").put_rule(Name="eventops-health", EventPattern='{"source": ["aws.s3"]}')


def make_alarm(aws: RunningAws) -> None:
    """Make an alarm of that name."""
    aws.client("cloudwatch").put_metric_alarm(AlarmName="eventops-dead-letters", ComparisonOperator="GreaterThanThreshold", **METRIC)


def make_composite_alarm(aws: RunningAws) -> None:
    """Make an alarm of that name that is made of others."""
    aws.client("cloudwatch").put_composite_alarm(AlarmName="eventops-dead-letters", AlarmRule="FALSE")


@pytest.mark.parametrize("state", ["present", "absent"])
@pytest.mark.parametrize(
    ("make", "named"),
    [
        (make_queue, "the queue eventops"),
        (make_topic, "the topic eventops-alarms"),
        (make_rule, "the event rule eventops-health"),
        (make_alarm, "the alarm eventops-dead-letters"),
        (make_composite_alarm, "the alarm eventops-dead-letters"),
    ],
)
def test_what_others_made_is_never_touched_and_nothing_is_changed_beside_it(operator: Operator, aws: RunningAws, make, named: str, state: str) -> None:
    make(aws)
    before = everything(aws)

    run = operator.set_up(state=state, topic=True, topic_encrypted=False, alarms=[{"what": "dead_letters"}])

    assert run.rc != 0
    assert "Nothing was done. In the account 123456789012, eu-central-1, there is of these names what this role did not make" in run.text
    assert f"(the tag eventops:managed-by is not aws_events/eventops): {named}. Choose another" in run.text
    assert everything(aws) == before


def test_an_input_out_of_bounds_is_refused_before_aws_is_asked(operator: Operator, aws: RunningAws) -> None:
    asked = {str(variables): {f"aws_events_{name}": value for name, value in variables.items()} for variables, _said in OUT_OF_BOUNDS}

    said, _output = refusals(operator, "aws_events", asked)

    assert [(variables, said.get(str(variables))) for variables, expected in OUT_OF_BOUNDS if expected not in said.get(str(variables), "")] == []
    assert not aws.calls()


def test_all_mistakes_are_told_at_once(operator: Operator, aws: RunningAws) -> None:
    patterns = [{"name": "x", "pattern": {"source": "a"}}, {"name": "y", "pattern": {}}]

    run = operator.set_up(name="-", visibility=1, patterns=patterns, alarms=[{"what": "group_cpu_high"}])

    all_of_them = ("aws_events_name", "aws_events_visibility", "patterns[0].pattern.source", "patterns[1].pattern", "alarms[0].of")
    assert [said for said in all_of_them if said not in run.text] == []
    assert not aws.calls()


def test_it_does_not_run_without_the_limit(operator: Operator, aws: RunningAws) -> None:
    run = operator.play("eventops.infra.aws_events")

    assert run.rc != 0
    assert "This run is refused." in run.text
    assert not aws.calls()


def test_what_aws_refuses_is_told_with_what_was_done_then(operator: Operator, aws: RunningAws) -> None:
    aws.client("sqs").create_queue(QueueName="eventops", tags={"eventops:managed-by": "aws_events/eventops"})

    run = operator.set_up(patterns=[{"name": "wrong", "pattern": {"source": [{"startswith": "x"}]}}], endpoint_url="http://127.0.0.1:1")

    assert run.rc != 0
    assert "AWS could not be asked" in run.text
    assert list(everything(aws)["queues"]) == ["eventops"]
    assert arn("sqs", "eventops") == everything(aws)["queues"]["eventops"]["QueueArn"]
