# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What CloudWatch writes about an alarm: in its history, in the message of SNS, and in the event of EventBridge.

The forms: AWS CLI Command Reference, "describe-alarm-history" (example); Amazon CloudWatch User Guide, "Notifying users on alarm changes" and
"Alarm events and EventBridge".
"""

from __future__ import annotations

import json
from typing import Any

from moto.cloudwatch.models import Alarm

from . import times

_REGIONS = {"us-east-1": "US East (N. Virginia)", "us-west-2": "US West (Oregon)", "eu-west-1": "EU (Ireland)", "eu-central-1": "EU (Frankfurt)"}


def state(alarm: Alarm) -> dict[str, Any]:
    """Return the state that an alarm is in, in the form of the event."""
    found = {"value": alarm.state_value, "reason": alarm.state_reason, "timestamp": times.written(alarm.state_updated_timestamp)}
    if alarm.state_reason_data not in (None, "", "{}"):
        found["reasonData"] = alarm.state_reason_data
    return found


def update(before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
    """Return the summary and the data of a StateUpdate in the history."""
    data = {"version": "1.0", "oldState": _remembered(before), "newState": _remembered(after)}
    return f"Alarm updated from {before['value']} to {after['value']}", json.dumps(data)


def composite(changed: Alarm) -> tuple[str, str]:
    """Return the reason of a composite alarm, and its data, for an alarm in its rule that changed."""
    when = f"{changed.state_updated_timestamp:%A %d %B, %Y %H:%M:%S} UTC"
    triggering = {"arn": changed.alarm_arn, "state": {"value": changed.state_value, "timestamp": times.written(changed.state_updated_timestamp)}}
    return f"{changed.alarm_arn} transitioned to {changed.state_value} at {when}", json.dumps({"triggeringAlarms": [triggering]})


def configuration(alarm: Alarm, *, is_new: bool) -> tuple[str, str]:
    """Return the summary and the data of a ConfigurationUpdate in the history."""
    kind, key = ("Create", "createdAlarm") if is_new else ("Update", "updatedAlarm")
    data = {"version": "1.0", "type": kind, key: {"alarmName": alarm.name, "alarmArn": alarm.alarm_arn, "threshold": alarm.threshold}}
    return f'Alarm "{alarm.name}" {"created" if is_new else "updated"}', json.dumps(data)


def action(alarm: Alarm, arn: str, message: dict[str, Any], outcome: str) -> tuple[str, str]:
    """Return the summary and the data of an Action in the history."""
    published = {"default": json.dumps(message)}
    data = {"actionState": outcome, "notificationResource": arn, "stateUpdateTimestamp": int(alarm.state_updated_timestamp.timestamp() * 1000)}
    summary = f"Successfully executed action {arn}" if outcome == "Succeeded" else f"Failed to execute action {arn}"
    return summary, json.dumps({**data, "publishedMessage": json.dumps(published)})


def message(alarm: Alarm, before: dict[str, Any], account: str, region: str) -> dict[str, Any]:
    """Return the message that the topics of an alarm get."""
    changed = {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "AWSAccountId": account,
        "AlarmConfigurationUpdatedTimestamp": times.written(alarm.configuration_updated_timestamp),
        "NewStateValue": alarm.state_value,
        "NewStateReason": alarm.state_reason,
        "StateChangeTime": times.written(alarm.state_updated_timestamp),
        "Region": _REGIONS.get(region, region),
        "AlarmArn": alarm.alarm_arn,
        "OldStateValue": before["value"],
        "OKActions": list(alarm.ok_actions),
        "AlarmActions": list(alarm.alarm_actions),
        "InsufficientDataActions": list(alarm.insufficient_data_actions),
    }
    return {**changed, "AlarmRule": alarm.rule} if alarm.rule is not None else {**changed, "Trigger": _trigger(alarm)}


def event(alarm: Alarm, before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Return the detail of the event."""
    settings: dict[str, Any] = {"description": alarm.description} if alarm.description else {}
    if alarm.rule is not None:
        settings["alarmRule"] = alarm.rule
    elif alarm.metric_data_queries:
        settings["metrics"] = [_query(query) for query in alarm.metric_data_queries]
    else:
        metric = {"dimensions": {each.name: each.value for each in alarm.dimensions}, "name": alarm.metric_name, "namespace": alarm.namespace}
        stat = {"metric": metric, "period": alarm.period, "stat": alarm.statistic or alarm.extended_statistic}
        settings["metrics"] = [{"id": "m1", "metricStat": stat, "returnData": True}]
    return {"alarmName": alarm.name, "configuration": settings, "previousState": before, "state": after}


def _trigger(alarm: Alarm) -> dict[str, Any]:
    compared = {
        "Period": alarm.period,
        "EvaluationPeriods": alarm.evaluation_periods,
        "DatapointsToAlarm": alarm.datapoints_to_alarm,
        "ComparisonOperator": alarm.comparison_operator,
        "Threshold": alarm.threshold,
        "TreatMissingData": alarm.treat_missing_data or "",
        "EvaluateLowSampleCountPercentile": alarm.evaluate_low_sample_count_percentile or "",
    }
    if alarm.metric_data_queries:
        return {**compared, "Metrics": [_message_query(query) for query in alarm.metric_data_queries]}
    dimensions = [{"value": each.value, "name": each.name} for each in alarm.dimensions]
    kind, statistic = ("Statistic", alarm.statistic.upper()) if alarm.statistic else ("ExtendedStatistic", alarm.extended_statistic)
    metric = {"MetricName": alarm.metric_name, "Namespace": alarm.namespace, "StatisticType": kind, "Statistic": statistic, "Unit": alarm.unit}
    return {**metric, "Dimensions": dimensions, **compared}


def _query(query: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"id": query.id, "returnData": query.return_data is not False}
    if query.expression:
        return {**found, "expression": query.expression, "label": query.label}
    metric = query.metric_stat.metric
    named = {"dimensions": {each.name: each.value for each in metric.dimensions}, "name": metric.metric_name, "namespace": metric.namespace}
    return {**found, "metricStat": {"metric": named, "period": query.metric_stat.period, "stat": query.metric_stat.stat}}


def _message_query(query: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"Id": query.id, "ReturnData": query.return_data is not False}
    if query.expression:
        return {**found, "Expression": query.expression, "Label": query.label}
    metric = query.metric_stat.metric
    dimensions = [{"value": each.value, "name": each.name} for each in metric.dimensions]
    named = {"Dimensions": dimensions, "MetricName": metric.metric_name, "Namespace": metric.namespace}
    return {**found, "MetricStat": {"Metric": named, "Period": query.metric_stat.period, "Stat": query.metric_stat.stat}}


def _remembered(found: dict[str, Any]) -> dict[str, Any]:
    """Return a state in the form of the history, whose reason data is no text."""
    remembered = {"stateValue": found["value"], "stateReason": found["reason"]}
    return {**remembered, "stateReasonData": json.loads(found["reasonData"])} if "reasonData" in found else remembered
