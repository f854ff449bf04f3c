# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What DescribeAlarms and DescribeAlarmHistory answer, read; and written as the message that the adapter reads."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.cloudwatch_state import state_of
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.alarm import alarms_in
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.change import Change, changes_in
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.payload import message_of

ARN = "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:web-cpu"
AT = datetime(2026, 1, 31, 12, 0, 0, 989_000, tzinfo=UTC)
METRIC = {
    "AlarmName": "web-cpu",
    "AlarmArn": ARN,
    "AlarmDescription": "the processor is busy",
    "StateValue": "ALARM",
    "StateReason": "Threshold Crossed: 1 datapoint [99.5 (31/01/26 11:55:00)] was greater than the threshold (80.0).",
    "StateUpdatedTimestamp": AT + timedelta(minutes=5),
    "StateTransitionedTimestamp": AT,
    "MetricName": "CPUUtilization",
    "Namespace": "AWS/EC2",
    "Dimensions": [{"Name": "InstanceId", "Value": "i-12345678901234567"}],
    "Threshold": 80.0,
    "Period": 300,
}


def item(**changes):
    data = {"version": "1.0", "oldState": {"stateValue": "OK", "stateReason": "well"}, "newState": {"stateValue": "ALARM", "stateReason": "busy"}}
    plain = {
        "AlarmName": "web-cpu",
        "AlarmType": "MetricAlarm",
        "Timestamp": AT,
        "HistoryItemType": "StateUpdate",
        "HistorySummary": "Alarm updated from OK to ALARM",
        "HistoryData": json.dumps(data),
    }
    return {**plain, **changes}


def changes(*items) -> list[Change]:
    return list(changes_in({"AlarmHistoryItems": items}))


def test_a_change_is_read_whatever_zone_its_time_is_in():
    expected = [Change("web-cpu", "metric", "ALARM", int(AT.timestamp() * 1000), "OK", "busy")]
    assert changes(item()) == expected
    assert changes(item(Timestamp=AT.astimezone(timezone(timedelta(hours=5))))) == expected
    assert changes(item(Timestamp=AT.replace(tzinfo=None))) == expected


@pytest.mark.parametrize("data", ["", "no json", "[]", '{"newState": 7}', '{"newState": {"stateValue": null}}', None])
def test_a_change_whose_data_cannot_be_read_is_known_by_its_summary(data):
    assert [(change.state, change.previous) for change in changes(item(HistoryData=data))] == [("ALARM", None)]


@pytest.mark.parametrize(
    "other", [{"HistoryItemType": "Action"}, {"HistoryData": "", "HistorySummary": "Alarm created"}, {"HistoryData": "", "HistorySummary": None}]
)
def test_what_is_no_change_of_a_state_is_left_out(other):
    assert changes(item(**other)) == []


def test_an_alarm_of_one_metric():
    (alarm,) = alarms_in({"MetricAlarms": [METRIC]})
    assert (alarm.name, alarm.type, alarm.state, alarm.arn, alarm.is_exact) == ("web-cpu", "metric", "ALARM", ARN, True)
    assert alarm.at == int(AT.timestamp() * 1000)
    read = state_of(message_of(Change("web-cpu", "metric", "ALARM", alarm.at, "OK", alarm.reason), alarm.details, "eu-central-1"))
    assert read.labels == {"InstanceId": "i-12345678901234567"}
    assert (read.arn, read.state, read.value, read.description) == (ARN, "ALARM", 99.5, "the processor is busy")
    assert (read.more["threshold"], read.more["account"], read.more["previous_state"]) == (80.0, "123456789012", "OK")
    assert read.changed_at == "2026-01-31T12:00:00.989000Z"


def test_where_aws_does_not_say_when_the_state_changed():
    (alarm,) = alarms_in({"MetricAlarms": [{key: value for key, value in METRIC.items() if key != "StateTransitionedTimestamp"}]})
    assert (alarm.at, alarm.is_exact) == (int((AT + timedelta(minutes=5)).timestamp() * 1000), False)


def test_an_alarm_of_several_metrics():
    several = {
        **{key: value for key, value in METRIC.items() if key not in ("MetricName", "Namespace", "Dimensions")},
        "Metrics": [
            {"Id": "e1", "Expression": "m1 + m2", "ReturnData": True},
            {
                "Id": "m1",
                "MetricStat": {"Metric": {"MetricName": "a", "Namespace": "N", "Dimensions": [{"Name": "InstanceId", "Value": "i-1"}]}, "Stat": "Sum"},
            },
            {
                "Id": "m2",
                "MetricStat": {"Metric": {"MetricName": "b", "Namespace": "N", "Dimensions": [{"Name": "InstanceId", "Value": "i-2"}]}, "Stat": "Sum"},
            },
        ],
    }
    (alarm,) = alarms_in({"MetricAlarms": [several]})
    read = state_of(message_of(Change("web-cpu", "metric", "OK", alarm.at), alarm.details, "eu-central-1"))
    assert read.labels == {"InstanceId": ["i-1", "i-2"]}


def test_a_composite_alarm_and_one_of_which_nothing_is_known():
    composite = {"AlarmName": "shop", "AlarmArn": ARN, "AlarmRule": "ALARM(web-cpu)", "StateValue": "OK", "StateUpdatedTimestamp": AT}
    (alarm,) = alarms_in({"CompositeAlarms": [composite]})
    read = state_of(message_of(Change("shop", "composite", "OK", alarm.at), alarm.details, "eu-central-1"))
    assert (alarm.type, read.more["rule"], read.labels) == ("composite", "ALARM(web-cpu)", {})
    assert state_of(message_of(Change("gone", "metric", "OK", 0), {}, "eu-central-1")).name == "gone"
