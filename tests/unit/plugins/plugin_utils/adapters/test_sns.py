# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Notifications of SNS, and what they carry."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.host_rules import NamesNoHost, NoHost
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.received import RECEIVED, UNREAD
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.registry import ADAPTERS
from ansible_collections.eventops.infra.plugins.plugin_utils.event import InvalidEvent
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.adapters.cloud_payloads import (
    COMPOSITE_MESSAGE,
    EVENT,
    INSTANCE_EVENT,
    MESSAGE,
    NOTIFICATION,
    carrying,
)
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.adapters.reading import JSON, adapted, one, taken_in
from hypothesis import given
from hypothesis import strategies as st

ID = NOTIFICATION["MessageId"]


def read(body, **settings):
    return one("sns", body, **settings)


def test_a_free_text():
    event = read({**NOTIFICATION, "MessageAttributes": {"team": {"Type": "String", "Value": "web"}, "broken": 5}})
    assert (event.type, event.id, event.time, event.subject) == ("aws.sns.notification", ID, "2012-05-02T00:54:06.655000Z", "My First Message")
    assert (event.hosts, event.dedup_key) == ((), f"aws.sns.notification/{ID}")
    assert event.data == {
        "name": "MyTopic",
        "topic": NOTIFICATION["TopicArn"],
        "subject": "My First Message",
        "message": "Hello world!",
        "attributes": {"team": "web"},
    }
    assert read({**NOTIFICATION, "Subject": None}).subject == "MyTopic"
    assert read({**NOTIFICATION, "Subject": "two\nlines"}).subject == "MyTopic"


@pytest.mark.parametrize("body", [MESSAGE, EVENT])
def test_an_alarm_is_read_as_such(body):
    notification = carrying(body)
    event, bare = read(notification), one("cloudwatch_alarm", body)
    assert (event.id, event.extra) == (ID, {"payload": notification})
    assert (event.type, event.hosts, event.dedup_key, event.data, event.time) == (bare.type, bare.hosts, bare.dedup_key, bare.data, bare.time)
    assert read(notification, cloudwatch_alarm={"severity": "critical"}).severity == "critical"


def test_an_event_of_eventbridge_is_read_as_such():
    event = read(carrying(INSTANCE_EVENT))
    assert (event.type, event.id, event.hosts) == ("aws.ec2.ec2_instance_state_change_notification", ID, ("web-02",))
    event = read(carrying(INSTANCE_EVENT), eventbridge={"hosts": ["none"]})
    assert event.hosts == ()


def test_an_alarm_that_names_no_host_is_refused():
    with pytest.raises(NamesNoHost, match="the label InstanceId leads to a host"):
        read(carrying(COMPOSITE_MESSAGE))
    with pytest.raises(NamesNoHost, match="Message: the adapter cloudwatch_alarm found a mistake, the alarm"):
        read(carrying(COMPOSITE_MESSAGE), message="cloudwatch_alarm")


def test_one_that_cannot_be_read_of_several_in_a_message_is_kept():
    events = [{"specversion": "1.0", "id": number, "source": "s", "type": "t"} for number in "ab"]
    _first, kept = adapted("sns", carrying([events[0], {**events[1], "time": "x"}]), message="cloudevents")
    assert (kept.type, kept.id) == (RECEIVED, f"{ID}/2") and "[1]: time: must be" in kept.extra[UNREAD]
    assert kept.extra["payload"]["MessageId"] == ID


def test_the_text_may_name_a_host():
    rules = [{"path": "message.host"}, "none"]
    assert read(carrying({"host": "web-01"}), hosts=rules).hosts == ("web-01",)
    assert read(NOTIFICATION, hosts=rules).hosts == ()
    with pytest.raises(NoHost, match="the path message.host leads to a host"):
        read(NOTIFICATION, hosts=[{"path": "message.host"}])
    assert read(carrying(MESSAGE), hosts=[{"path": "message.host"}]).hosts == ("web-01",), "they are not asked of an alarm"


def test_what_sns_does_not_sign_names_no_host():
    body = {**NOTIFICATION, "MessageAttributes": {"host": {"Type": "String", "Value": "web-01"}}}
    assert read(body, hosts=[{"label": "host"}, "none"]).hosts == ()


def test_what_sns_does_not_sign_makes_no_event():
    """Whoever has a message that SNS signed could write more keys into it: its signature is not of them."""
    envelope = {"specversion": "1.0", "type": "alert.firing", "hosts": ["web-01"], "data": {"name": "Forged"}}
    others = {"source": "aws.ec2", "detail-type": "x", "detail": {}, "AlarmName": "x", "NewStateValue": "ALARM"}
    (event,) = taken_in("sns", {**NOTIFICATION, **envelope, **others})
    assert (event.type, event.hosts, event.data["name"]) == ("aws.sns.notification", (), "MyTopic")


def test_the_message_is_read_by_the_adapter_that_is_named():
    generic = {"generic": {"type": {"value": "shop.sold"}, "subject": "payload.article", "id": "payload.number"}}
    event = read(carrying({"article": "tea", "number": "7"}), message=generic)
    assert (event.type, event.subject, event.id) == ("shop.sold", "tea", ID)
    assert read(carrying(MESSAGE), message="cloudwatch_alarm").type == "alert.firing"
    for message, why in (("tea", "does not fit"), (json.dumps({"AlarmName": "", "NewStateValue": "OK"}), "found a mistake, AlarmName")):
        with pytest.raises(InvalidEvent, match=f"Message: the adapter cloudwatch_alarm {why}"):
            read(carrying(message), message="cloudwatch_alarm")


def test_headers_of_the_delivery_say_nothing_of_what_it_carries():
    event = {"specversion": "1.0", "id": "a", "source": "/s", "type": "deploy.ok"}
    forged = {"ce-specversion": "1.0", "ce-id": "b", "ce-source": "/x", "ce-type": "alert.firing", "ce-hosts": "web-01"}
    (found,) = adapted("sns", carrying(event), forged, message="cloudevents")
    assert (found.type, found.source, found.hosts) == ("deploy.ok", "/s", ())


def test_several_events_in_one_message_have_ids_of_their_own():
    events = [{"specversion": "1.0", "id": number, "source": "s", "type": "t"} for number in "ab"]
    found = adapted("sns", carrying(events), message="cloudevents")
    assert [event.id for event in found] == [ID, f"{ID}/2"]


@pytest.mark.parametrize(("settings", "why"), [({"message": "nagois"}, "adapter.sns.message: must be one of"), ({"message": {"generic": {}}}, "generic.type")])
def test_an_adapter_of_the_message_with_a_mistake_is_told(settings, why):
    with pytest.raises(ValueError, match=why):
        read(NOTIFICATION, **settings)


@pytest.mark.parametrize("message", ["{", "[]", "{}", "5", "", "[" * 5000, '{"AlarmName": "x"}', "null"])
def test_json_of_another_kind_is_a_text(message):
    assert read(carrying(message)).type == "aws.sns.notification"


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        MESSAGE,
        INSTANCE_EVENT,
        {**NOTIFICATION, "Type": "SubscriptionConfirmation"},
        {**NOTIFICATION, "TopicArn": 5},
        "Hello",
        {"Type": ["Notification"]},
    ],
)
def test_what_is_no_notification_is_left_to_others(body):
    assert adapted("sns", body) is None


@pytest.mark.parametrize("changes", [{"Message": None}, {"Message": {}}, {"MessageId": 5}, {"Timestamp": "now"}])
def test_a_notification_with_a_mistake_is_not_read(changes):
    with pytest.raises(InvalidEvent):
        read({**NOTIFICATION, **changes})


def test_the_media_types_are_those_of_sns():
    assert ADAPTERS["sns"].media_types == ("text/plain", "application/json")


@given(st.dictionaries(st.sampled_from([*NOTIFICATION, "MessageAttributes"]), JSON | JSON.map(json.dumps)))
def test_no_notification_ends_in_another_error(changes):
    with suppress(InvalidEvent):
        adapted("sns", {**NOTIFICATION, **changes})
