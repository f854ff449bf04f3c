# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Alarms of the double of AWS, and their history, are as documented where moto is not; asked with real clients."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from ansible_collections.eventops.infra.tests.integration.aws.made_alarms import history, put_alarm
from ansible_collections.eventops.infra.tests.integration.aws.protocols import client_with
from botocore.exceptions import ClientError

LONG_AGO = datetime(2026, 10, 1, tzinfo=UTC)


def test_an_alarm_begins_without_data_and_a_changed_one_keeps_its_state(aws):
    put_alarm(aws)
    assert state(aws)["StateValue"] == "INSUFFICIENT_DATA"
    aws.alarm("web-cpu", "ALARM")
    put_alarm(aws, Threshold=90.0)
    assert (state(aws)["StateValue"], state(aws)["Threshold"]) == ("ALARM", 90.0)
    assert state(aws)["StateTransitionedTimestamp"] == state(aws)["StateUpdatedTimestamp"]


def state(aws, name="web-cpu"):
    return aws.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"][0]


def test_alarms_come_in_pages_and_composite_ones_only_when_asked_for(aws):
    for number in range(120):
        put_alarm(aws, f"cpu-{number:03}")
    aws.client("cloudwatch").put_composite_alarm(AlarmName="all", AlarmRule="ALARM(cpu-000)")
    first = aws.client("cloudwatch").describe_alarms()
    assert (len(first["MetricAlarms"]), first["CompositeAlarms"]) == (50, [])
    pages = list(aws.client("cloudwatch").get_paginator("describe_alarms").paginate(AlarmTypes=["MetricAlarm", "CompositeAlarm"]))
    names = [alarm["AlarmName"] for page in pages for kind in ("CompositeAlarms", "MetricAlarms") for alarm in page[kind]]
    assert names == ["all", *(f"cpu-{number:03}" for number in range(120))]


def test_a_page_that_is_too_large_is_refused(aws):
    for ask in (
        aws.client("cloudwatch").describe_alarms,
        aws.client("cloudwatch").describe_alarm_history,
        aws.client("autoscaling").describe_scaling_activities,
    ):
        with pytest.raises(ClientError, match="ValidationError"):
            ask(MaxRecords=101)


def test_names_of_alarms_and_a_prefix_do_not_go_together(aws):
    with pytest.raises(ClientError, match="ValidationError"):
        aws.client("cloudwatch").describe_alarms(AlarmNames=["a"], AlarmNamePrefix="a")


def test_a_composite_alarm_about_nothing_is_refused(aws):
    with pytest.raises(ClientError, match="nobody is no alarm"):
        aws.client("cloudwatch").put_composite_alarm(AlarmName="all", AlarmRule="ALARM(nobody)")


def test_filters_of_alarms_are_combined(aws):
    for name in ("web-1", "web-2", "db-1"):
        put_alarm(aws, name)
        aws.alarm(name, "OK")
    aws.alarm("web-2", "ALARM")
    aws.alarm("db-1", "ALARM")
    found = aws.client("cloudwatch").describe_alarms(AlarmNamePrefix="web-", StateValue="ALARM")["MetricAlarms"]
    assert [alarm["AlarmName"] for alarm in found] == ["web-2"]


@pytest.mark.parametrize("protocol", ["json", "query"])
def test_the_added_call_answers_in_both_protocols_of_moto(aws, protocol):
    put_alarm(aws)
    aws.alarm("web-cpu", "ALARM", value=95.5)
    client = client_with(protocol, aws.url)
    assert [item["HistoryItemType"] for item in client.describe_alarm_history(AlarmName="web-cpu")["AlarmHistoryItems"]] == [
        "StateUpdate",
        "ConfigurationUpdate",
    ]
    with pytest.raises(ClientError, match="InvalidNextToken"):
        client.describe_alarm_history(NextToken="nobody")


def test_the_history_tells_both_states_of_a_change(aws):
    put_alarm(aws)
    aws.alarm("web-cpu", "OK", reason="calm")
    aws.alarm("web-cpu", "ALARM", value=95.5)
    newest = history(aws, HistoryItemType="StateUpdate")[0]
    told = json.loads(newest["HistoryData"])
    assert (newest["AlarmName"], newest["AlarmType"], newest["HistorySummary"]) == ("web-cpu", "MetricAlarm", "Alarm updated from OK to ALARM")
    assert told["oldState"] == {"stateValue": "OK", "stateReason": "calm"}
    assert told["newState"]["stateValue"] == "ALARM"
    assert told["newState"]["stateReasonData"]["recentDatapoints"] == [95.5]
    assert newest["Timestamp"] == state(aws)["StateUpdatedTimestamp"]


def test_a_state_that_stays_the_same_is_no_change(aws):
    put_alarm(aws)
    aws.alarm("web-cpu", "ALARM")
    aws.alarm("web-cpu", "ALARM", reason="again")
    assert len(history(aws, HistoryItemType="StateUpdate")) == 1


def test_the_history_comes_in_pages_in_both_directions_without_gaps(aws):
    aws.add_history([changed("web-cpu", minutes) for minutes in range(250)])
    for scan in ("TimestampAscending", "TimestampDescending"):
        found = [item["Timestamp"] for item in history(aws, page=100, AlarmName="web-cpu", ScanBy=scan)]
        assert len(found) == 250
        assert found == sorted(found, reverse=scan == "TimestampDescending")
    assert aws.calls()["DescribeAlarmHistory"] == 6


def changed(name, minutes, **more):
    return {"name": name, "time": (LONG_AGO + timedelta(minutes=minutes)).isoformat(), "old": "OK", "new": "ALARM", **more}


def test_what_comes_while_pages_are_read_moves_no_page(aws):
    aws.add_history([changed("web-cpu", minutes) for minutes in range(10)])
    client = aws.client("cloudwatch")
    first = client.describe_alarm_history(MaxRecords=5, ScanBy="TimestampAscending")
    aws.add_history([changed("late", 0), changed("new", 11)])
    second = client.describe_alarm_history(MaxRecords=10, ScanBy="TimestampAscending", NextToken=first["NextToken"])
    assert [item["AlarmName"] for item in second["AlarmHistoryItems"]] == ["web-cpu"] * 5 + ["new"]


def test_the_history_is_filtered_by_time_kind_and_alarm(aws):
    aws.add_history([changed("a", 1), changed("a", 2), changed("b", 2), changed("a", 3), changed("c", 2, alarm_type="CompositeAlarm")])
    at = LONG_AGO + timedelta(minutes=2)
    assert [item["AlarmName"] for item in history(aws, StartDate=at, EndDate=at)] == ["b", "a"]
    assert [item["AlarmName"] for item in history(aws, AlarmTypes=["CompositeAlarm"])] == ["c"]
    assert len(history(aws, AlarmName="a", StartDate=at)) == 2


def test_the_history_shows_some_entries_late(aws):
    aws.add_history([changed("late", 1, visible_in=3600), changed("now", 2)])
    assert [item["AlarmName"] for item in history(aws)] == ["now"]


def test_the_history_outlives_the_alarm(aws):
    put_alarm(aws)
    aws.client("cloudwatch").delete_alarms(AlarmNames=["web-cpu"])
    assert len(history(aws, AlarmName="web-cpu")) == 1
