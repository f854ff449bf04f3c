# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Alarms that are made in the double of AWS by a real client, and their history."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def put_alarm(aws, name="web-cpu", region="eu-central-1", account="123456789012", **more):
    settings = {
        "Namespace": "AWS/EC2",
        "MetricName": "CPUUtilization",
        "Dimensions": [{"Name": "InstanceId", "Value": "i-12345678901234567"}],
        "Statistic": "Average",
        "Period": 300,
        "EvaluationPeriods": 1,
        "Threshold": 80.0,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    aws.client("cloudwatch", region, account).put_metric_alarm(AlarmName=name, **{**settings, **more})


def history(aws, page=None, **wanted):
    """Return all entries of the history, page by page."""
    pages = aws.client("cloudwatch").get_paginator("describe_alarm_history").paginate(**wanted, PaginationConfig={"PageSize": page} if page else {})
    return [item for each in pages for item in each["AlarmHistoryItems"]]


def ago(seconds: float) -> str:
    """Write a time in the past, by this machine's clock."""
    return datetime.fromtimestamp(time.time() - seconds, UTC).isoformat()
