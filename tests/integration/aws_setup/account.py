# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What there is in the account of the double, asked with AWS's own client and not with the code that is tested."""

from __future__ import annotations

import json

from ansible_collections.eventops.infra.tests.doubles.aws import ACCOUNT, REGION, RunningAws

TAG = "eventops:managed-by"


def arn(service: str, resource: str) -> str:
    """Return the ARN of a thing in the account."""
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def everything(aws: RunningAws) -> dict[str, dict]:
    """Return all queues, topics, subscriptions, rules and alarms with their attributes and tags, without what changes by itself."""
    return {"queues": queues(aws), "topics": topics(aws), "rules": rules(aws), "alarms": alarms(aws)}


def queues(aws: RunningAws) -> dict[str, dict]:
    """Return the queues by name, policies as mappings."""
    sqs, found = aws.client("sqs"), {}
    for url in sqs.list_queues().get("QueueUrls", []):
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        kept = {name: json.loads(value) if name.endswith("Policy") else value for name, value in attributes.items() if "Timestamp" not in name}
        found[url.rpartition("/")[2]] = {**kept, "tags": sqs.list_queue_tags(QueueUrl=url).get("Tags", {})}
    return found


def topics(aws: RunningAws) -> dict[str, dict]:
    """Return the topics by name, with the subscriptions to them."""
    sns, found = aws.client("sns"), {}
    for topic in sns.list_topics()["Topics"]:
        attributes = sns.get_topic_attributes(TopicArn=topic["TopicArn"])["Attributes"]
        subscribed = [
            sns.get_subscription_attributes(SubscriptionArn=each["SubscriptionArn"])["Attributes"] | {"Protocol": each["Protocol"]}
            for each in sns.list_subscriptions_by_topic(TopicArn=topic["TopicArn"])["Subscriptions"]
        ]
        tags = {tag["Key"]: tag["Value"] for tag in sns.list_tags_for_resource(ResourceArn=topic["TopicArn"])["Tags"]}
        found[topic["TopicArn"].rpartition(":")[2]] = {**attributes, "Policy": json.loads(attributes["Policy"]), "subscribed": subscribed, "tags": tags}
    return found


def rules(aws: RunningAws) -> dict[str, dict]:
    """Return the event rules by name, with their targets."""
    events, found = aws.client("events"), {}
    for rule in events.list_rules()["Rules"]:
        targets = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
        tags = {tag["Key"]: tag["Value"] for tag in events.list_tags_for_resource(ResourceARN=rule["Arn"])["Tags"]}
        found[rule["Name"]] = {**rule, "EventPattern": json.loads(rule["EventPattern"]), "targets": targets, "tags": tags}
    return found


def alarms(aws: RunningAws) -> dict[str, dict]:
    """Return the alarms on metrics by name."""
    cloudwatch, found = aws.client("cloudwatch"), {}
    for alarm in cloudwatch.describe_alarms()["MetricAlarms"]:
        tags = {tag["Key"]: tag["Value"] for tag in cloudwatch.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"]}
        found[alarm["AlarmName"]] = {**{name: value for name, value in alarm.items() if not name.endswith("Timestamp")}, "tags": tags}
    return found


def received(aws: RunningAws, queue: str) -> list[dict]:
    """Return what is in a queue, taken out of it."""
    sqs = aws.client("sqs")
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    taken: list[dict] = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=0).get("Messages"):
        for message in messages:
            taken.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return taken
