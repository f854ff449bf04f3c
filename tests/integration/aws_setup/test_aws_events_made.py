# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the playbook aws_events has made, and what arrives in the queue by it."""

from __future__ import annotations

from ansible_collections.eventops.infra.tests.doubles.aws import ACCOUNT, REGION, RunningAws
from ansible_collections.eventops.infra.tests.integration.aws_setup.account import TAG, arn, everything, received

QUEUE, DEAD, TOPIC = arn("sqs", "eventops"), arn("sqs", "eventops-dead-letters"), arn("sns", "eventops-alarms")


def test_the_topic_takes_alarms_of_this_account_and_the_queue_is_subscribed(complete: RunningAws) -> None:
    made = everything(complete)
    topic, queue = made["topics"]["eventops-alarms"], made["queues"]["eventops"]
    allowed, refused = topic["Policy"]["Statement"]
    assert (allowed["Principal"], allowed["Action"], allowed["Resource"]) == ({"Service": "cloudwatch.amazonaws.com"}, "sns:Publish", TOPIC)
    assert allowed["Condition"] == {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:*"},
    }
    assert refused["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert topic["KmsMasterKeyId"] == queue["KmsMasterKeyId"] == "alias/eventops"
    (subscription,) = topic["subscribed"]
    assert (subscription["Protocol"], subscription["Endpoint"], subscription.get("RawMessageDelivery", "false")) == ("sqs", QUEUE, "false")
    assert DEAD in subscription["RedrivePolicy"]
    assert {"ArnEquals": {"aws:SourceArn": TOPIC}} in [statement["Condition"] for statement in queue["Policy"]["Statement"]]
    assert made["rules"]["eventops-orders"]["State"] == "DISABLED"


def test_everything_that_is_made_says_who_made_it(complete: RunningAws) -> None:
    made = everything(complete)
    tagged = {f"{kind} {name}": thing["tags"] for kind, things in made.items() for name, thing in things.items()}
    assert len(tagged) == 2 + 1 + 6 + 4
    assert tagged == dict.fromkeys(tagged, {TAG: "aws_events/eventops", "team": "operations"})


def test_alarms_are_what_was_asked_for_and_tell_the_topic_when_they_are_over_too(complete: RunningAws) -> None:
    alarms = everything(complete)["alarms"]
    assert sorted(alarms) == ["eventops-db-status", "eventops-dead-letters", "eventops-web-group-cpu-high", "eventops-web-group-cpu-low"]
    low = alarms["eventops-web-group-cpu-low"]
    assert (low["Threshold"], low["Period"], low["EvaluationPeriods"], low["ComparisonOperator"]) == (12.5, 60, 6, "LessThanThreshold")
    assert low["Dimensions"] == [{"Name": "AutoScalingGroupName", "Value": "web"}]
    assert alarms["eventops-db-status"]["MetricName"] == "StatusCheckFailed"
    assert alarms["eventops-dead-letters"]["Dimensions"] == [{"Name": "QueueName", "Value": "eventops-dead-letters"}]
    assert all(alarm["AlarmActions"] == alarm["OKActions"] == [TOPIC] for alarm in alarms.values())


def test_an_alarm_and_what_fits_a_pattern_arrive_in_the_queue(complete: RunningAws) -> None:
    complete.alarm("eventops-web-group-cpu-high", "ALARM", value=93.0)
    complete.event("aws.ec2", "EC2 Instance State-change Notification", {"instance-id": "i-0123456789abcdef0", "state": "stopped"})
    complete.event("aws.autoscaling", "EC2 Instance Launch Unsuccessful", {"AutoScalingGroupName": "web"})
    complete.event("aws.health", "AWS Health Event", {"service": "EC2"})
    for counts in ({"CRITICAL": 1}, {"HIGH": 2, "LOW": 9}, {"LOW": 9}):
        complete.event("aws.ecr", "ECR Image Scan", {"scan-status": "COMPLETE", "finding-severity-counts": counts})
    for severity in (8.0, 2.0):
        complete.event("aws.guardduty", "GuardDuty Finding", {"severity": severity})
    complete.event("aws.s3", "Object Created", {"bucket": {"name": "other"}})

    arrived = received(complete, "eventops")
    (notification,) = [one for one in arrived if one.get("Type") == "Notification"]
    assert "eventops-web-group-cpu-high" in notification["Message"]
    assert sorted(one["detail-type"] for one in arrived if "detail-type" in one) == sorted(
        [
            "AWS Health Event",
            "EC2 Instance Launch Unsuccessful",
            "EC2 Instance State-change Notification",
            "ECR Image Scan",
            "ECR Image Scan",
            "GuardDuty Finding",
        ]
    )
