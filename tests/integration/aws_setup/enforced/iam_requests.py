# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What IAM is asked for a call of AWS's client: the action, the ARNs and the condition keys.

From the Service Authorization Reference. A call that is not known here is an error, so that none passes unseen.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from iam_policy import Request  # beside this file, which a process of Ansible finds without the collection

_ACCOUNT, _REGION = "123456789012", "eu-central-1"
_PREFIXES = {"resourcegroupstaggingapi": "tag"}
_NAMED_OTHERWISE = {
    "lambda:Invoke": "lambda:InvokeFunction",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:SendMessageBatch": "sqs:SendMessage",
}
# What is created with tags needs the right to tag as well.
_CREATE_WITH_TAGS = {
    "sqs:CreateQueue": "sqs:TagQueue",
    "sns:CreateTopic": "sns:TagResource",
    "events:PutRule": "events:TagResource",
    "cloudwatch:PutMetricAlarm": "cloudwatch:TagResource",
}
_NO_RIGHT_NEEDED = ("sts:GetCallerIdentity",)
# "Resource types" is empty there. DescribeAlarms and DescribeAlarmHistory have one, and tell of composite alarms only whom they are granted for all
# (CloudWatch API Reference).
ON_EVERYTHING = frozenset(
    [
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeInstanceRefreshes",
        "autoscaling:DescribeScalingActivities",
        "cloudwatch:DescribeAlarmHistory",
        "cloudwatch:DescribeAlarms",
        "cloudwatch:PutMetricData",
        "ec2:DescribeAddresses",
        "ec2:DescribeInstanceStatus",
        "ec2:DescribeInstanceTypes",
        "ec2:DescribeInstances",
        "ec2:DescribeVolumes",
        "ec2:DescribeVolumesModifications",
        "ecs:ListTasks",
        "events:ListRules",
        "logs:DescribeLogGroups",
        "sns:GetSubscriptionAttributes",
        "sns:SetSubscriptionAttributes",
        "sns:Unsubscribe",
        "tag:GetResources",
        "tag:TagResources",
    ]
)


def requests_of(service: str, operation: str, given: Mapping[str, Any], tags: Mapping[str, str]) -> list[Request]:
    """Return what IAM is asked for a call.

    Args:
        service: as AWS's client names it.
        operation: as its API names it, such as DescribeAlarms.
        given: the parameters of the call.
        tags: those of the resources that it is about, for conditions on them.
    """
    called = f"{_PREFIXES.get(service, service)}:{operation}"
    action = _NAMED_OTHERWISE.get(called, called)
    if action in _NO_RIGHT_NEEDED:
        return []
    arns = ["*"] if action in ON_EVERYTHING else _arns(service, operation, given)
    context = {f"aws:ResourceTag/{key}": [value] for key, value in tags.items()} | _context(action, given)
    actions = [action, *([_CREATE_WITH_TAGS[action]] if action in _CREATE_WITH_TAGS and _tag_keys(given) else [])]
    asked = [Request(each, arn, context) for each in actions for arn in arns]
    if action == "tag:TagResources":
        asked += [Request(_TAGGING[arn.split(":")[2]], arn, {"aws:TagKeys": list(given["Tags"])}) for arn in given["ResourceARNList"]]
    return asked


_TAGGING = {"ecs": "ecs:TagResource", "elasticloadbalancing": "elasticloadbalancing:AddTags", "rds": "rds:AddTagsToResource"}


def _arns(service: str, operation: str, given: Mapping[str, Any]) -> list[str]:
    return _NAMES[service](operation, given)


def _arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{_REGION}:{_ACCOUNT}:{resource}"


def _queue(_operation: str, given: Mapping) -> list[str]:
    return [_arn("sqs", given.get("QueueName") or given["QueueUrl"].rpartition("/")[2])]


def _topic(_operation: str, given: Mapping) -> list[str]:
    return [given.get("TopicArn") or given.get("ResourceArn") or _arn("sns", given["Name"])]


def _rule(_operation: str, given: Mapping) -> list[str]:
    return [given.get("ResourceARN") or _arn("events", f"rule/{given.get('Name') or given['Rule']}")]


def _alarm(_operation: str, given: Mapping) -> list[str]:
    if given.get("ResourceARN"):
        return [given["ResourceARN"]]
    names = given.get("AlarmNames") or [given.get("AlarmName") or "*"]
    return [_arn("cloudwatch", f"alarm:{name}") for name in names]


def _log_group(_operation: str, given: Mapping) -> list[str]:
    name = given.get("logGroupName") or given["logGroupIdentifier"].rpartition(":log-group:")[2]
    stream = given.get("logStreamName")
    return [_arn("logs", f"log-group:{name}{f':log-stream:{stream}' if stream else ''}")]


def _machine(_operation: str, given: Mapping) -> list[str]:
    if "VolumeId" in given:
        return [_arn("ec2", f"volume/{given['VolumeId']}")]
    return [_arn("ec2", f"instance/{each}") for each in given.get("InstanceIds") or given.get("Resources") or [given["InstanceId"]]]


def _group(_operation: str, given: Mapping) -> list[str]:
    # Who ends an instance is asked about the group that it is in: in the tests all are in this one.
    names = [tag["ResourceId"] for tag in given.get("Tags", ())] or [given.get("AutoScalingGroupName", "web")]
    return [_arn("autoscaling", f"autoScalingGroup:1f2e3d4c:autoScalingGroupName/{name}") for name in dict.fromkeys(names)]


def _container(operation: str, given: Mapping) -> list[str]:
    cluster = given["cluster"].rpartition("/")[2]
    if operation == "DescribeTasks":
        return [_arn("ecs", f"task/{cluster}/{each.rpartition('/')[2]}") for each in given["tasks"]]
    if operation == "DescribeContainerInstances":
        return [_arn("ecs", f"container-instance/{cluster}/{each.rpartition('/')[2]}") for each in given["containerInstances"]]
    return [_arn("ecs", f"cluster/{cluster}")]


def _database(operation: str, given: Mapping) -> list[str]:
    # By a filter, which is about all of them.
    return [given.get("ResourceName") or _arn("rds", "cluster:*" if operation == "DescribeDBClusters" else "db:*")]


def _function(_operation: str, given: Mapping) -> list[str]:
    name, qualifier = given["FunctionName"], given.get("Qualifier")
    return [(name if name.startswith("arn:") else _arn("lambda", f"function:{name}")) + (f":{qualifier}" if qualifier else "")]


_NAMES = {
    "sqs": _queue,
    "sns": _topic,
    "events": _rule,
    "cloudwatch": _alarm,
    "logs": _log_group,
    "ec2": _machine,
    "autoscaling": _group,
    "ecs": _container,
    "rds": _database,
    "lambda": _function,
    "sts": lambda _operation, given: [given["RoleArn"]],
}


def _context(action: str, given: Mapping) -> dict[str, list[str]]:
    found = {
        "aws:TagKeys": _tag_keys(given),
        "cloudwatch:namespace": [given["Namespace"]] if action == "cloudwatch:PutMetricData" else [],
        "events:TargetArn": [target["Arn"] for target in given.get("Targets", ())],
        "sns:Protocol": [given["Protocol"]] if "Protocol" in given else [],
        "sns:Endpoint": [given["Endpoint"]] if "Endpoint" in given else [],
    }
    return {key: values for key, values in found.items() if values}


def _tag_keys(given: Mapping) -> list[str]:
    tags = given.get("Tags") or given.get("tags") or {}
    return list(tags) if isinstance(tags, Mapping) else [tag["Key"] for tag in tags]
