# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import json
from dataclasses import replace

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.generic import SCHEMA, adapt
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.host_rules import NamesNoHost, NoHost
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event, InvalidEvent
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Snapshot
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from .examples import read as read_settings

CONTEXT = AdapterContext(source="zabbix", received_at="2026-01-31T12:00:00Z", new_id=lambda: "made-up")
PAYLOAD = {
    "payload": {
        "event": {"id": 4711, "status": "PROBLEM", "level": "Disaster", "clock": 1769860800},
        "host": "web-01",
        "trigger": "nginx is down",
    },
    "meta": {"endpoint": "zabbix"},
}
SETTINGS = {
    "type": {"path": "payload.event.status", "map": {"PROBLEM": "alert.firing", "OK": "alert.resolved"}},
    "id": "payload.event.id",
    "time": "payload.event.clock",
    "hosts": "payload.host",
    "name": "payload.trigger",
    "severity": {"path": "payload.event.level", "map": {"Disaster": "critical", "High": "error"}},
}


def read(payload, settings, context=CONTEXT):
    Draft202012Validator(SCHEMA).validate(settings)
    return adapt(payload, settings=settings, context=context)


def with_event(**changes):
    return {**PAYLOAD, "payload": {**PAYLOAD["payload"], "event": {**PAYLOAD["payload"]["event"], **changes}}}


def test_a_payload_is_read_by_its_paths():
    assert read(PAYLOAD, SETTINGS) == [
        Event(
            id="4711",
            source="zabbix",
            type="alert.firing",
            subject="web-01",
            time="2026-01-31T12:00:00Z",
            severity="critical",
            hosts=("web-01",),
            dedup_key="alert/nginx is down/web-01",
            data={**PAYLOAD["payload"], "name": "nginx is down"},
            extra=PAYLOAD,
        )
    ]


def test_firing_and_resolved_are_one_problem():
    [firing], [resolved] = read(PAYLOAD, SETTINGS), read(with_event(status="OK"), SETTINGS)
    assert (firing.type, resolved.type) == ("alert.firing", "alert.resolved")
    assert firing.dedup_key == resolved.dedup_key


def test_constants_need_no_payload():
    settings = {
        "type": {"value": "alert.firing"},
        "hosts": {"value": ["a", "b"]},
        "severity": {"value": "error"},
        "dedup_key": {"value": "k"},
        "subject": {"value": "s"},
    }
    [event] = read({"i": 1}, settings)
    assert (event.type, event.hosts, event.severity, event.dedup_key, event.subject) == ("alert.firing", ("a", "b"), "error", "k", "s")
    assert event.data == event.extra == {"i": 1}


@pytest.mark.parametrize(
    ("payload", "settings"),
    [
        ({}, {"type": "payload.kind"}),
        ({"kind": ""}, {"type": "kind"}),
        ({"kind": 5}, {"type": "kind"}),
        ({"kind": {"a": 1}}, {"type": "kind"}),
        ({"kind": "NEW"}, {"type": {"path": "kind", "map": {"PROBLEM": "alert.firing"}}}),
        ({"kind": ["PROBLEM"]}, {"type": {"path": "kind", "map": {"PROBLEM": "alert.firing"}}}),
    ],
)
def test_a_payload_without_a_type_does_not_fit(payload, settings):
    assert read(payload, settings) is None


def test_a_map_reads_numbers_and_booleans():
    mapped = {"type": {"path": "up", "map": {"true": "alert.resolved", "false": "alert.firing", "2": "log.matched"}}}
    assert [read({"up": up}, mapped)[0].type for up in (True, False, 2)] == ["alert.resolved", "alert.firing", "log.matched"]


@pytest.mark.parametrize(("level", "severity"), [("High", "error"), ("CRITICAL", "critical"), ("strange", "warning"), (5, "warning"), (None, "warning")])
def test_an_unforeseen_severity_is_no_reason_to_refuse_an_alert(level, severity):
    assert read(with_event(level=level), SETTINGS)[0].severity == severity


@pytest.mark.parametrize(
    ("clock", "time"),
    [(1769860800000, "2026-01-31T12:00:00Z"), ("2026-01-31T14:00:00+02:00", "2026-01-31T12:00:00Z"), (0, "1970-01-01T00:00:00Z"), ("", CONTEXT.received_at)],
)
def test_a_time_is_rfc_3339_or_counts_from_the_epoch(clock, time):
    assert read(with_event(clock=clock), SETTINGS)[0].time == time


@pytest.mark.parametrize(
    "wrong", [{"clock": "noon"}, {"clock": float("nan")}, {"clock": 1e300}, {"clock": True}, {"id": {"a": 1}}, {"id": True}, {"id": 2**80}]
)
def test_what_cannot_be_the_attribute_is_refused(wrong):
    with pytest.raises(InvalidEvent):
        read(with_event(**wrong), SETTINGS)


def test_empty_texts_count_as_absent():
    [event] = read(
        {"t": "alert.firing", "id": "", "h": "", "s": "", "k": ""},
        {"type": "t", "id": "id", "hosts": {"path": "h", "optional": True}, "subject": "s", "dedup_key": "k", "name": "s"},
    )
    assert (event.id, event.hosts, event.subject, event.dedup_key) == ("made-up", (), "", "alert//made-up")
    assert "name" not in event.data


@pytest.mark.parametrize(
    ("payload", "path", "data"),
    [
        ({"a": {"b": 1}}, "a", {"b": 1}),
        ({"a": '{"b": 1}'}, "a", {"b": 1}),
        ({"a": "text"}, "a", {"value": "text"}),
        ({"a": [1, 2]}, "a", {"value": [1, 2]}),
        ({"a": 1}, "elsewhere", {}),
    ],
)
def test_the_data_is_what_its_path_finds(payload, path, data):
    assert read(payload, {"type": {"value": "a.b"}, "data": path})[0].data == data


def test_a_payload_that_is_used_stays_as_it_was():
    payload = {"payload": {"x": 1}}
    read(payload, {"type": {"value": "a.b"}, "name": {"value": "n"}})
    assert payload == {"payload": {"x": 1}}


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"type": ""},
        {"type": "a..b"},
        {"type": ".".join("a" * 17)},
        {"type": {"path": "a", "value": "b"}},
        {"type": {"map": {}}},
        {"type": "a", "severity": {"value": "fatal"}},
        {"type": "a", "severity": {"path": "a", "map": {"x": "fatal"}}},
        {"type": "a", "host": "b"},
        {"type": "a", "hosts": []},
        {"type": "a", "hosts": ["all"]},
        {"type": "a", "hosts": [{"path": "a", "label": "b"}]},
        {"type": "a", "data": {"value": {}}},
    ],
)
def test_wrong_settings_do_not_pass_the_schema(settings):
    assert not Draft202012Validator(SCHEMA).is_valid(settings)


ATTRIBUTES = ("id", "subject", "severity", "hosts", "dedup_key", "time", "name", "data")
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.fixed_dictionaries({"type": VALUES | st.just("alert.firing")} | dict.fromkeys(ATTRIBUTES, VALUES)))
def test_whatever_comes_is_an_event_or_does_not_fit_or_is_refused(found):
    try:
        events = read({"p": found}, {name: f"p.{name}" for name in found})
    except InvalidEvent:
        return
    assert events is None or [event.type for event in events] == [found["type"]]


@pytest.mark.parametrize("payload", [{"hostname": "web-02"}, {"host": None}, {"host": ""}, {"host": []}])
def test_an_event_without_the_host_that_was_expected_cannot_be_read(payload):
    """It would be about no host, and run on the controller."""
    with pytest.raises(NamesNoHost, match="hosts: nothing is at host, where its host is expected"):
        read(payload, {"type": {"value": "alert.firing"}, "hosts": "host"})
    (event,) = read(payload, {"type": {"value": "alert.firing"}, "hosts": {"path": "host", "optional": True}})
    assert event.hosts == ()


@pytest.mark.parametrize(
    ("body", "hosts"),
    [
        ({"host": "web-01:9100"}, ("web-01",)),
        ({"url": "https://web-01/x"}, ("web-01",)),
        ({"labels": {"host": "web-01"}, "host": "web-99"}, ("web-01",)),
        ({"labels": {"InstanceId": "i-1"}}, ("web-02",)),
        ({"host": ["web-99", "web-01"]}, ("web-99", "web-01")),
        ({"host": "web-99"}, ("web-99",)),
        ({"labels": ["host"]}, ()),
        ({}, ()),
    ],
)
def test_rules_lead_to_the_host(body, hosts):
    rules = [
        {"path": "payload.host", "strip_port": True},
        {"path": "payload.url", "from_url": True},
        {"label": "host"},
        {"hostvar": "instance_id", "label": "InstanceId"},
        "none",
    ]
    context = replace(CONTEXT, inventory=Snapshot({"web-01": {}, "web-02": {"instance_id": "i-1"}}))
    for payload in ({"payload": body}, {"payload": json.dumps(body)}):
        [event] = read(payload, {"type": {"value": "a.b"}, "hosts": rules}, context)
        assert event.hosts == hosts
    if not hosts:
        with pytest.raises(NoHost, match="none of the path payload.host, .* leads to a host"):
            read({"payload": body}, {"type": {"value": "a.b"}, "hosts": rules[:-1]}, context)


def test_a_rule_takes_no_jsonpath():
    with pytest.raises(ValueError, match=r"adapter.generic.hosts\[1\].path: must be a dotted path in a list of rules, got '\$.payload.host'"):
        read_settings({"payload": {}}, {"generic": {"type": {"value": "a.b"}, "hosts": ["none", {"path": "$.payload.host"}]}})
