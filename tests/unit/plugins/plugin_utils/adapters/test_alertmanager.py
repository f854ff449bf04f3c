# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.received import RECEIVED, UNREAD
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.several import MAX_PARTS
from ansible_collections.eventops.infra.plugins.plugin_utils.event import InvalidEvent
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Snapshot
from hypothesis import given
from hypothesis import strategies as st

from .examples import CONTEXT, EXAMPLES, read

GROUP = EXAMPLES["alertmanager"].payload["payload"]
ALERT = GROUP["alerts"][0]


def events(*changes, settings=None, inventory=None, **group):
    payload = {"payload": {**GROUP, "alerts": [{**ALERT, **change} for change in changes], **group}}
    context = CONTEXT if inventory is None else replace(CONTEXT, inventory=inventory)
    return read(payload, {"alertmanager": settings or {}}, context)


def labels(**changes):
    return {"labels": {**ALERT["labels"], **changes}}


def test_each_alert_counts_by_its_own_status():
    firing, resolved = events({}, {"status": "resolved", "endsAt": "2026-01-31T12:05:00Z"}, status="firing")
    assert (firing.type, firing.time) == ("alert.firing", "2026-01-31T12:00:00.123000Z")
    assert (resolved.type, resolved.time, resolved.data["ends_at"]) == ("alert.resolved", "2026-01-31T12:05:00Z", "2026-01-31T12:05:00Z")
    assert firing.dedup_key == resolved.dedup_key
    assert "ends_at" not in firing.data


@pytest.mark.parametrize(
    "put",
    [lambda group: {"payload": group, "meta": {}}, lambda group: {"body": json.dumps(group), "meta": {}}, lambda group: {**group, "meta": {}}],
)
def test_beside_an_event_is_its_own_alert_alone(put):
    """Rules that were written for the payload go on matching, and a storm is not kept as its square."""
    two = [ALERT, {**ALERT, "labels": {"alertname": "B", "host": "b"}, "fingerprint": ""}]
    for alert, event in zip(two, read(put({**GROUP, "alerts": two}), "alertmanager")):
        assert event.extra["meta"] == {}
        assert next((event.extra[key] for key in ("payload", "body") if key in event.extra), event.extra)["alerts"] == [alert]
    [event] = read(put({**GROUP, "alerts": two[:1]}), "alertmanager")
    assert event.extra == put({**GROUP, "alerts": two[:1]})


def test_a_storm_is_read_in_time():
    payload = {"payload": {**GROUP, "alerts": [ALERT] * MAX_PARTS}}
    started = time.process_time()
    assert len(read(payload, "alertmanager")) == MAX_PARTS
    assert time.process_time() - started < 5
    with pytest.raises(InvalidEvent, match="alerts: must be at most 5000 at once, got 5001"):
        events(*[{}] * (MAX_PARTS + 1))


@pytest.mark.parametrize("given", [None, "", "abc", "E8A3BFEEE1A6AD4D", "e8a3bfeee1a6ad4d\n", 5])
def test_a_fingerprint_that_is_none_is_made_of_the_labels_in_any_order(given):
    turned = {"fingerprint": given, "labels": dict(reversed(ALERT["labels"].items()))}
    first, second = events({"fingerprint": given}, turned)
    assert first.data["fingerprint"] == second.data["fingerprint"] != given
    assert events({"fingerprint": given, **labels(job="other")})[0].dedup_key != first.dedup_key


def test_a_pair_for_high_availability_and_a_repetition_are_of_one_problem():
    first, second = events({}), events({}, externalURL="http://monitor-2:9093", receiver="other")
    assert first[0].dedup_key == second[0].dedup_key


def test_several_that_know_nothing_of_each_other_have_problems_of_their_own():
    plain, berlin, oslo = (events({}, settings=settings)[0] for settings in ({}, {"origin": "berlin"}, {"origin": "oslo"}))
    assert plain.data["fingerprint"] == ALERT["fingerprint"]
    assert len({event.dedup_key for event in (plain, berlin, oslo)}) == 3
    assert events({"status": "resolved"}, settings={"origin": "berlin"})[0].dedup_key == berlin.dedup_key


@pytest.mark.parametrize("origin", ["", 5, "x" * 101])
def test_an_origin_is_a_short_text(origin):
    with pytest.raises(ValueError, match="adapter.alertmanager.origin: must"):
        events({}, settings={"origin": origin})


@pytest.mark.parametrize(
    ("instance", "host"),
    [("web-01:9100", "web-01"), ("web-01", "web-01"), ("192.0.2.1:9100", "192.0.2.1"), ("[2001:db8::1]:9100", "2001:db8::1"), ("2001:db8::1", "2001:db8::1")],
)
def test_an_instance_has_a_port_or_none(instance, host):
    assert events(labels(instance=instance))[0].hosts == (host,)


def test_the_rulebook_says_where_the_host_is():
    inventory = Snapshot({"web-01": {"prometheus_instance": "10.0.0.1:9100"}})
    rules = {"hosts": [{"label": "host"}, {"label": "instance", "strip_port": True}, {"hostvar": "prometheus_instance"}]}
    [event] = events(labels(instance="10.0.0.1:9100"), settings=rules, inventory=inventory)
    assert event.hosts == ("web-01",)
    [event] = events({}, settings={"hosts": [{"path": "annotations.summary"}]})
    assert event.hosts == ("nginx is down",)


def test_an_alert_without_a_host_loses_no_other():
    homeless = {"labels": {"alertname": "Watchdog"}}
    good, kept = events({}, homeless)
    assert (good.type, kept.type, kept.data["labels"]) == ("alert.firing", RECEIVED, homeless["labels"])
    assert kept.extra[UNREAD].startswith("alerts[1]: hosts: none of the label host, the label instance leads to a host")
    with pytest.raises(InvalidEvent, match=r"^alerts\[0\]: hosts: none of .* \(and 1 more"):
        events(homeless, homeless)
    assert [event.hosts for event in events(homeless, settings={"hosts": [{"label": "host"}, "none"]})] == [()]


@pytest.mark.parametrize(
    ("word", "settings", "severity"),
    [
        ("critical", {}, "critical"),
        ("page", {}, "critical"),
        ("page", {"severity": {"map": {"page": "error"}}}, "error"),
        ("P1", {"severity": {"map": {"P1": "critical"}}}, "critical"),
        ("strange", {}, "warning"),
    ],
)
def test_severities(word, settings, severity):
    assert events(labels(severity=word), settings=settings)[0].severity == severity
    assert events(labels(level=word, severity="info"), settings={"severity": {"label": "level", **settings.get("severity", {})}})[0].severity == severity


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "yesterday", "", None, 5, "0001-01-01T00:00:00+02:00"])
def test_a_time_that_is_none_is_no_reason_to_refuse_an_alert(at):
    [event] = events({"startsAt": at})
    assert event.time == CONTEXT.received_at and "starts_at" not in event.data


def test_a_long_text_of_the_group_is_no_alerts_burden():
    assert events({}, groupKey="g" * 1024)[0].data["group_key"] == "g" * 1024
    assert {"group_key", "external_url", "receiver"}.isdisjoint(events({}, groupKey="g" * 1025, externalURL="u" * 2000, receiver="r" * 2000)[0].data)


def test_alerts_that_were_left_out_are_counted():
    assert events({}, truncatedAlerts=7)[0].data["truncated_alerts"] == 7
    assert "truncated_alerts" not in events({})[0].data


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"status": "pending"}, r"alerts\[0\]: status: must be firing or resolved, got the string 'pending'"),
        ({"labels": None}, r"alerts\[0\]: labels: must be an object of texts, got nothing"),
        ({"labels": {"a": 1}}, r"alerts\[0\]: labels: must be an object of texts, got 1 as the string 'a'"),
        ({"annotations": []}, None),
        ({"annotations": [1]}, r"alerts\[0\]: annotations"),
    ],
)
def test_what_is_broken_is_named(change, message):
    if message is None:
        assert events(change)
        return
    with pytest.raises(InvalidEvent, match=message):
        events(change)


def test_other_versions_and_empty_groups_are_refused():
    with pytest.raises(InvalidEvent, match="version: must be the text '4' of alertmanager's webhook, got the string '5'"):
        events({}, version="5")
    with pytest.raises(InvalidEvent, match="alerts: must not be empty"):
        events()


LABELS = st.dictionaries(st.sampled_from(["alertname", "host", "job", "a", "b"]) | st.text(max_size=3), st.text(max_size=5), max_size=5)


@given(LABELS, LABELS, st.booleans())
def test_two_problems_never_share_a_key(one, other, firing):
    """Also where the labels of one are those of the other with a border moved."""
    settings = {"hosts": ["none"]}
    status = {"status": "firing" if firing else "resolved", "fingerprint": ""}
    [first], [second] = events({"labels": one, **status}, settings=settings), events({"labels": other, "fingerprint": ""}, settings=settings)
    assert (first.dedup_key == second.dedup_key) == (one == other)
