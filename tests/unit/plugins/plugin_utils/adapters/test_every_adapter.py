# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What every adapter promises, whatever a sender says: events, None or InvalidEvent."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters import envelope
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.registry import ADAPTERS
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event, InvalidEvent
from hypothesis import given
from hypothesis import strategies as st

from . import cloud_payloads as sent
from .examples import CONTEXT, EXAMPLES, read

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=8)
DECLARING = {"web-01": {"ansible_host": "192.0.2.66", "ansible_user": "root"}}
HEADERS = st.dictionaries(st.sampled_from(["content-type", "ce-specversion", "ce-id", "ce-type", "ce-hosts", "ce-x"]), st.text(max_size=5) | st.just("1.0"))

ENVELOPE = {"specversion": "1.0", "type": "alert.firing", "hosts": ["web-01"], "data": {"name": "DiskFull"}}
ALARMS = [sent.EVENT, sent.MATHS_EVENT, sent.COMPOSITE_EVENT, sent.CONTRIBUTOR_EVENT, sent.MESSAGE, sent.MATHS_MESSAGE, sent.COMPOSITE_MESSAGE]
GENERIC = {"type": {"value": "a.b"}, "id": "payload.id", "hosts": [{"path": "payload.host"}, {"label": "instance"}, "none"], "name": "payload.name"}
# The adapter as a rulebook has it, and bodies of its kind.
SENT: dict[str, tuple[Any, list[Any]]] = {
    **{title: (example.adapter, [example.payload["payload"]]) for title, example in EXAMPLES.items()},
    "cloudwatch_alarm": ("cloudwatch_alarm", ALARMS),
    "eventbridge": ("eventbridge", [*ALARMS[:4], sent.INSTANCE_EVENT]),
    "sns": ("sns", [sent.NOTIFICATION, *map(sent.carrying, [*ALARMS, sent.INSTANCE_EVENT])]),
    "eventgrid": ("eventgrid", [[sent.BLOB, sent.BLOB], sent.BLOB_AS_CLOUDEVENT]),
    "cloudevents": ("cloudevents", [sent.BLOB_AS_CLOUDEVENT, [sent.BLOB_AS_CLOUDEVENT] * 2]),
    "envelope": ("envelope", [ENVELOPE]),
    "generic": ({"generic": GENERIC}, [{"id": 1, "host": "web-01", "name": "a", "labels": {"instance": "b"}}]),
}
NAMES = sorted(SENT)
# What two of them read both: CloudWatch's alarms come by EventBridge, CloudEvents are what Event Grid sends, and generic reads anything.
ALIKE = ({"cloudwatch_alarm", "eventbridge"}, {"cloudevents", "eventgrid", "envelope"})


def places(value: Any, path: tuple = ()) -> Iterator[tuple]:
    """Yield the path of everything in a value."""
    if path:
        yield path
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(item, (*path, key))


@st.composite
def altered(draw: st.DrawFn, payload: dict) -> dict:
    """Draw a payload with a few of its values left out, or anything in their place."""
    payload = copy.deepcopy(payload)
    for _time in range(draw(st.integers(1, 3))):
        *above, last = draw(st.sampled_from(list(places(payload)) or [("payload",)]))
        parent: Any = payload
        for key in above:
            parent = parent[key]
        if draw(st.booleans()):
            parent[last] = draw(JSON)
        elif isinstance(parent, dict):
            parent.pop(last, None)
    return payload


def reads_or_says_why(payload: dict, name: str, headers: dict | None = None) -> None:
    try:
        events = read(payload, SENT[name][0], replace(CONTEXT, headers=headers or {}))
    except InvalidEvent as error:
        assert str(error)
        return
    for event in events or ():
        assert isinstance(event, Event)
        [again] = envelope.adapt(event.to_mapping(), settings={}, context=CONTEXT)
        assert again == event
        assert event.connections == {}, "only a source of ours declares how a host is reached"


def test_every_adapter_is_tried():
    assert SENT.keys() == ADAPTERS.keys()


@pytest.mark.parametrize("name", NAMES)
@given(payload=st.dictionaries(st.text() | st.sampled_from(["payload", "body"]), JSON, max_size=4), headers=HEADERS)
def test_no_payload_and_no_header_breaks_an_adapter(name, payload, headers):
    reads_or_says_why(payload, name, headers)


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_nothing_in_a_payload_of_its_kind_breaks_an_adapter(name, data):
    reads_or_says_why(data.draw(altered({"payload": data.draw(st.sampled_from(SENT[name][1]))})), name)


@given(data=st.data())
def test_nothing_in_a_message_of_sns_breaks_its_adapter(data):
    message = data.draw(altered({"payload": data.draw(st.sampled_from([*ALARMS, sent.INSTANCE_EVENT]))})).get("payload")
    reads_or_says_why({"payload": sent.carrying(json.dumps(message))}, "sns")


@pytest.mark.parametrize("name", NAMES)
def test_the_payload_stays_as_it_was(name):
    bodies = copy.deepcopy(SENT[name][1])
    for body in bodies:
        reads_or_says_why({"payload": body}, name)
    assert bodies == SENT[name][1]


@pytest.mark.parametrize("name", [name for name in NAMES if name != "generic"])
@pytest.mark.parametrize("other", NAMES)
def test_an_adapter_takes_only_what_is_of_its_kind(name, other):
    if name == other or any({name, other} <= both for both in ALIKE):
        return
    for body in SENT[other][1]:
        try:
            assert read({"payload": body}, SENT[name][0]) is None
        except InvalidEvent as error:
            # A request has only its type in common with others, and says what it does not know.
            assert name == "request" or ({name, other} == {"alertmanager", "grafana"} and f"take the adapter {other}" in str(error))


HOMELESS = {
    "alertmanager": {**EXAMPLES["alertmanager"].payload["payload"], "alerts": [{"status": "firing", "labels": {"alertname": "Watchdog"}}]},
    "grafana": {**EXAMPLES["grafana"].payload["payload"], "alerts": [{"status": "firing", "labels": {"alertname": "Watchdog"}}]},
    "nagios": EXAMPLES["nagios"].payload["payload"],
    "netbox": EXAMPLES["netbox"].payload["payload"],
    "cloudwatch_alarm": sent.COMPOSITE_MESSAGE,
    "eventbridge": sent.INSTANCE_EVENT,
    "sns": sent.NOTIFICATION,
    "eventgrid": [sent.BLOB],
    "cloudevents": sent.BLOB_AS_CLOUDEVENT,
    "generic": {},
}
NOWHERE = {"hosts": [{"path": "nowhere.at.all"}]}


@pytest.mark.parametrize("name", HOMELESS)
def test_a_delivery_without_the_host_that_is_looked_for_is_refused_by_all(name):
    settings = {"generic": {**GENERIC, **NOWHERE}}.get(name, NOWHERE)
    with pytest.raises(InvalidEvent, match="hosts: none of the path nowhere.at.all leads to a host"):
        read({"payload": HOMELESS[name]}, {name: settings})


@pytest.mark.parametrize(("name", "carried"), [("sns", sent.carrying(sent.COMPOSITE_MESSAGE)), ("eventbridge", sent.COMPOSITE_EVENT)])
def test_so_is_an_alarm_within_another_delivery(name, carried):
    with pytest.raises(InvalidEvent, match="the alarm 'ServiceAggregatedAlarm': hosts: none of"):
        read({"payload": carried}, name)


@pytest.mark.parametrize("key", ["connections", "eventops_connections"])
@pytest.mark.parametrize("name", NAMES)
def test_no_sender_declares_how_a_host_is_reached(name, key):
    for body in SENT[name][1]:
        bodies = [{**each, key: DECLARING, "data": {key: DECLARING}} for each in (body if isinstance(body, list) else [body]) if isinstance(each, dict)]
        for payload in (*({"payload": each, key: DECLARING} for each in bodies), {"payload": bodies, key: DECLARING}):
            reads_or_says_why(payload, name)
