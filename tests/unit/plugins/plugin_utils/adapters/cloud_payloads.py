# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What AWS and Azure send, as their documentation shows it; beside each stands the title of the page."""

from __future__ import annotations

import json

ARN = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:"


def _metric(name, metric_id, *, shown=False, instance="i-12345678901234567"):
    metric = {"dimensions": {"InstanceId": instance}, "name": name, "namespace": "AWS/EC2"}
    return {"id": metric_id, "metricStat": {"metric": metric, "period": 300, "stat": "Average"}, "returnData": shown}


# Amazon CloudWatch User Guide, "Alarm events and EventBridge", "Single Metric Alarm"
EVENT = {
    "version": "0",
    "id": "c4c1c1c9-6542-e61b-6ef0-8c4d36933a92",
    "detail-type": "CloudWatch Alarm State Change",
    "source": "aws.cloudwatch",
    "account": "123456789012",
    "time": "2019-10-02T17:04:40Z",
    "region": "us-east-1",
    "resources": [ARN + "ServerCpuTooHigh"],
    "detail": {
        "alarmName": "ServerCpuTooHigh",
        "configuration": {
            "description": "Goes into alarm when server CPU utilization is too high!",
            "metrics": [_metric("CPUUtilization", "30b6c6b2-a864-43a2-4877-c09a1afc3b87", shown=True)],
        },
        "previousState": {
            "reason": "Threshold Crossed: 1 out of the last 1 datapoints [0.0666851903306472 (01/10/19 13:46:00)] was not greater than the threshold (50.0)"
            " (minimum 1 datapoint for ALARM -> OK transition).",
            "timestamp": "2019-10-01T13:56:40.987+0000",
            "value": "OK",
        },
        "state": {
            "reason": "Threshold Crossed: 1 out of the last 1 datapoints [99.50160229693434 (02/10/19 16:59:00)] was greater than the threshold (50.0)"
            " (minimum 1 datapoint for OK -> ALARM transition).",
            "timestamp": "2019-10-02T17:04:40.989+0000",
            "value": "ALARM",
        },
        "muteDetail": {"mutedByArn": "arn:aws:cloudwatch:us-east-1:1234567890:alarm-mute-rule:testMute"},
    },
}

# The same page, "Metric Math Alarm"
MATHS_EVENT = {
    **EVENT,
    "id": "2dde0eb1-528b-d2d5-9ca6-6d590caf2329",
    "resources": [ARN + "TotalNetworkTrafficTooHigh"],
    "detail": {
        "alarmName": "TotalNetworkTrafficTooHigh",
        "configuration": {
            "description": "Goes into alarm if total network traffic exceeds 10Kb",
            "metrics": [
                {"expression": "SUM(METRICS())", "id": "e1", "label": "Total Network Traffic", "returnData": True},
                _metric("NetworkIn", "m1"),
                _metric("NetworkOut", "m2"),
            ],
        },
        "previousState": {"reason": "Unchecked: Initial alarm creation", "timestamp": "2019-10-02T17:20:03.642+0000", "value": "INSUFFICIENT_DATA"},
        "state": {
            "reason": "Threshold Crossed: 1 out of the last 1 datapoints [45628.0 (02/10/19 17:10:00)] was greater than the threshold (10000.0)"
            " (minimum 1 datapoint for OK -> ALARM transition).",
            "timestamp": "2019-10-02T17:20:48.554+0000",
            "value": "ALARM",
        },
    },
}

# The same page, "Composite Alarm"
COMPOSITE_EVENT = {
    **EVENT,
    "id": "d3dfc86d-384d-24c8-0345-9f7986db0b80",
    "time": "2022-07-22T15:57:45Z",
    "resources": [ARN + "ServiceAggregatedAlarm"],
    "detail": {
        "alarmName": "ServiceAggregatedAlarm",
        "state": {
            "actionsSuppressedBy": "WaitPeriod",
            "actionsSuppressedReason": "Actions suppressed by WaitPeriod",
            "value": "ALARM",
            "reason": ARN + "SuppressionDemo.EventBridge.FirstChild transitioned to ALARM at Friday 22 July, 2022 15:57:45 UTC",
            "timestamp": "2022-07-22T15:57:45.394+0000",
        },
        "previousState": {"value": "OK", "timestamp": "2022-07-22T15:56:14.552+0000"},
        "configuration": {"alarmRule": "ALARM(ServerCpuTooHigh) OR ALARM(TotalNetworkTrafficTooHigh)", "actionsSuppressor": "ServiceMaintenanceAlarm"},
    },
}

# The same page, "Multi Time Series Alarm"
CONTRIBUTOR_EVENT = {
    **EVENT,
    "id": "6d226bbc-07f0-9a31-3359-1736968f8ded",
    "detail-type": "CloudWatch Alarm Contributor State Change",
    "time": "2025-12-01T13:42:04Z",
    "resources": [ARN + "DynamoDBInsightsAlarm"],
    "detail": {
        "alarmName": "DynamoDBInsightsAlarm",
        "alarmContributor": {"id": "6d442278dba546f6", "attributes": {"TableName": "example-dynamodb-table-name"}},
        "state": {"value": "ALARM", "reason": "Threshold Crossed: 1 datapoint was less than the threshold (1.0).", "timestamp": "2025-12-01T13:42:04.919+0000"},
        "configuration": {
            "metrics": [
                {"id": "m1", "expression": 'SELECT AVG(ConsumedWriteCapacityUnits) FROM "AWS/DynamoDB" GROUP BY TableName', "returnData": True, "period": 60},
            ],
        },
    },
}

# The same alarms in the form that a message of SNS has (Amazon CloudWatch User Guide, "Notifying users on alarm changes")
MESSAGE = {
    "AlarmName": "ServerCpuTooHigh",
    "AlarmDescription": "Goes into alarm when server CPU utilization is too high!",
    "AWSAccountId": "123456789012",
    "AlarmConfigurationUpdatedTimestamp": "2019-10-01T10:00:00.000+0000",
    "NewStateValue": "ALARM",
    "NewStateReason": EVENT["detail"]["state"]["reason"],
    "StateChangeTime": "2019-10-02T17:04:40.989+0000",
    "Region": "US East (N. Virginia)",
    "AlarmArn": ARN + "ServerCpuTooHigh",
    "OldStateValue": "OK",
    "OKActions": [],
    "AlarmActions": ["arn:aws:sns:us-east-1:123456789012:alarms"],
    "InsufficientDataActions": [],
    "Trigger": {
        "MetricName": "CPUUtilization",
        "Namespace": "AWS/EC2",
        "StatisticType": "Statistic",
        "Statistic": "AVERAGE",
        "Unit": None,
        "Dimensions": [{"value": "i-12345678901234567", "name": "InstanceId"}],
        "Period": 300,
        "EvaluationPeriods": 1,
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 50.0,
        "TreatMissingData": "missing",
        "EvaluateLowSampleCountPercentile": "",
    },
}


def _message_metric(name, metric_id):
    metric = {"Dimensions": [{"value": "i-12345678901234567", "name": "InstanceId"}], "MetricName": name, "Namespace": "AWS/EC2"}
    return {"Id": metric_id, "MetricStat": {"Metric": metric, "Period": 300, "Stat": "Maximum"}, "ReturnData": False}


MATHS_MESSAGE = {
    **MESSAGE,
    "AlarmName": "TotalNetworkTrafficTooHigh",
    "AlarmArn": ARN + "TotalNetworkTrafficTooHigh",
    "Trigger": {
        "Period": 300,
        "EvaluationPeriods": 1,
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 10000.0,
        "TreatMissingData": "missing",
        "Metrics": [
            {"Expression": "SUM(METRICS())", "Id": "e1", "Label": "Total Network Traffic", "ReturnData": True},
            _message_metric("NetworkIn", "m1"),
            _message_metric("NetworkOut", "m2"),
        ],
    },
}

COMPOSITE_MESSAGE = {
    **{key: value for key, value in MESSAGE.items() if key != "Trigger"},
    "AlarmName": "ServiceAggregatedAlarm",
    "AlarmArn": ARN + "ServiceAggregatedAlarm",
    "AlarmRule": "ALARM(ServerCpuTooHigh) OR ALARM(TotalNetworkTrafficTooHigh)",
    "TriggeringChildren": [{"Arn": ARN + "ServerCpuTooHigh", "State": {"Value": "ALARM", "Timestamp": "2022-07-22T15:57:45.394+0000"}}],
}

# Amazon EC2 User Guide, "Automate Amazon EC2 using EventBridge", the state of an instance
INSTANCE_EVENT = {
    "id": "7bf73129-1428-4cd3-a780-95db273d1602",
    "detail-type": "EC2 Instance State-change Notification",
    "source": "aws.ec2",
    "account": "123456789012",
    "time": "2019-11-11T21:29:54Z",
    "region": "us-east-1",
    "resources": ["arn:aws:ec2:us-east-1:123456789012:instance/i-abcd1111"],
    "detail": {"instance-id": "i-abcd1111", "state": "pending"},
}

# Amazon SNS Developer Guide, "Parsing Amazon SNS message formats", "HTTP/HTTPS notification JSON format"
NOTIFICATION = {
    "Type": "Notification",
    "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
    "TopicArn": "arn:aws:sns:us-west-2:123456789012:MyTopic",
    "Subject": "My First Message",
    "Message": "Hello world!",
    "Timestamp": "2012-05-02T00:54:06.655Z",
    "SignatureVersion": "1",
    "Signature": "EXAMPLEw6JRN...",
    "SigningCertURL": "https://sns.us-west-2.amazonaws.com/SimpleNotificationService-f3ecfb7224c7233fe7bb5f59f96de52f.pem",
    "UnsubscribeURL": "https://sns.us-west-2.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=arn:aws:sns:us-west-2:123456789012:MyTopic:c9135db0",
}

# Azure Event Grid documentation, "Azure Blob Storage as an Event Grid source", "Event Grid event schema"
BLOB = {
    "topic": "/subscriptions/{subscription-id}/resourceGroups/Storage/providers/Microsoft.Storage/storageAccounts/my-storage-account",
    "subject": "/blobServices/default/containers/test-container/blobs/new-file.txt",
    "eventType": "Microsoft.Storage.BlobCreated",
    "eventTime": "2017-06-26T18:41:00.9584103Z",
    "id": "831e1650-001e-001b-66ab-eeb76e069631",
    "data": {
        "api": "PutBlockList",
        "clientRequestId": "6d79dbfb-0e37-4fc4-981f-442c9ca65760",
        "requestId": "831e1650-001e-001b-66ab-eeb76e000000",
        "eTag": "0x8D4BCC2E4835CD0",
        "contentType": "text/plain",
        "contentLength": 524288,
        "blobType": "BlockBlob",
        "url": "https://my-storage-account.blob.core.windows.net/testcontainer/new-file.txt",
        "sequencer": "00000000000004420000000000028963",
        "storageDiagnostics": {"batchId": "b68529f3-68cd-4744-baa4-3c0498ec19f0"},
    },
    "dataVersion": "",
    "metadataVersion": "1",
}

# The same page, "Cloud event schema"
BLOB_AS_CLOUDEVENT = {
    "source": BLOB["topic"],
    "subject": BLOB["subject"],
    "type": "Microsoft.Storage.BlobCreated",
    "time": "2017-06-26T18:41:00.9584103Z",
    "id": "831e1650-001e-001b-66ab-eeb76e069631",
    "data": BLOB["data"],
    "specversion": "1.0",
}


def carrying(message, **changes):
    """Return a notification with a message in it."""
    return {**NOTIFICATION, "Message": message if isinstance(message, str) else json.dumps(message), **changes}
