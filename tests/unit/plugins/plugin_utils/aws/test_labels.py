# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What alarms are given to be told apart by, and that no alarm brings it along."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.attributes import event_from_attributes
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.labels import SCHEMA, read_labels
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import ConfigurationError, read
from hypothesis import given
from hypothesis import strategies as st

RULES = [{"name": "web-cpu-high*", "labels": {"scale": "out"}}, {"name": "web-cpu-*", "labels": {"scale": "in", "team": "web"}}]


ARN = "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:x"


def alarm(
    name: object,
    type_: str = "alert.firing",
    source: str = "aws:sqs:eu-central-1:eventops",
    arn: str | None = ARN,
    monitor: str = "cloudwatch",
    **labels: object,
):
    attributes = {"type": type_, "data": {"name": name, "labels": labels, "value": 7, "monitor": monitor, "alarm_arn": arn}}
    return event_from_attributes(attributes, source=source, received_at="2026-01-31T12:00:00Z", new_id=lambda: "1")


def labels_of(event) -> dict:
    return read_labels(RULES).given_to(event).data["labels"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("web-cpu-high-3", {"scale": "out", "InstanceId": "i-1"}),
        ("web-cpu-low", {"scale": "in", "team": "web", "InstanceId": "i-1"}),
        ("WEB-cpu-high", {"InstanceId": "i-1"}),
        ("a web-cpu-high", {"InstanceId": "i-1"}),
        (None, {"InstanceId": "i-1"}),
    ],
)
def test_the_first_rule_that_fits_the_name_gives_the_labels(name, expected):
    event = alarm(name, InstanceId="i-1")
    assert labels_of(event) == expected
    assert event.data["labels"] == {"InstanceId": "i-1"}, "the event itself is as it was"


def test_a_dimension_of_the_same_name_is_no_label_of_ours():
    assert labels_of(alarm("db-disk", scale="out", team="web", InstanceId="i-1")) == {"InstanceId": "i-1"}
    assert labels_of(alarm("web-cpu-high", scale="in")) == {"scale": "out"}


@pytest.mark.parametrize(
    "event",
    [
        alarm("web-cpu-high", source="alertmanager", scale="out"),
        alarm("web-cpu-high", source="sqs:eu-central-1:eventops", scale="out"),
        alarm("web-cpu-high", monitor="nagios", scale="out"),
        alarm("web-cpu-high", "log.matched", source="aws:logs:1:eu-central-1", scale="out"),
    ],
    ids=["an envelope", "an envelope without a source", "another monitor's", "a line of a log"],
)
def test_what_is_no_alarm_of_ours_gets_no_label_and_brings_none(event):
    assert labels_of(event) == {}


def test_without_rules_events_are_left_alone():
    assert read_labels([]).given_to(alarm("web-cpu-high", scale="x")).data["labels"] == {"scale": "x"}


@pytest.mark.parametrize(
    ("arn", "is_meant"),
    [
        (ARN, True),
        ("arn:aws:cloudwatch:eu-central-1:999999999999:alarm:x", False),
        ("arn:aws:cloudwatch:us-east-1:123456789012:alarm:x", False),
        ("arn:aws:cloudwatch:eu-central-1", False),
        (None, False),
    ],
)
def test_an_alarm_of_another_account_or_region_is_not_meant_where_one_is_named(arn, is_meant):
    rules = read_labels([{"name": "web-*", "account": "123456789012", "region": "eu-central-1", "labels": {"scale": "out"}}])
    assert rules.given_to(alarm("web-cpu", arn=arn, scale="in")).data["labels"] == ({"scale": "out"} if is_meant else {})


@given(st.text(min_size=1, max_size=20))
def test_only_the_star_has_a_meaning(name):
    rules = read_labels([{"name": name.replace("*", ""), "labels": {"scale": "out"}}])
    assert rules.given_to(alarm(name.replace("*", ""))).data["labels"] == {"scale": "out"}
    assert rules.given_to(alarm(name.replace("*", "") + "x")).data["labels"] == {}


@pytest.mark.parametrize(
    "rule", [{"name": "a"}, {"name": "a", "labels": {"x y": "z"}}, {"name": "", "labels": {"x": "y"}}, {"name": "a", "labels": {}}, {"labels": {"x": "y"}}]
)
def test_what_is_no_rule_is_refused(rule):
    with pytest.raises(ConfigurationError):
        read({"labels": [rule]}, {"type": "object", "properties": {"labels": SCHEMA}})
