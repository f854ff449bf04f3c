# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import json

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.attributes import MAX_ATTRIBUTE_BYTES, default_dedup_key, event_from_attributes
from ansible_collections.eventops.infra.plugins.plugin_utils.event import MAX_HOST_LENGTH, MAX_HOSTS, SEVERITIES, Event, InvalidEvent
from hypothesis import example, given
from hypothesis import strategies as st

RECEIVED_AT = "2026-01-31T12:00:00Z"


def read(attributes, **extra):
    return event_from_attributes(attributes, source="monitors", received_at=RECEIVED_AT, new_id=lambda: "made-up", extra=extra)


FULL = {
    "specversion": "1.0",
    "id": "e-1",
    "source": "netbox:https://netbox.example.com",
    "type": "alert.firing",
    "subject": "web-01",
    "time": "2026-01-31T13:00:00+01:00",
    "severity": "critical",
    "hosts": ["web-01", "web-02"],
    "dedup_key": "alert/ServiceDown/web-01",
    "data": {"name": "ServiceDown"},
}


def test_an_envelope_is_taken_as_it_is():
    assert read(FULL).to_mapping() == {**FULL, "time": "2026-01-31T12:00:00Z"}


def test_what_is_absent_is_filled():
    event = read({"type": "alert.firing"})
    assert (event.id, event.source, event.time) == ("made-up", "monitors", RECEIVED_AT)
    assert (event.subject, event.hosts, event.severity, event.data) == ("", (), "warning", {})


def test_null_and_no_key_are_the_same():
    assert read(dict.fromkeys(FULL) | {"type": "a.b"}) == read({"type": "a.b"})


def test_the_subject_is_the_first_host_when_none_is_given():
    assert read({"type": "a.b", "hosts": ["db-1", "db-2"]}).subject == "db-1"
    assert read({"type": "a.b", "hosts": ["db-1"], "subject": ""}).subject == "db-1"


@pytest.mark.parametrize(
    ("type_", "data", "severity"),
    [
        ("alert.firing", {"severity": "Critical"}, "critical"),
        ("alert.firing", {"severity": "page"}, "warning"),
        ("alert.firing", {"severity": ["critical"]}, "warning"),
        ("log.matched", {}, "warning"),
        ("request.report", {}, "info"),
        ("netbox.device.updated", {"severity": "error"}, "error"),
    ],
)
def test_an_absent_severity_comes_from_the_data_or_the_type(type_, data, severity):
    assert read({"type": type_, "data": data}).severity == severity


@pytest.mark.parametrize(
    ("attributes", "key"),
    [
        ({"type": "alert.firing", "subject": "web-01", "data": {"name": "Down"}}, "alert/Down/web-01"),
        ({"type": "alert.firing", "subject": "web-01", "data": {"name": "Down", "fingerprint": "f00"}}, "alert/Down/f00"),
        ({"type": "alert.firing", "data": {"name": "Down", "fingerprint": 17}}, "alert/Down/17"),
        ({"type": "alert.firing", "data": {"name": "ClusterDown"}}, "alert/ClusterDown/"),
        ({"type": "alert.firing"}, "alert//made-up"),
        ({"type": "request.user.onboard", "id": "r-1", "subject": "ann"}, "request.user.onboard/r-1"),
        ({"type": "netbox.device.updated", "subject": "sw-1"}, "netbox.device.updated/sw-1"),
        ({"type": "event.received"}, "event.received/made-up"),
    ],
)
def test_an_absent_dedup_key_is_made(attributes, key):
    assert read(attributes).dedup_key == key


def test_firing_and_resolved_share_their_key():
    problem = {"hosts": ["web-01"], "data": {"name": "Down", "fingerprint": "f00"}}
    assert read({"type": "alert.firing", "id": "1", **problem}).dedup_key == read({"type": "alert.resolved", "id": "2", **problem}).dedup_key


TEXTS = st.text("ca/%25F", min_size=1, max_size=4)


@given(st.tuples(TEXTS, TEXTS), st.tuples(TEXTS, TEXTS), st.sampled_from(["subject", "fingerprint"]))
@example(("c", "a/b"), ("c/a", "b"), "subject")
@example(("c/a", "b"), ("c%2Fa", "b"), "subject")
def test_two_alerts_never_share_a_made_key(one, other, known_by):
    def key(name, thing):
        told = {"subject": thing} if known_by == "subject" else {}
        return read({"type": "alert.firing", **told, "data": {"name": name, "fingerprint": None if told else thing}}).dedup_key

    assert (key(*one) == key(*other)) == (one == other)
    assert "/" in one[0] or "%" in one[0] or key(*one) == f"alert/{one[0]}/{one[1]}"


def test_a_long_key_of_any_text_is_made():
    assert default_dedup_key("a.b", "", "\ud800" * 400, {})


def test_a_made_key_holds_nothing_that_an_index_refuses():
    key = read({"type": "alert.firing", "data": {"name": "a\x00b\ud800", "fingerprint": "x" * 5000}}).dedup_key
    assert len(key.encode()) <= MAX_ATTRIBUTE_BYTES
    assert key.startswith("alert/a\ufffdb\ufffd/xxx")
    assert key != read({"type": "alert.firing", "data": {"name": "a\x00b\ud800", "fingerprint": "x" * 5001}}).dedup_key


def test_one_host_may_be_written_without_a_list_and_none_is_repeated():
    assert read({"type": "a.b", "hosts": "web-01"}).hosts == ("web-01",)
    assert read({"type": "a.b", "hosts": ["b", "a", "b"]}).hosts == ("b", "a")
    assert read({"type": "a.b", "hosts": ""}).hosts == ()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"type": None}, "type: must say what happened"),
        ({"type": ""}, "type: must not be empty"),
        ({"type": 5}, "type: must be text, got the number 5"),
        ({"specversion": "0.3"}, "specversion: must be the text '1.0', got the text '0.3'"),
        ({"specversion": 1.0}, "specversion: must be the text '1.0', got the number 1.0"),
        ({"id": 7}, "id: must be text, got the number 7"),
        ({"id": True}, "id: must be text, got the boolean true"),
        ({"id": ""}, "id: must not be empty"),
        ({"id": "x" * (MAX_ATTRIBUTE_BYTES + 1)}, "id: must be at most 1024 bytes long, got 1025 characters"),
        ({"id": "é" * (MAX_ATTRIBUTE_BYTES // 2 + 1)}, "id: must be at most 1024 bytes long"),
        ({"source": {"a": 1}}, "source: must be text, got an object"),
        ({"subject": "a\nb"}, "subject: must not hold control characters or surrogates, got U\\+000A at position 1"),
        ({"dedup_key": "a\udc80"}, "dedup_key: must not hold control characters or surrogates, got U\\+DC80"),
        ({"time": "yesterday"}, "time: must be RFC 3339 such as 2026-01-31T12:00:00Z, got the text 'yesterday'"),
        ({"time": 1769860800}, "time: must be text, got the number"),
        ({"severity": "fatal"}, "severity: must be one of critical, error, warning, info, got the text 'fatal'"),
        ({"severity": ["critical"]}, "severity: must be one of .* got a list"),
        ({"hosts": {"web-01": 1}}, "hosts: must be a list of host names, got an object"),
        ({"hosts": ["web-01", None]}, r"hosts\[1\]: must be text, got nothing"),
        ({"hosts": [["web-01"]]}, r"hosts\[0\]: must be text, got a list"),
        ({"hosts": [""]}, r"hosts\[0\]: must not be empty"),
        ({"hosts": ["x" * (MAX_HOST_LENGTH + 1)]}, r"hosts\[0\]: must be at most 253 characters long, got 254"),
        ({"hosts": [str(n) for n in range(MAX_HOSTS + 1)]}, "hosts: must be at most 1000 names, got 1001"),
        ({"data": "secret text"}, "data: must be an object, got text"),
        ({"data": [1]}, "data: must be an object, got a list"),
    ],
)
def test_a_wrong_attribute_is_refused_with_what_was_expected_and_what_came(wrong, message):
    with pytest.raises(InvalidEvent, match=message):
        read({**FULL, **wrong})


def test_a_number_too_long_to_be_shown_is_refused_all_the_same():
    with pytest.raises(InvalidEvent, match="id: must be text, got a number of more than 64 bits"):
        read({**FULL, "id": 10**5000})


def test_data_that_is_nested_too_deeply_is_refused():
    deep: dict = {}
    for _level in range(64):
        deep = {"a": deep}
    with pytest.raises(InvalidEvent, match="data: must be nested at most 64 levels deep"):
        read({"type": "a.b", "data": deep})
    with pytest.raises(InvalidEvent, match="payload: must be nested at most 64 levels deep"):
        read({"type": "a.b"}, payload=deep)


def test_a_sender_can_not_write_what_the_router_says():
    event = read({**FULL, "case": {"id": 1}, "events": [1], "neutralized": True, "meta": {"hosts": ["all"]}, "x": 1})
    assert event.to_mapping().keys() == FULL.keys()


def test_a_child_keeps_its_own_keys_and_none_of_the_envelope():
    event = read({"type": "a.b"}, payload={"i": 1}, meta={"headers": {}}, id="own", case=1, events=2, neutralized=True, data=3)
    assert event.extra == {"payload": {"i": 1}, "meta": {"headers": {}}}
    assert event.to_mapping()["payload"] == {"i": 1}
    assert event.id == "made-up"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(st.sampled_from([*FULL, "x"]), JSON | st.sampled_from(["alert.firing", "critical", "web-01"])), st.dictionaries(st.text(), JSON, max_size=3)
)
def test_whatever_comes_is_an_event_that_survives_the_store_or_is_refused(attributes, extra):
    try:
        event = event_from_attributes(attributes, source="s", received_at=RECEIVED_AT, new_id=lambda: "n", extra=extra)
    except InvalidEvent as error:
        assert ": " in str(error)
        return
    assert Event.from_stored(json.loads(json.dumps(event.to_mapping()))) == event
    assert event.severity in SEVERITIES
    for attribute in (event.id, event.source, event.type, event.dedup_key, event.time):
        assert attribute.encode()


@given(
    attributes=st.dictionaries(
        st.sampled_from([*FULL, "connections", "eventops_connections", "extra"]), st.text() | st.sampled_from([{"web-01": {"ansible_host": "a"}}, ["web-01"]])
    ),
    extra=st.dictionaries(st.text(max_size=5) | st.sampled_from(["connections", "eventops_connections"]), st.just({"web-01": {"ansible_host": "a"}})),
)
def test_nobody_who_writes_attributes_declares_how_a_host_is_reached(attributes, extra):
    try:
        event = read({"type": "a.b", **attributes}, **extra)
    except InvalidEvent:
        return
    assert event.connections == {} == Event.from_stored(event.to_stored()).connections
    assert "eventops_connections" not in event.to_stored()
