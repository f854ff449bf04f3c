# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""CloudWatch's alarms, in the form of SNS and in that of EventBridge."""

from __future__ import annotations

import copy
from contextlib import suppress

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.cloudwatch_alarm import INSUFFICIENT
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.host_rules import NamesNoHost
from ansible_collections.eventops.infra.plugins.plugin_utils.event import InvalidEvent
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.adapters.cloud_payloads import (
    ARN,
    COMPOSITE_EVENT,
    COMPOSITE_MESSAGE,
    CONTRIBUTOR_EVENT,
    EVENT,
    MATHS_EVENT,
    MATHS_MESSAGE,
    MESSAGE,
)
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.adapters.reading import JSON, adapted, one
from hypothesis import given
from hypothesis import strategies as st

NO_HOST = {"hosts": [{"label": "InstanceId"}, "none"]}


def read(body, **settings):
    return one("cloudwatch_alarm", body, **settings)


def turned(body, state):
    """Return an alarm of either form in another state."""
    changed = copy.deepcopy(body)
    if "detail" in changed:
        changed["detail"]["state"]["value"] = state
    else:
        changed["NewStateValue"] = state
    return changed


def test_an_alarm_in_a_message():
    event = read(MESSAGE)
    assert (event.type, event.hosts, event.subject, event.severity) == ("alert.firing", ("web-01",), "web-01", "error")
    assert event.time == "2019-10-02T17:04:40.989000Z"
    assert event.data == {
        "name": "ServerCpuTooHigh",
        "state": "ALARM",
        "previous_state": "OK",
        "alarm_arn": ARN + "ServerCpuTooHigh",
        "account": "123456789012",
        "metric": "CPUUtilization",
        "namespace": "AWS/EC2",
        "threshold": 50.0,
        "severity": "error",
        "summary": MESSAGE["NewStateReason"],
        "description": MESSAGE["AlarmDescription"],
        "labels": {"InstanceId": "i-12345678901234567"},
        "fingerprint": event.data["fingerprint"],
        "monitor": "cloudwatch",
        "starts_at": event.time,
        "value": 99.50160229693434,
        "url": "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#alarmsV2:alarm/ServerCpuTooHigh",
    }
    assert event.extra == {"payload": MESSAGE}


def test_a_name_that_is_no_text_of_unicode_is_read_all_the_same():
    assert read({**MESSAGE, "AlarmName": "\ud800"}).data["url"].endswith("alarm/%3F")


def test_an_alarm_in_an_event_says_the_same():
    of_event, of_message = read(EVENT), read(MESSAGE)
    assert of_event.id == EVENT["id"]
    assert (of_event.type, of_event.hosts, of_event.time, of_event.dedup_key) == (of_message.type, of_message.hosts, of_message.time, of_message.dedup_key)
    both = of_event.data.keys() & of_message.data.keys()
    assert {key: of_event.data[key] for key in both} == {key: of_message.data[key] for key in both}
    assert of_message.data.keys() - both == {"threshold"}
    assert of_event.data["muted_by"] == EVENT["detail"]["muteDetail"]["mutedByArn"]


@pytest.mark.parametrize("both", [(MESSAGE, EVENT), (MATHS_MESSAGE, MATHS_EVENT), (COMPOSITE_MESSAGE, COMPOSITE_EVENT)])
def test_both_forms_and_all_states_of_one_alarm_are_one_problem(both):
    keys = {read(turned(body, state), **NO_HOST).dedup_key for body in both for state in ("ALARM", "OK")}
    assert len(keys) == 1
    assert {read(turned(body, "OK"), **NO_HOST).type for body in both} == {"alert.resolved"}


def test_the_end_of_an_alarm():
    event = read(turned(MESSAGE, "OK"))
    assert (event.type, event.data["ends_at"], event.data.get("starts_at")) == ("alert.resolved", event.time, None)
    assert event.id != read(MESSAGE).id


@pytest.mark.parametrize("body", [MESSAGE, EVENT])
def test_insufficient_data_is_what_the_rulebook_says(body):
    unknown = turned(body, "INSUFFICIENT_DATA")
    assert read(unknown, insufficient_data="firing").type == "alert.firing"
    assert read(unknown, insufficient_data="firing").dedup_key == read(body).dedup_key == read(unknown, insufficient_data="resolved").dedup_key
    assert read(unknown, insufficient_data="resolved").type == "alert.resolved"
    event = read(unknown)
    assert (event.type, event.hosts, event.severity) == (INSUFFICIENT, ("web-01",), "info")
    assert event.dedup_key == f"{INSUFFICIENT}/{event.data['fingerprint']}"


@pytest.mark.parametrize("body", [MATHS_MESSAGE, MATHS_EVENT])
def test_metric_maths(body):
    event = read(body)
    assert (event.data["labels"], event.hosts) == ({"InstanceId": "i-12345678901234567"}, ("web-01",))


def test_dimensions_that_differ_in_several_metrics_become_a_list():
    event = copy.deepcopy(MATHS_EVENT)
    event["detail"]["configuration"]["metrics"][2]["metricStat"]["metric"]["dimensions"] = {"InstanceId": "i-abcd1111", "Zone": "a"}
    found = read(event)
    assert found.data["labels"] == {"InstanceId": ["i-12345678901234567", "i-abcd1111"], "Zone": "a"}
    assert found.hosts == ("web-01", "web-02")


@pytest.mark.parametrize("body", [COMPOSITE_MESSAGE, COMPOSITE_EVENT])
def test_a_composite_alarm_is_about_no_host_only_where_the_rules_say_so(body):
    with pytest.raises(NamesNoHost, match="the alarm 'ServiceAggregatedAlarm': hosts: none of"):
        read(body)
    event = read(body, **NO_HOST)
    assert (event.type, event.hosts, event.subject) == ("alert.firing", (), "ServiceAggregatedAlarm")
    assert event.data["rule"] == "ALARM(ServerCpuTooHigh) OR ALARM(TotalNetworkTrafficTooHigh)"
    assert "labels" not in event.data or event.data["labels"] == {}


def test_who_holds_back_an_alarms_actions_is_named():
    assert read(COMPOSITE_EVENT, **NO_HOST).data["suppressed_by"] == "WaitPeriod"


def test_each_time_series_of_an_alarm_is_a_problem_of_its_own():
    rules = {"hosts": [{"label": "TableName"}]}
    event = read(CONTRIBUTOR_EVENT, **rules)
    assert (event.type, event.hosts) == ("alert.firing", ("example-dynamodb-table-name",))
    other = copy.deepcopy(CONTRIBUTOR_EVENT)
    other["detail"]["alarmContributor"]["id"] = "a1b2c3d4e5f6a7b8"
    whole = {**CONTRIBUTOR_EVENT, "detail-type": "CloudWatch Alarm State Change", "detail": {**CONTRIBUTOR_EVENT["detail"], "alarmContributor": None}}
    keys = {read(body, **NO_HOST).dedup_key for body in (CONTRIBUTOR_EVENT, other, whole)}
    assert len(keys) == 3

    # Amazon CloudWatch User Guide, the notification of an alarm with several contributors
    message = {
        **COMPOSITE_MESSAGE,
        "AlarmName": "DynamoDBInsightsAlarm",
        "AlarmArn": ARN + "DynamoDBInsightsAlarm",
        "AlarmContributorId": "6d442278dba546f6",
        "AlarmContributorAttributes": {"TableName": "example-dynamodb-table-name"},
    }
    assert read(message, **rules).dedup_key == event.dedup_key and read(message, **rules).hosts == event.hosts


def test_the_severity_is_what_the_rulebook_says():
    assert read(MESSAGE, severity="critical").severity == "critical"


def test_without_an_arn_the_account_the_region_and_the_name_tell():
    without = {key: value for key, value in MESSAGE.items() if key != "AlarmArn"}
    keys = {read({**without, **change}).dedup_key for change in ({}, {"AWSAccountId": "1"}, {"Region": "x"}, {"AlarmName": "y"})}
    assert len(keys) == 4 and read(without).dedup_key == read(turned(without, "OK")).dedup_key
    assert "url" not in read(without).data
    assert read({**EVENT, "resources": []}).dedup_key == read({**EVENT, "resources": None}).dedup_key


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"AlarmName": ""}, "AlarmName: must be the name of the alarm, but it is empty"),
        ({"AlarmName": 5}, "AlarmName: must be the name of the alarm, but it is no text"),
        ({"NewStateValue": "FINE"}, "NewStateValue: must be ALARM, OK or INSUFFICIENT_DATA, got 'FINE'"),
        ({"NewStateValue": []}, "got no text"),
        ({"StateChangeTime": "yesterday"}, "time: must be RFC 3339"),
    ],
)
def test_an_alarm_with_a_mistake_is_not_read(changes, why):
    with pytest.raises(InvalidEvent, match=why):
        read({**MESSAGE, **changes})


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        [MESSAGE],
        {"AlarmName": "x"},
        {**EVENT, "detail-type": "CloudWatch Alarm Configuration Change"},
        {**EVENT, "source": "my.cloudwatch"},
        {**EVENT, "detail": 5},
    ],
)
def test_what_is_no_alarm_is_left_to_others(body):
    assert adapted("cloudwatch_alarm", body) is None


@pytest.mark.parametrize("trigger", [None, 5, [], {"Dimensions": 5}, {"Dimensions": [5, {}, {"name": 1, "value": 2}]}, {"Metrics": [5, {"MetricStat": []}]}])
def test_a_trigger_of_another_shape_has_no_dimensions(trigger):
    assert read({**MESSAGE, "Trigger": trigger}, **NO_HOST).data["labels"] == {}


ALARMS = st.tuples(st.sampled_from(["1", "2"]), st.sampled_from(["us-east-1", "eu-west-1"]), st.text(st.characters(codec="utf-8"), min_size=1, max_size=12))


@given(first=ALARMS, second=ALARMS, states=st.tuples(*[st.sampled_from(["ALARM", "OK"])] * 4))
def test_two_alarms_never_share_a_problem_and_one_always_does(first, second, states):
    def keys(alarm, of_message, of_event):
        account, region, name = alarm
        arn = f"arn:aws:cloudwatch:{region}:{account}:alarm:{name}"
        message = {**turned(MESSAGE, of_message), "AlarmName": name, "AlarmArn": arn}
        event = {**turned(EVENT, of_event), "resources": [arn]}
        event["detail"]["alarmName"] = name
        return {read(message).dedup_key, read(event).dedup_key}

    of_first, of_second = keys(first, *states[:2]), keys(second, *states[2:])
    assert len(of_first) == len(of_second) == 1
    assert (of_first == of_second) == (first == second)


@given(st.dictionaries(st.sampled_from([*MESSAGE, "AlarmContributorId", "AlarmContributorAttributes", "AlarmRule"]), JSON), JSON, JSON)
def test_no_message_ends_in_another_error(changes, detail, resources):
    for body in ({**MESSAGE, **changes}, {**EVENT, "detail": {**EVENT["detail"], "state": changes, "configuration": detail}, "resources": resources}):
        with suppress(InvalidEvent):
            adapted("cloudwatch_alarm", body)
