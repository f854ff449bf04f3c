# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What follows from an alarm of the double of AWS reaches queues as documented."""

from __future__ import annotations

import json

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.cloudwatch_state import state_of
from ansible_collections.eventops.infra.tests.integration.aws.made_alarms import history, put_alarm


def bodies(aws, url):
    """Return the bodies of all messages in a queue."""
    found = []
    while messages := aws.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        found += [json.loads(message["Body"]) for message in messages]
    return found


@pytest.fixture
def queue(aws):
    url = aws.client("sqs").create_queue(QueueName="events")["QueueUrl"]
    return url, aws.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def send_to(aws, arn, pattern, name="alarms"):
    aws.client("events").put_rule(Name=name, EventPattern=json.dumps(pattern))
    aws.client("events").put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])


def test_an_alarm_reaches_a_queue_through_eventbridge_as_documented(aws, queue):
    url, arn = queue
    send_to(aws, arn, {"source": ["aws.cloudwatch"], "detail": {"state": {"value": ["ALARM"]}}})
    put_alarm(aws, AlarmDescription="<id> {{ not filled in }}")
    aws.alarm("web-cpu", "ALARM", value=95.5)
    aws.alarm("web-cpu", "OK", value=1.0)  # the pattern does not want it
    (event,) = bodies(aws, url)
    assert (event["detail-type"], event["account"], event["region"]) == ("CloudWatch Alarm State Change", "123456789012", "eu-central-1")
    assert event["detail"]["configuration"]["description"] == "<id> {{ not filled in }}"
    read = state_of(event)
    assert (read.name, read.state, read.value, dict(read.labels)["InstanceId"]) == ("web-cpu", "ALARM", 95.5, "i-12345678901234567")


def test_an_alarm_reaches_a_queue_through_its_topic_with_the_same_fingerprint(aws, queue):
    url, arn = queue
    topic = aws.client("sns").create_topic(Name="alarms")["TopicArn"]
    aws.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    send_to(aws, arn, {"source": ["aws.cloudwatch"]})
    put_alarm(aws, AlarmActions=[topic])
    aws.alarm("web-cpu", "ALARM", value=95.5)
    event, notification = sorted(bodies(aws, url), key=lambda body: "Type" in body)
    assert notification["Subject"] == 'ALARM: "web-cpu" in EU (Frankfurt)'
    assert state_of(json.loads(notification["Message"])).fingerprint == state_of(event).fingerprint
    assert [item["HistoryItemType"] for item in history(aws)] == ["Action", "StateUpdate", "ConfigurationUpdate"]


def test_an_alarm_whose_actions_are_switched_off_still_has_its_event(aws, queue):
    url, arn = queue
    topic = aws.client("sns").create_topic(Name="alarms")["TopicArn"]
    aws.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    send_to(aws, arn, {"source": ["aws.cloudwatch"]})
    put_alarm(aws, AlarmActions=[topic], ActionsEnabled=False)
    aws.alarm("web-cpu", "ALARM")
    assert ["Type" in body for body in bodies(aws, url)] == [False]


def test_a_rule_that_is_disabled_delivers_nothing(aws, queue):
    url, arn = queue
    send_to(aws, arn, {"source": ["aws.ec2"]})
    aws.client("events").disable_rule(Name="alarms")
    aws.event("aws.ec2", "EC2 Instance State-change Notification", {"instance-id": "i-1", "state": "stopped"})
    assert bodies(aws, url) == []


def test_what_no_queue_takes_goes_to_the_queue_for_dead_letters(aws, queue):
    url, arn = queue
    aws.client("events").put_rule(Name="ec2", EventPattern=json.dumps({"source": ["aws.ec2"]}))
    gone = {"Id": "gone", "Arn": arn.replace("events", "gone"), "DeadLetterConfig": {"Arn": arn}}
    aws.client("events").put_targets(Rule="ec2", Targets=[gone])
    aws.event("aws.ec2", "EC2 Instance State-change Notification", {"instance-id": "i-1", "state": "stopped"})
    assert [body["detail"]["state"] for body in bodies(aws, url)] == ["stopped"]


def test_a_composite_alarm_follows_those_in_its_rule(aws, queue):
    url, arn = queue
    send_to(aws, arn, {"source": ["aws.cloudwatch"], "detail": {"alarmName": ["both"]}})
    for name in ("cpu", "a memory"):
        put_alarm(aws, name)
        aws.alarm(name, "OK")
    aws.client("cloudwatch").put_composite_alarm(AlarmName="both", AlarmRule='ALARM(cpu) AND (ALARM("a memory") OR NOT OK("a memory"))')
    aws.alarm("cpu", "ALARM")
    aws.alarm("a memory", "ALARM")
    aws.alarm("cpu", "OK")
    events = bodies(aws, url)
    assert [event["detail"]["state"]["value"] for event in events] == ["OK", "ALARM", "OK"]
    assert "alarm:a memory transitioned to ALARM at" in events[1]["detail"]["state"]["reason"]
    assert state_of(events[1]).name == "both"
