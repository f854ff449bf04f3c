# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.received import RECEIVED
from ansible_collections.eventops.infra.plugins.plugin_utils.event import InvalidEvent
from hypothesis import given
from hypothesis import strategies as st

from .examples import EXAMPLES, read

GROUP = EXAMPLES["grafana"].payload["payload"]
ALERT = GROUP["alerts"][0]


def events(*changes, settings=None, **group):
    return read({"body": {**GROUP, **group, "alerts": [{**ALERT, **change} for change in changes]}}, {"grafana": settings or {}})


def test_values_and_ways_to_the_panel_are_kept():
    [event] = events({"imageURL": "https://grafana.example.com/i.png"}, orgId=2)
    assert event.data["value"] == {"A": 97.5, "C": 1}
    assert (event.data["panel_url"], event.data["image_url"], event.data["org_id"]) == (ALERT["panelURL"], "https://grafana.example.com/i.png", 2)
    assert event.data["monitor"] == "grafana"


@pytest.mark.parametrize("change", [{"values": None, "dashboardURL": "", "panelURL": 5}, {"values": {}}, {"values": [1]}])
def test_what_an_alert_has_no_value_for_is_absent(change):
    [event] = events({"dashboardURL": "", "panelURL": None, **change})
    assert not {"value", "dashboard_url", "panel_url"} & event.data.keys()


def test_firing_and_resolved_are_one_problem():
    firing, resolved = events({}, {"status": "resolved", "endsAt": "2026-01-31T12:10:00Z", "values": None})
    assert firing.dedup_key == resolved.dedup_key and (resolved.type, resolved.time) == ("alert.resolved", "2026-01-31T12:10:00Z")


def test_organisations_origins_and_an_alertmanager_may_call_problems_alike():
    of_alertmanager = read({"payload": {**GROUP, "version": "4", "alerts": [ALERT]}}, "alertmanager")
    berlin, oslo = {"settings": {"origin": "berlin"}}, {"settings": {"origin": "oslo"}}
    variants = [{}, {"orgId": 2}, {"orgId": None}, berlin, oslo, {"orgId": 2, **oslo}]
    keys = []
    for variant in variants:
        firing, resolved = events({}, {"status": "resolved", "endsAt": "2026-01-31T12:10:00Z"}, **variant)
        assert firing.dedup_key == resolved.dedup_key
        keys.append(firing.dedup_key)
    assert len({*keys, of_alertmanager[0].dedup_key}) == len(variants) + 1


@pytest.mark.parametrize("organisation", [True, "1", None, 2**80, [1]])
def test_an_organisation_that_is_none_is_asked_of_the_alert(organisation):
    [event] = events({"orgId": 7}, orgId=organisation)
    assert event.data["org_id"] == 7 and event.dedup_key == events({}, orgId=7)[0].dedup_key
    [event] = events({"orgId": organisation}, orgId=organisation)
    assert "org_id" not in event.data


ORIGINS = st.sampled_from([None, "berlin", "oslo"])
FINGERPRINTS = st.sampled_from(["0123456789abcdef", "fedcba9876543210", ""])
PROBLEMS = st.tuples(st.sampled_from([1, 2, 12]), ORIGINS, FINGERPRINTS, st.text("a/%", min_size=1, max_size=3))


@given(PROBLEMS, PROBLEMS)
def test_two_problems_never_share_a_key(one, other):
    def key(status, organisation, origin, fingerprint, name):
        change = {"status": status, "fingerprint": fingerprint, "labels": {"alertname": name, "host": "web-01"}}
        return events(change, settings={"origin": origin} if origin else {}, orgId=organisation)[0].dedup_key

    assert (key("firing", *one) == key("resolved", *other)) == (one == other)


@pytest.mark.parametrize("name", ["DatasourceNoData", "DatasourceError"])
def test_a_data_source_that_says_nothing_is_an_alert_of_its_own(name):
    silent = {"labels": {"alertname": name, "rulename": "DiskFull", "datasource_uid": "p1", "ref_id": "A"}, "fingerprint": "0123456789abcdef"}
    of_a_host, without = events({}, silent)
    assert without.type == RECEIVED, "nothing that is meant for a host runs on the controller"
    [event] = events(silent, settings={"hosts": [{"label": "host"}, "none"]})
    assert (event.data["name"], event.data["rule"], event.hosts) == (name, "DiskFull", ())
    assert event.dedup_key != of_a_host.dedup_key


def test_alertmanagers_webhook_has_its_own_adapter():
    with pytest.raises(InvalidEvent, match="alertmanager sends that: take the adapter alertmanager"):
        read({"payload": {**GROUP, "version": "4"}}, "grafana")
