# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import json
from dataclasses import replace

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event, kind_of

EVENT = Event("e-1", "monitors", "alert.firing", "web-01", "2026-01-31T12:00:00Z", "error", ("web-01",), "alert/Down/web-01", {"name": "Down"}, {"payload": 1})


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        ("alert.firing", "incident"),
        ("alert.resolved", "incident"),
        ("log.matched", "incident"),
        ("request.infra.provision", "request"),
        ("netbox.device.created", "change"),
        ("case.exhausted", "change"),
        ("alerting", "change"),
    ],
)
def test_the_kind_of_a_case_follows_the_type(type_, kind):
    assert kind_of(type_) == kind


def test_what_is_declared_is_kept_and_shown_to_nobody():
    connections = {"web-01": {"ansible_host": "192.0.2.1"}}
    event = replace(EVENT, connections=connections)
    assert event.to_mapping() == EVENT.to_mapping()
    assert Event.from_stored(json.loads(json.dumps(event.to_stored()))) == event
    assert event.with_content({}, {}).connections == connections


def test_what_is_to_wait_is_kept_and_shown_to_nobody():
    event = replace(EVENT, not_before=1_769_860_800.5)
    assert event.to_mapping() == EVENT.to_mapping()
    assert Event.from_stored(json.loads(json.dumps(event.to_stored()))) == event
