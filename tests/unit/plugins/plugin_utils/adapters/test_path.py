# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import json

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.path import found_at
from hypothesis import given
from hypothesis import strategies as st

PAYLOAD = {
    "payload": {
        "alerts": [{"host": "web-01", "labels": {"app.kubernetes.io/name": "shop", "app": {"tier": "front"}}}],
        "0": "zero",
        "Message": json.dumps({"AlarmName": "CPU", "Dimensions": [{"name": "InstanceId"}]}),
        "text": "plain",
        "nothing": None,
    }
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("payload.alerts.0.host", "web-01"),
        ("payload.0", "zero"),
        ("payload.alerts.0.labels.app.kubernetes.io/name", "shop"),
        ("payload.alerts.0.labels.app.tier", "front"),
        ("payload.Message.AlarmName", "CPU"),
        ("payload.Message.Dimensions.0.name", "InstanceId"),
        ("payload.text", "plain"),
        ("payload.text.more", None),
        ("payload.alerts.1.host", None),
        ("payload.alerts.-1.host", None),
        ("payload.alerts.x", None),
        ("payload.alerts.٠", None),
        ("payload.alerts.99999999999999999999", None),
        ("payload.nothing", None),
        ("payload.nothing.more", None),
        ("elsewhere", None),
    ],
)
def test_a_path_leads_to_a_value_or_to_nothing(path, found):
    assert found_at(PAYLOAD, path) == found


KEYS = st.text(alphabet="ab.0", min_size=1, max_size=3)


@given(st.lists(KEYS, min_size=1, max_size=5))
def test_every_value_is_found_whatever_dots_its_keys_hold(keys):
    value: object = "here"
    for key in reversed(keys):
        value = {key: value}
    assert found_at(value, ".".join(keys)) == "here"


@given(st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=10), st.text(alphabet="ab.0"))
def test_no_payload_makes_a_path_fail(value, path):
    found_at(value, path)
