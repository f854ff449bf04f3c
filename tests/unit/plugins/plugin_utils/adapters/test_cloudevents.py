# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""CloudEvents: one, a batch, and with the attributes in headers."""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from urllib.parse import quote

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.received import RECEIVED, UNREAD
from ansible_collections.eventops.infra.plugins.plugin_utils.event import InvalidEvent
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.adapters.reading import JSON, adapted, one, taken_in
from hypothesis import given
from hypothesis import strategies as st

# CloudEvents 1.0.2 JSON Event Format, section 2.4 and section 3.1
EXAMPLE = {
    "specversion": "1.0",
    "type": "com.example.someevent",
    "source": "/mycontext",
    "id": "C234-1234-1234",
    "time": "2018-04-05T17:31:00Z",
    "comexampleextension1": "value",
    "comexampleothervalue": 5,
    "datacontenttype": "application/json",
    "data": {"appinfoA": "abc", "appinfoB": 123, "appinfoC": True},
}
STRUCTURED = {"content-type": "application/cloudevents+json; charset=UTF-8"}
BATCH = {"content-type": "application/cloudevents-batch+json"}


def in_headers(body=None, **attributes):
    headers = {"content-type": "application/json", "ce-specversion": "1.0", "ce-type": "t", "ce-source": "/s", "ce-id": "1"}
    return one("cloudevents", body, {**headers, **{f"ce-{name}": value for name, value in attributes.items()}})


def read(body, **settings):
    return one("cloudevents", body, STRUCTURED, **settings)


def test_a_structured_event():
    event = read(EXAMPLE)
    assert (event.id, event.source, event.type, event.time) == ("C234-1234-1234", "/mycontext", "com.example.someevent", "2018-04-05T17:31:00Z")
    assert (event.data, event.hosts, event.extra) == (EXAMPLE["data"], (), {"payload": EXAMPLE})
    assert one("cloudevents", EXAMPLE) == event, "also as application/json"


def test_a_batch():
    second = {**EXAMPLE, "id": "2", "data": [1]}
    events = adapted("cloudevents", [EXAMPLE, second], BATCH)
    assert [(event.id, event.data) for event in events] == [("C234-1234-1234", EXAMPLE["data"]), ("2", {"value": [1]})]
    assert events[1].extra == {"payload": second}
    assert adapted("cloudevents", [], BATCH) == []


def test_one_that_is_broken_does_not_take_a_batch_with_it():
    right, broken, none = adapted("cloudevents", [EXAMPLE, {**EXAMPLE, "time": "x"}, 5], BATCH)
    assert right.id == "C234-1234-1234"
    assert broken.type == none.type == RECEIVED and "[1]: time: must be RFC 3339" in broken.extra[UNREAD]
    with pytest.raises(InvalidEvent):
        adapted("cloudevents", [5], BATCH)


def test_attributes_in_headers():
    ours = {"severity": "critical", "hosts": "web-01, web-02,", "dedupkey": "k"}
    event = in_headers({"a": 1}, type="alert.firing", subject="web%20%E2%82%AC", time="2018-04-05T03:56:24Z", **ours)
    assert (event.type, event.subject, event.severity, event.time) == ("alert.firing", "web \u20ac", "critical", "2018-04-05T03:56:24Z")
    assert (event.hosts, event.dedup_key, event.data, event.extra) == (("web-01", "web-02"), "k", {"a": 1}, {"payload": {"a": 1}})


def test_only_headers_of_cloudevents_are_attributes():
    required = {"ce-specversion": "1.0", "ce-id": "1", "ce-source": "/s", "ce-type": "t"}
    headers = {**required, "hosts": "web-01", "severity": "critical", "xce-subject": "x", "subject": "x"}
    event = one("cloudevents", {}, headers)
    assert (event.hosts, event.severity, event.subject) == ((), "info", "")


@pytest.mark.parametrize(
    ("header", "subject"),
    [
        # HTTP Protocol Binding for CloudEvents 1.0.2, section 3.1.3.2
        ("Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro \u20ac \U0001f600"),
        ("a%2520b", "a%20b"),
        ('"quoted"', "quoted"),
        ('"with \\"quotes\\" and %22"', 'with "quotes" and "'),
        ("a+b", "a+b"),
        ("100%", "100%"),
        ('"', '"'),
    ],
)
def test_a_header_is_decoded_once(header, subject):
    assert in_headers(subject=header).subject == subject


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn", "Co"]), min_size=1, max_size=50))
def test_what_was_encoded_is_decoded(subject):
    assert in_headers(subject=quote(subject, safe="")).subject == subject


@pytest.mark.parametrize(
    ("header", "why"),
    [("%ff", "ce-subject: must be percent-encoded UTF-8"), ("%00", "control characters"), ("%0d%0a", "control characters")],
)
def test_a_header_that_is_no_text_is_refused(header, why):
    with pytest.raises(InvalidEvent, match=why):
        in_headers(subject=header)


@pytest.mark.parametrize(
    ("body", "data"),
    [(None, {}), ({}, {}), ([1], {"value": [1]}), (5, {"value": 5}), (0, {"value": 0}), (False, {"value": False}), ("x", {"value": "x"}), ("", {})]
    + [('{"a": 1}', {"value": '{"a": 1}'})],
)
def test_a_body_that_is_no_object_is_a_value(body, data):
    assert in_headers(body).data == data


@pytest.mark.parametrize(("data", "read_as"), [(None, {}), ("x", {"value": "x"}), ([1], {"value": [1]}), (0, {"value": 0}), ({"a": 1}, {"a": 1})])
def test_data_that_is_no_object_is_a_value(data, read_as):
    assert read({**EXAMPLE, "data": data}).data == read_as


@pytest.mark.parametrize(("content", "read_as"), [(b'{"a": 1}', {"a": 1}), (b"text", {"value": "text"}), (b"", {"value": ""}), (b"\xff", {"base64": "/w=="})])
def test_data_in_base64(content, read_as):
    event = {**{key: value for key, value in EXAMPLE.items() if key != "data"}, "data_base64": base64.b64encode(content).decode()}
    assert read(event).data == read_as
    (taken,) = taken_in("cloudevents", event, STRUCTURED)
    assert taken.data == read_as, "nothing else reads it before, and loses the data"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"data_base64": "!", "data": None}, "data_base64: must be text in Base64"),
        ({"data_base64": 5, "data": None}, "data_base64: must be text in Base64"),
        ({"data_base64": "AAAA"}, "data_base64: must not stand beside data"),
        ({"specversion": "0.3"}, "specversion: must be the text '1.0'"),
        ({"type": None}, "type: must say what happened"),
        ({"id": None}, "^id: must be there in every CloudEvent"),
        ({"source": None}, "^source: must be there in every CloudEvent"),
        ({"id": ""}, "^id: must not be empty"),
        ({"severity": "page"}, "severity: must be one of"),
        ({"hosts": 5}, "hosts: must be a list"),
    ],
)
def test_an_event_with_a_mistake_is_not_read(changes, why):
    with pytest.raises(InvalidEvent, match=why):
        read({**EXAMPLE, **changes})
    (kept,) = taken_in("cloudevents", {**EXAMPLE, **changes}, STRUCTURED)
    assert kept.type == RECEIVED


@pytest.mark.parametrize("absent", ["id", "source"])
def test_what_every_event_must_have_is_asked_of_headers_too(absent):
    headers = {"ce-specversion": "1.0", "ce-type": "t", "ce-source": "/s", "ce-id": "1"}
    with pytest.raises(InvalidEvent, match=f"^{absent}: must be there"):
        one("cloudevents", None, {name: value for name, value in headers.items() if name != f"ce-{absent}"})


def test_our_extensions_in_the_body():
    event = read({**EXAMPLE, "severity": "error", "hosts": "web-01,web-02", "dedupkey": "k"})
    assert (event.severity, event.hosts, event.dedup_key) == ("error", ("web-01", "web-02"), "k")
    assert read({**EXAMPLE, "hosts": ["web-01"], "dedup_key": "d", "dedupkey": "k"}).dedup_key == "d"
    assert read({**EXAMPLE, "dedup_key": None, "dedupkey": "k"}).dedup_key == "k"


def test_rules_lead_to_the_host_where_the_sender_names_none():
    rules = [{"label": "comexamplehost"}, {"hostvar": "instance_id", "path": "data.instance"}]
    assert read({**EXAMPLE, "comexamplehost": "web-01"}, hosts=rules).hosts == ("web-01",)
    assert read({**EXAMPLE, "data": {"instance": "i-abcd1111"}}, hosts=rules).hosts == ("web-02",)
    assert read({**EXAMPLE, "hosts": ["i-9"], "comexamplehost": "web-01"}, hosts=rules).hosts == ("i-9",)
    with pytest.raises(InvalidEvent, match="hosts: none of"):
        read(EXAMPLE, hosts=rules)
    kept, right = adapted("cloudevents", [EXAMPLE, {**EXAMPLE, "comexamplehost": "web-01"}], BATCH, hosts=rules)
    assert kept.type == RECEIVED and "[0]: hosts: none of" in kept.extra[UNREAD] and right.hosts == ("web-01",)


@pytest.mark.parametrize("body", [{}, [], [5], {"type": "x"}, "x", None])
def test_what_is_no_cloudevent_is_left_to_others(body):
    assert adapted("cloudevents", body) is None


@given(st.dictionaries(st.sampled_from([*EXAMPLE, "hosts", "severity", "data_base64", "dedupkey"]), JSON | st.text(max_size=8)))
def test_no_event_ends_in_another_error(changes):
    changed, attributes = {**EXAMPLE, **changes}, {"ce-specversion": "1.0", "ce-x": json.dumps(changes)}
    for body, headers in ((changed, STRUCTURED), ([changed, 5], BATCH), (changes, attributes)):
        with suppress(InvalidEvent):
            adapted("cloudevents", body, headers)
