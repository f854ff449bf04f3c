# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Events of EventBridge."""

from __future__ import annotations

from contextlib import suppress

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.host_rules import NoHost
from ansible_collections.eventops.infra.plugins.plugin_utils.event import InvalidEvent
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.adapters.cloud_payloads import COMPOSITE_EVENT, CONTRIBUTOR_EVENT, EVENT, INSTANCE_EVENT
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.adapters.reading import JSON, adapted, one
from hypothesis import given
from hypothesis import strategies as st


def read(body, **settings):
    return one("eventbridge", body, **settings)


def test_the_state_of_an_instance():
    event = read(INSTANCE_EVENT)
    assert event.type == "aws.ec2.ec2_instance_state_change_notification"
    assert (event.id, event.time, event.severity) == (INSTANCE_EVENT["id"], "2019-11-11T21:29:54Z", "info")
    assert (event.hosts, event.subject, event.dedup_key) == (("web-02",), "web-02", f"{event.type}/web-02")
    assert event.data == {
        "name": "EC2 Instance State-change Notification",
        "source": "aws.ec2",
        "account": "123456789012",
        "region": "us-east-1",
        "resources": INSTANCE_EVENT["resources"],
        "detail": {"instance-id": "i-abcd1111", "state": "pending"},
    }
    assert event.extra == {"payload": INSTANCE_EVENT}


def test_an_instance_that_nobody_knows_is_still_named():
    assert read({**INSTANCE_EVENT, "detail": {"instance-id": "i-0"}}).hosts == ("i-0",)


def test_an_event_about_no_machine_is_for_itself():
    # Amazon S3 User Guide, "EventBridge event message structure"
    created = {
        **INSTANCE_EVENT,
        "detail-type": "Object Created",
        "source": "aws.s3",
        "resources": ["arn:aws:s3:::amzn-s3-demo-bucket1"],
        "detail": {"version": "0", "bucket": {"name": "amzn-s3-demo-bucket1"}, "object": {"key": "example-key", "size": 5}},
    }
    event, other = read(created), read({**created, "id": "other"})
    assert (event.type, event.hosts, event.subject) == ("aws.s3.object_created", (), "arn:aws:s3:::amzn-s3-demo-bucket1")
    assert event.dedup_key == f"aws.s3.object_created/{created['id']}" != other.dedup_key


@pytest.mark.parametrize("body", [EVENT, COMPOSITE_EVENT, CONTRIBUTOR_EVENT])
def test_an_alarm_is_read_as_such(body):
    rules = {"hosts": [{"label": "InstanceId"}, "none"], "severity": "critical"}
    event = read(body, cloudwatch_alarm=rules)
    assert event == one("cloudwatch_alarm", body, **rules) and event.type == "alert.firing"


@pytest.mark.parametrize(
    ("source", "type_"),
    [
        ("aws.autoscaling", "aws.autoscaling.x"),
        ("aws.partner/example.com/Shop", "aws.partner_example_com_shop.x"),
        ("com.example.Shop", "aws.custom_com_example_shop.x"),
        ("ec2", "aws.custom_ec2.x"),
        ("AWS.ec2", "aws.custom_aws_ec2.x"),
    ],
)
def test_what_is_not_of_aws_does_not_look_as_if_it_were(source, type_):
    assert read({**INSTANCE_EVENT, "source": source, "detail-type": "x"}).type == type_


def test_another_rule_for_hosts():
    body = {**INSTANCE_EVENT, "detail": {"EC2InstanceId": "i-abcd1111"}}
    rules = [{"hostvar": "instance_id", "path": "detail.EC2InstanceId"}]
    assert read(body, hosts=rules).hosts == ("web-02",)
    with pytest.raises(NoHost, match="the event 'EC2 Instance State-change Notification': hosts:"):
        read(INSTANCE_EVENT, hosts=rules)


@pytest.mark.parametrize("changes", [{"time": "yesterday"}, {"id": 5}, {"detail-type": "-"}, {"source": "aws."}, {"id": "x" * 2000}])
def test_an_event_with_a_mistake_is_not_read(changes):
    with pytest.raises(InvalidEvent):
        read({**INSTANCE_EVENT, **changes})


@pytest.mark.parametrize("body", [{}, [], [INSTANCE_EVENT], *({**INSTANCE_EVENT, key: None} for key in ("source", "detail-type", "detail")), {"source": 5}])
def test_what_is_no_event_is_left_to_others(body):
    assert adapted("eventbridge", body) is None


def test_resources_of_any_shape():
    for resources in (None, 5, [], [5], ["x" * 5000], "x"):
        assert read({**INSTANCE_EVENT, "resources": resources, "detail": {}}).subject == ""


def test_sources_that_are_one_word_in_a_type_are_two():
    first, second = (read({**INSTANCE_EVENT, "source": source}) for source in ("my.app", "my-app"))
    assert first.type == second.type and first.dedup_key != second.dedup_key
    assert first.dedup_key == read({**INSTANCE_EVENT, "source": "my.app", "id": "other"}).dedup_key


# What anybody puts, as anybody writes it, and what AWS does.
SOURCES = st.text("mM.-/ ", max_size=3).map("m{}".format) | st.sampled_from(["my.app", "my-app", "aws.partner/a.b/c", "aws.partner/a-b/c"])
OWN = st.tuples(SOURCES, st.text("aA- ", min_size=1))
OF_AWS = st.tuples(st.sampled_from(["aws.ec2", "aws.autoscaling"]), st.sampled_from([INSTANCE_EVENT["detail-type"], "EC2 Instance Launch Successful"]))
KINDS = (OWN | OF_AWS).filter(lambda kind: any(letter.isalpha() for letter in kind[1]))
THINGS = st.tuples(KINDS, st.sampled_from(["i-abcd1111", "i-9", "a/i-9", None]), st.sampled_from(["1", "2", "a/1"]))


@given(THINGS, THINGS)
def test_two_things_never_share_a_key_and_one_always_does(first, second):
    keys = []
    for (source, detail_type), instance, id_ in (first, second):
        body = {**INSTANCE_EVENT, "id": id_, "source": source, "detail-type": detail_type, "detail": {"instance-id": instance} if instance else {}}
        keys.append(read(body).dedup_key)
    alike = first[:2] == second[:2] and (first[1] is not None or first == second)
    assert (keys[0] == keys[1]) == alike


@given(st.dictionaries(st.sampled_from([*INSTANCE_EVENT]), JSON))
def test_no_event_ends_in_another_error(changes):
    with suppress(InvalidEvent):
        adapted("eventbridge", {**INSTANCE_EVENT, **changes})
