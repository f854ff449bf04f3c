# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import json

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.envelope import adapt
from ansible_collections.eventops.infra.plugins.plugin_utils.event import InvalidEvent

CONTEXT = AdapterContext(source="hook", received_at="2026-01-31T12:00:00Z", new_id=lambda: "made-up")
ENVELOPE = {"specversion": "1.0", "id": "e-1", "source": "portal", "type": "alert.firing", "hosts": ["web-01"], "data": {"name": "Down"}}


def read(payload):
    return adapt(payload, settings={}, context=CONTEXT)


@pytest.mark.parametrize(
    "payload",
    [
        ENVELOPE,
        {"payload": ENVELOPE, "meta": {"headers": {"Host": "a"}}},
        {"body": ENVELOPE},
        {"body": json.dumps(ENVELOPE), "meta": {}},
        {"payload": {"other": 1}, "body": ENVELOPE},
    ],
)
def test_an_envelope_is_found_and_the_rest_is_kept_beside_it(payload):
    [event] = read(payload)
    assert (event.id, event.source, event.type, event.hosts, event.data) == ("e-1", "portal", "alert.firing", ("web-01",), {"name": "Down"})
    assert event.dedup_key == "alert/Down/web-01"
    assert event.extra == {key: value for key, value in payload.items() if key not in ENVELOPE}


def test_what_is_missing_comes_from_the_delivery():
    [event] = read({"specversion": "1.0", "type": "a.b"})
    assert (event.id, event.source, event.time) == ("made-up", "hook", "2026-01-31T12:00:00Z")


@pytest.mark.parametrize("payload", [{}, {"payload": {"type": "alert.firing"}}, {"payload": [ENVELOPE]}, {"body": "specversion"}, {"data": ENVELOPE}])
def test_other_payloads_do_not_fit(payload):
    assert read(payload) is None


@pytest.mark.parametrize("payload", [{"specversion": "0.3", "type": "a.b"}, {"payload": {"specversion": "1.0"}}, {"body": {**ENVELOPE, "hosts": 5}}])
def test_a_wrong_envelope_is_refused_and_not_taken_for_something_else(payload):
    with pytest.raises(InvalidEvent):
        read(payload)


def test_only_the_attributes_up_to_data_are_read():
    [event] = read({**ENVELOPE, "case": {"id": 1}, "events": [], "neutralized": True, "traceparent": "00-1"})
    assert event.extra == {"traceparent": "00-1"}
