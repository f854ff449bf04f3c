# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the adapters of AWS, Azure and CloudEvents promise, whatever a sender says: events, None or InvalidEvent."""

from __future__ import annotations

import copy
import json

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters import envelope
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event, InvalidEvent
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.adapters import cloud_payloads as sent
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.adapters.reading import JSON, adapted
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.adapters.test_every_adapter import altered
from hypothesis import given
from hypothesis import strategies as st

CONTEXT = AdapterContext(source="monitors", received_at="2026-01-31T12:00:00Z", new_id=lambda: "new")
ALARMS = [sent.EVENT, sent.MATHS_EVENT, sent.COMPOSITE_EVENT, sent.CONTRIBUTOR_EVENT, sent.MESSAGE, sent.MATHS_MESSAGE, sent.COMPOSITE_MESSAGE]
BODIES = {
    "cloudwatch_alarm": ALARMS,
    "eventbridge": [*ALARMS[:4], sent.INSTANCE_EVENT],
    "sns": [sent.NOTIFICATION, *map(sent.carrying, [*ALARMS, sent.INSTANCE_EVENT])],
    "eventgrid": [[sent.BLOB, sent.BLOB], sent.BLOB_AS_CLOUDEVENT],
    "cloudevents": [sent.BLOB_AS_CLOUDEVENT, [sent.BLOB_AS_CLOUDEVENT] * 2],
}
HEADERS = st.dictionaries(st.sampled_from(["content-type", "ce-specversion", "ce-id", "ce-type", "ce-hosts", "ce-x"]), st.text(max_size=5) | st.just("1.0"))


def reads_or_says_why(name, body, headers=None):
    try:
        events = adapted(name, body, headers)
    except InvalidEvent as error:
        assert str(error)
        return
    for event in events or ():
        assert isinstance(event, Event)
        (again,) = envelope.adapt(event.to_mapping(), settings={}, context=CONTEXT)
        assert again == event


@pytest.mark.parametrize("name", BODIES)
@given(data=st.data())
def test_nothing_in_a_payload_of_its_kind_breaks_an_adapter(name, data):
    body = data.draw(altered({"payload": data.draw(st.sampled_from(BODIES[name]))})).get("payload")
    reads_or_says_why(name, body)


@given(data=st.data())
def test_nothing_in_a_message_of_sns_breaks_its_adapter(data):
    message = data.draw(altered({"payload": data.draw(st.sampled_from([*ALARMS, sent.INSTANCE_EVENT]))})).get("payload")
    reads_or_says_why("sns", sent.carrying(json.dumps(message)))


@pytest.mark.parametrize("name", BODIES)
@given(body=JSON, headers=HEADERS)
def test_no_body_and_no_header_breaks_an_adapter(name, body, headers):
    reads_or_says_why(name, body, headers)


@pytest.mark.parametrize("name", BODIES)
def test_the_body_stays_as_it_was(name):
    bodies = copy.deepcopy(BODIES[name])
    for body in bodies:
        adapted(name, body)
    assert bodies == BODIES[name]


@pytest.mark.parametrize(
    ("name", "others"),
    [("cloudwatch_alarm", ("sns", "eventgrid")), ("eventbridge", ("sns", "eventgrid")), ("sns", ("cloudwatch_alarm", "eventgrid"))],
)
def test_an_adapter_takes_only_what_is_of_its_kind(name, others):
    assert all(adapted(name, body) is None for other in others for body in BODIES[other])
