# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a message says, whatever is around it."""

from __future__ import annotations

import json

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.configured import read_adapter
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.received import RECEIVED, UNREAD
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.queues.contents import events_of, settings_of_kinds
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.queues.message import Message, message_of
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.event import InvalidEvent
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import snapshot_of
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.adapters.cloud_payloads import (
    COMPOSITE_MESSAGE,
    EVENT,
    INSTANCE_EVENT,
    MESSAGE,
    NOTIFICATION,
    carrying,
)
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.adapters.reading import JSON
from hypothesis import example, given
from hypothesis import strategies as st

SOURCE = "aws:sqs:us-east-1:eventops"
ID = "5fea7756-0ea4-451a-a703-a558b933e274"
ENVELOPE = {"specversion": "1.0", "id": "7", "source": "ours", "type": "request.report", "data": {"name": "weekly"}}
INVENTORY = snapshot_of(
    {
        "_meta": {
            "hostvars": {
                "web-01": {"instance_id": "i-12345678901234567"},
                "web-02": {"instance_id": "i-abcd1111"},
                "web-03": {"ansible_host": "192.0.2.3"},
            }
        }
    }
)


def read(body, *, adapter=None, hosts=None, as_text=False, envelopes=True):
    mistakes = Mistakes()
    name, settings = read_adapter(adapter, "adapter", mistakes)
    mistakes.raise_if_any()
    context = AdapterContext(SOURCE, "2026-01-31T12:00:00Z", lambda: pytest.fail("an id that is not the message's"), INVENTORY)
    message = Message(ID, body if as_text else json.dumps(body), "receipt")
    return events_of(message, adapter=name, settings=settings, kinds=settings_of_kinds(hosts), context=context, envelopes=envelopes)


def one(body, **how):
    (event,) = read(body, **how)
    return event


def shape(event):
    return event.type, event.hosts, event.dedup_key, event.data, event.time, event.severity


def test_an_event_of_eventbridge():
    event = one(INSTANCE_EVENT)
    assert (event.type, event.hosts) == ("aws.ec2.ec2_instance_state_change_notification", ("web-02",))
    assert (event.id, event.source, event.extra) == (INSTANCE_EVENT["id"], SOURCE, {})


@pytest.mark.parametrize("body", [MESSAGE, EVENT], ids=["raw", "EventBridge"])
def test_an_alarm_is_the_same_whichever_way_it_came(body):
    event = one(body)
    assert (event.type, event.hosts) == ("alert.firing", ("web-01",))
    for notification in (carrying(body), carrying(carrying(body, MessageId="inner"))):
        assert shape(one(notification)) == shape(event)


def test_a_notification_is_known_by_its_id_when_it_comes_again_in_another_message():
    assert one(carrying(MESSAGE)).id == one(NOTIFICATION).id == NOTIFICATION["MessageId"]
    assert one(carrying(carrying(MESSAGE, MessageId="inner"))).id == "inner"


def test_a_text_of_sns_is_a_notification():
    event = one(NOTIFICATION)
    assert (event.type, event.data["message"], event.extra) == ("aws.sns.notification", "Hello world!", {})


def test_an_envelope_keeps_what_it_says():
    for body in (ENVELOPE, carrying(ENVELOPE), carrying(carrying(ENVELOPE))):
        event = one(body)
        assert (event.id, event.source, event.type, event.data) == ("7", "ours", "request.report", {"name": "weekly"})


def test_an_envelope_without_an_id_is_known_by_what_carried_it():
    unnamed = {key: value for key, value in ENVELOPE.items() if key not in ("id", "source")}
    assert (one(unnamed).id, one(carrying(unnamed)).id) == (ID, NOTIFICATION["MessageId"])
    # Not the queue's own name, by which alarms are known as AWS's word.
    assert one(unnamed).source == one(carrying(unnamed)).source == SOURCE.removeprefix("aws:")


@pytest.mark.parametrize("adapter", [None, "alertmanager"])
def test_an_envelope_is_taken_where_the_queue_is_for_them_alone(adapter):
    for body in (ENVELOPE, carrying(ENVELOPE)):
        with pytest.raises(InvalidEvent, match="envelopes: true"):
            read(body, adapter=adapter, envelopes=False)
    assert one(MESSAGE, envelopes=False).type == "alert.firing"


@pytest.mark.parametrize("body", [{"Records": [{"eventSource": "aws:s3"}]}, [1, 2], 5, None, True, "text"])
def test_json_of_another_kind_is_for_rules_to_read(body):
    event = one(body)
    assert (event.type, event.id, event.data) == (RECEIVED, ID, {"payload": body})
    assert UNREAD not in event.extra


@pytest.mark.parametrize("text", ["", "hello", "{", '{"a": 1, "a": 2}', '{"a": NaN}', "\ud800", "[" * 100 + "]" * 100, '{"a": ' * 70 + "1" + "}" * 70])
def test_what_is_no_json_cannot_be_read(text):
    with pytest.raises(InvalidEvent):
        read(text, as_text=True)


def test_an_alarm_that_leads_to_no_host_cannot_be_read_unless_the_rules_say_so():
    with pytest.raises(InvalidEvent, match="leads to a host"):
        read(COMPOSITE_MESSAGE)
    assert one(COMPOSITE_MESSAGE, hosts=[{"label": "InstanceId"}, "none"]).hosts == ()
    assert one(carrying(EVENT), hosts=["none"]).hosts == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"source": SOURCE},
        {"source": "aws:sqs:us-east-1:other"},
        {"source": "aws:cloudwatch:production:us-east-1"},
        {"type": "case.exhausted"},
        {"dedup_key": "case.storm/1"},
        {"type": "scale.temporary_ended"},
    ],
)
def test_nobody_sends_in_our_name(changes):
    for body in (ENVELOPE | changes, carrying(ENVELOPE | changes)):
        with pytest.raises(InvalidEvent, match="must not begin with|no sender may use"):
            read(body)


def test_a_host_is_named_as_the_inventory_names_it():
    """What the keeper gets is a name out of an authority: an address would be nobody's."""
    assert one({**ENVELOPE, "hosts": ["192.0.2.3", "web-03", "192.0.2.4"]}).hosts == ("web-03", "192.0.2.4")


ALERTMANAGER = {
    "version": "4",
    "groupKey": "{}:{}",
    "status": "firing",
    "alerts": [{"status": "firing", "labels": {"alertname": name, "instance": "web-01"}, "fingerprint": name} for name in ("First", "Second")],
}


@pytest.mark.parametrize("body", [ALERTMANAGER, carrying(ALERTMANAGER), carrying(carrying(ALERTMANAGER))], ids=["bare", "SNS", "SNS twice"])
def test_the_adapter_that_is_named_reads_what_is_within(body):
    events = read(body, adapter="alertmanager")
    assert [event.data["name"] for event in events] == ["First", "Second"]
    own = ID if body is ALERTMANAGER else NOTIFICATION["MessageId"]
    assert [event.id for event in events] == [own, f"{own}/2"]


def test_the_adapter_sns_sees_the_notification_itself():
    assert one(carrying(ALERTMANAGER), adapter="sns").type == "aws.sns.notification"
    assert one(carrying(EVENT), adapter={"sns": {"cloudwatch_alarm": {"severity": "critical"}}}).severity == "critical"


def test_an_envelope_is_taken_past_the_adapter_where_that_lets_it():
    assert one(ENVELOPE, adapter="alertmanager").id == "7"


def test_what_the_adapter_does_not_read_cannot_be_read():
    for body in (INSTANCE_EVENT, NOTIFICATION, carrying(INSTANCE_EVENT)):
        with pytest.raises(InvalidEvent, match="is not what the adapter nagios reads"):
            read(body, adapter="nagios")


@given(st.sampled_from([MESSAGE, EVENT, INSTANCE_EVENT, ENVELOPE]), st.integers(0, 3), st.booleans())
def test_what_is_around_it_changes_nothing_but_the_id(body, levels, is_escaped):
    around = body
    for level in range(levels):
        around = carrying(around, MessageId=f"level {level}")
    event = one(json.dumps(around, ensure_ascii=is_escaped), as_text=True)
    assert shape(event) == shape(one(body))
    own = {"specversion", "NewStateValue", "detail-type"} & set(body)
    assert own and event.id == ("level 0" if levels and body is not ENVELOPE else one(body).id)


@example("0")
@given(JSON | st.builds(carrying, JSON) | st.dictionaries(st.sampled_from([*EVENT, *MESSAGE, *NOTIFICATION, *ENVELOPE]), JSON))
def test_no_message_ends_in_another_error_and_each_has_an_id_of_its_own(body):
    try:
        events = read(body if isinstance(body, str) else json.dumps(body), as_text=True)
    except InvalidEvent:
        return
    assert len({(event.source, event.id) for event in events}) == len(events) > 0


@given(st.text())
def test_no_text_ends_in_another_error(text):
    try:
        read(text, as_text=True)
    except InvalidEvent:
        return
    json.loads(text)


def test_a_message_as_sqs_gives_it():
    given_ = {
        "MessageId": ID,
        "ReceiptHandle": "receipt",
        "Body": "{}",
        "Attributes": {"ApproximateReceiveCount": "3", "SentTimestamp": "1769860800123", "MessageGroupId": "a", "SequenceNumber": "18849496460467696128"},
    }
    assert message_of(given_, is_fifo=True) == Message(ID, "{}", "receipt", 3, "2026-01-31T12:00:00.123000Z", "a", 18849496460467696128)
    assert message_of(given_, is_fifo=False).group is None, "fair queues have groups, too, and no order"
    assert message_of({"MessageId": ID, "ReceiptHandle": "receipt"}, is_fifo=True) == Message(ID, "", "receipt")
