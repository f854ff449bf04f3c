# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The attributes of a queue: those that were asked for, with one encryption or the other."""

from __future__ import annotations

import boto3
import pytest
from ansible_collections.eventops.infra.plugins.module_utils.aws.errors import AWSError
from ansible_collections.eventops.infra.plugins.module_utils.aws.queue import Queue, wanted_attributes
from botocore.stub import Stubber

NOTHING = dict.fromkeys(
    ("visibility_timeout", "message_retention_period", "receive_message_wait_time", "policy", "redrive_policy", "redrive_allow_policy", "kms_key")
)
URL = "https://sqs.eu-central-1.amazonaws.com/123456789012/x"


@pytest.fixture
def sqs():
    client = boto3.client("sqs", region_name="eu-central-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as stub:
        yield client, stub


def found(sqs, discard=False, **attributes):
    client, stub = sqs
    stub.add_response("get_queue_url", {"QueueUrl": URL})
    stub.add_response("get_queue_attributes", {"Attributes": attributes})
    queue = Queue(client, "x", discard)
    return queue, queue.find()


def test_what_is_left_out_is_not_touched():
    assert wanted_attributes(NOTHING) == {}
    assert wanted_attributes({**NOTHING, "visibility_timeout": 0}) == {"VisibilityTimeout": "0"}


def test_there_is_one_encryption_or_the_other():
    assert wanted_attributes({**NOTHING, "kms_key": ""}) == {"KmsMasterKeyId": "", "SqsManagedSseEnabled": "true"}
    assert wanted_attributes({**NOTHING, "kms_key": "alias/x"}) == {"KmsMasterKeyId": "alias/x"}


def test_policies_are_written_as_they_were_given_and_an_empty_one_removes(sqs):
    client, stub = sqs
    queue, _has = found(sqs)
    allowed = {"redrivePermission": "byQueue", "sourceQueueArns": ["arn:aws:sqs:eu-central-1:123456789012:y"]}
    text = '{"redrivePermission": "byQueue", "sourceQueueArns": ["arn:aws:sqs:eu-central-1:123456789012:y"]}'
    stub.add_response("set_queue_attributes", {}, {"QueueUrl": URL, "Attributes": {"RedriveAllowPolicy": text, "Policy": ""}})
    queue.change({}, {"RedriveAllowPolicy": allowed, "Policy": {}})
    stub.assert_no_pending_responses()


@pytest.mark.parametrize("attributes", [{}, {"ApproximateNumberOfMessages": "0", "ApproximateNumberOfMessagesNotVisible": "0"}])
def test_an_empty_queue_is_deleted(sqs, attributes):
    client, stub = sqs
    queue, _has = found(sqs)
    stub.add_response("get_queue_attributes", {"Attributes": attributes})
    stub.add_response("delete_queue", {}, {"QueueUrl": URL})
    queue.delete()
    stub.assert_no_pending_responses()


@pytest.mark.parametrize("where", ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"])
def test_a_queue_with_messages_is_not_deleted_wherever_they_are(sqs, where):
    client, stub = sqs
    queue, _has = found(sqs)
    stub.add_response("get_queue_attributes", {"Attributes": {where: "3"}})
    with pytest.raises(AWSError, match="the queue x has about 3 messages, which would be lost with it"):
        queue.delete()


def test_a_queue_that_cannot_be_looked_at_is_not_taken_for_one_that_is_not_there(sqs):
    client, stub = sqs
    stub.add_client_error("get_queue_url", "AccessDenied", "no")
    with pytest.raises(AWSError, match="AccessDenied"):
        Queue(client, "x", discard=False).find()
    stub.add_client_error("get_queue_url", "AWS.SimpleQueueService.NonExistentQueue", "none")
    assert Queue(client, "x", discard=False).find() is None
