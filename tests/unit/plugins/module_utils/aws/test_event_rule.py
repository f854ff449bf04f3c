# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A rule of EventBridge is compared by what it means, and a target that AWS refused is no success."""

from __future__ import annotations

import boto3
import pytest
from ansible_collections.eventops.infra.plugins.module_utils.aws.errors import AWSError
from ansible_collections.eventops.infra.plugins.module_utils.aws.event_rule import EventRule, wanted_rule
from botocore.stub import Stubber

QUEUE = "arn:aws:sqs:eu-central-1:123456789012:eventops"
OPTIONS = {
    "target_id": "eventops",
    "target": QUEUE,
    "dead_letter_queue": None,
    "retries": 185,
    "retry_seconds": 86400,
    "pattern": {"source": ["aws.ec2"]},
    "enabled": True,
    "description": "",
}


@pytest.fixture
def events():
    client = boto3.client("events", region_name="eu-central-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as stub:
        yield client, stub


def test_a_target_that_aws_refuses_in_an_answer_that_is_otherwise_a_success_is_an_error(events):
    client, stub = events
    failed = {"FailedEntryCount": 1, "FailedEntries": [{"TargetId": "eventops", "ErrorCode": "AccessDenied", "ErrorMessage": "not yours"}]}
    stub.add_response("put_rule", {"RuleArn": "arn:aws:events:eu-central-1:123456789012:rule/x"})
    stub.add_response("put_targets", failed)
    with pytest.raises(AWSError, match="AWS refused targets of the event rule x: eventops: AccessDenied not yours"):
        EventRule(client, "x").create(wanted_rule(OPTIONS), {"a": "b"})


def test_a_rule_without_a_dead_letter_queue_does_not_name_one():
    (target,) = wanted_rule(OPTIONS)["Targets"]
    assert sorted(target) == ["Arn", "Id", "RetryPolicy"]


def test_targets_are_compared_whatever_their_order(events):
    rule = EventRule(events[0], "x")
    one, other = {"Id": "a", "Arn": QUEUE}, {"Id": "b", "Arn": QUEUE}
    assert rule.comparable("Targets", [one, other]) == rule.comparable("Targets", [other, one])
    assert rule.comparable("Targets", [one]) != rule.comparable("Targets", [other])
    assert rule.comparable("Description", None) == rule.comparable("Description", "")


def test_a_rule_that_cannot_be_looked_at_is_not_taken_for_one_that_is_not_there(events):
    client, stub = events
    stub.add_client_error("describe_rule", "AccessDeniedException", "no")
    with pytest.raises(AWSError, match="AccessDeniedException"):
        EventRule(client, "x").find()
    stub.add_client_error("describe_rule", "ResourceNotFoundException", "none")
    assert EventRule(client, "x").find() is None
