# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The playbook aws_events: it sets AWS up once, changes nothing the second time, says before what it would do, and removes what it made."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.tests.doubles.aws import RunningAws
from ansible_collections.eventops.infra.tests.integration.aws_setup.account import TAG, arn, everything, received, rules
from ansible_collections.eventops.infra.tests.integration.aws_setup.operator import MUCH, Operator

NOTHING = {"queues": {}, "topics": {}, "rules": {}, "alarms": {}}
QUEUE, DEAD = arn("sqs", "eventops"), arn("sqs", "eventops-dead-letters")


@pytest.mark.parametrize(("variables", "changes"), [({"rules": ["alarms", "health"]}, 3), (MUCH, 5)], ids=["little", "much"])
def test_check_mode_predicts_the_run_a_second_run_changes_nothing_and_absent_leaves_nothing(
    operator: Operator, aws: RunningAws, variables: dict, changes: int
) -> None:
    predicted = operator.set_up("--check", "--diff", **variables)

    assert predicted.rc == 0, predicted.output
    assert "Check mode, so this is not so yet: events are in the queue eventops of the account 123456789012 in eu-central-1." in predicted.text
    assert everything(aws) == NOTHING

    first = operator.set_up("--diff", **variables)

    assert first.rc == 0, first.output
    assert "Events are in the queue eventops of the account 123456789012 in eu-central-1." in first.text and "Check mode" not in first.text
    assert first.of("changed") == predicted.of("changed") == {"localhost": changes}
    made = everything(aws)

    second = operator.set_up("--diff", **variables)

    assert second.rc == 0, second.output
    assert second.of("changed") == {"localhost": 0}
    assert "--- before" not in second.output
    assert everything(aws) == made

    checked = operator.set_up("--check", state="absent", **variables)
    assert everything(aws) == made

    gone = operator.set_up(state="absent", **variables)

    assert gone.rc == 0, gone.output
    assert gone.of("changed") == checked.of("changed")
    assert gone.of("changed")["localhost"] > 0
    assert everything(aws) == NOTHING
    assert operator.set_up(state="absent", **variables).of("changed") == {"localhost": 0}


def test_the_queue_takes_messages_of_its_own_rules_only_and_over_tls_only(operator: Operator, aws: RunningAws) -> None:
    assert operator.set_up(rules=["alarms", "health"]).rc == 0

    made = everything(aws)
    for queue, where in ((made["queues"]["eventops"], QUEUE), (made["queues"]["eventops-dead-letters"], DEAD)):
        allowed, refused = queue["Policy"]["Statement"]
        assert (allowed["Effect"], allowed["Principal"], allowed["Action"]) == ("Allow", {"Service": "events.amazonaws.com"}, "sqs:SendMessage")
        assert allowed["Condition"] == {"ArnEquals": {"aws:SourceArn": [made["rules"]["eventops-alarms"]["Arn"], made["rules"]["eventops-health"]["Arn"]]}}
        assert (refused["Effect"], refused["Principal"], refused["Action"]) == ("Deny", "*", "sqs:*")
        assert refused["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        assert allowed["Resource"] == refused["Resource"] == where
        assert queue["SqsManagedSseEnabled"] == "true"
    assert made["queues"]["eventops"]["RedrivePolicy"] == {"deadLetterTargetArn": DEAD, "maxReceiveCount": 10}
    assert made["queues"]["eventops-dead-letters"]["RedriveAllowPolicy"] == {"redrivePermission": "byQueue", "sourceQueueArns": [QUEUE]}
    for rule in made["rules"].values():
        assert [(target["Arn"], target["DeadLetterConfig"]) for target in rule["targets"]] == [(QUEUE, {"Arn": DEAD})]


def test_with_the_rule_for_alarms_the_alarms_do_not_tell_the_topic_the_same_once_more(operator: Operator, aws: RunningAws) -> None:
    one = [{"what": "group_cpu_high", "of": "web"}]
    assert operator.set_up(topic=True, topic_encrypted=False, rules=["alarms"], alarms=one).rc == 0

    aws.alarm("eventops-web-group-cpu-high", "ALARM", value=93.0)

    (event,) = received(aws, "eventops")
    assert (event["detail-type"], event["detail"]["alarmName"]) == ("CloudWatch Alarm State Change", "eventops-web-group-cpu-high")


def test_what_is_no_longer_in_the_lists_is_removed_and_nothing_else(operator: Operator, aws: RunningAws) -> None:
    events = aws.client("events")
    assert operator.set_up(**MUCH).rc == 0
    # Of another owner, of nobody, and of a name that begins alike.
    events.put_rule(Name="eventops-by-hand", EventPattern='{"source": ["aws.s3"]}', Tags=[{"Key": TAG, "Value": "somebody"}])
    events.put_rule(Name="eventops-of-nobody", EventPattern='{"source": ["aws.s3"]}')
    assert operator.set_up(name="eventops-eu", rules=["health"]).rc == 0

    run = operator.set_up(rules=["ec2_state"], alarms=[{"what": "dead_letters"}], tags={"team": "operations"})

    assert run.rc == 0, run.output
    left = everything(aws)
    assert sorted(left["rules"]) == ["eventops-by-hand", "eventops-ec2-state", "eventops-eu-health", "eventops-of-nobody"]
    assert sorted(left["alarms"]) == ["eventops-dead-letters"]
    assert left["topics"] == {}
    assert sorted(left["queues"]) == ["eventops", "eventops-dead-letters", "eventops-eu", "eventops-eu-dead-letters"]
    # All of it was said before anything was removed.
    said = run.text[run.text.index("is removed: ") : run.text.index("Remove alarms")]
    for gone in ("the alarm eventops-web-group-cpu-high", "the event rule eventops-orders", "the topic eventops-alarms"):
        assert gone in said
    # The rule of it that is left may send, and the topic no longer.
    assert "TopicOfAlarms" not in [statement["Sid"] for statement in left["queues"]["eventops"]["Policy"]["Statement"]]
    assert left["queues"]["eventops"]["SqsManagedSseEnabled"] == "true"
    assert not left["queues"]["eventops"].get("KmsMasterKeyId")

    assert operator.set_up(state="absent").rc == 0

    assert sorted(rules(aws)) == ["eventops-by-hand", "eventops-eu-health", "eventops-of-nobody"]
    assert sorted(everything(aws)["queues"]) == ["eventops-eu", "eventops-eu-dead-letters"]


def test_what_somebody_has_changed_is_mended(operator: Operator, aws: RunningAws) -> None:
    assert operator.set_up(**MUCH).rc == 0
    made = everything(aws)
    sqs, events, cloudwatch, sns = (aws.client(service) for service in ("sqs", "events", "cloudwatch", "sns"))
    url = sqs.get_queue_url(QueueName="eventops")["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "5", "Policy": "", "RedrivePolicy": ""})
    sqs.untag_queue(QueueUrl=url, TagKeys=["team"])
    events.put_rule(Name="eventops-ec2-state", EventPattern='{"source": ["aws.s3"]}', State="DISABLED")
    events.put_targets(Rule="eventops-ec2-state", Targets=[{"Id": "eventops", "Arn": arn("sqs", "other")}, {"Id": "other", "Arn": arn("sqs", "other")}])
    cloudwatch.disable_alarm_actions(AlarmNames=["eventops-web-group-cpu-high"])
    (subscription,) = sns.list_subscriptions()["Subscriptions"]
    sns.unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])

    run = operator.set_up("--diff", **MUCH)

    assert run.rc == 0, run.output
    assert run.of("changed") == {"localhost": 4}  # the queue, the topic, the rules, the alarms
    mended = everything(aws)
    for each in (made, mended):
        for subscribed in each["topics"]["eventops-alarms"]["subscribed"]:
            del subscribed["SubscriptionArn"]
    assert mended == made


def test_a_queue_with_messages_is_not_removed_unless_that_was_said(operator: Operator, aws: RunningAws) -> None:
    assert operator.set_up(rules=["health"]).rc == 0
    aws.event("aws.health", "AWS Health Event", {"service": "EC2"})

    refused = operator.set_up(state="absent")

    assert refused.rc != 0
    assert "the queue eventops has about 1 messages, which would be lost with it, so it was not deleted" in refused.text
    assert rules(aws) == {}  # nothing more comes
    assert sorted(everything(aws)["queues"]) == ["eventops", "eventops-dead-letters"]

    assert operator.set_up(state="absent", discard_messages=True).rc == 0

    assert everything(aws) == NOTHING
