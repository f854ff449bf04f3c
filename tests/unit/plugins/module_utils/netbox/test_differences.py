# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an object has otherwise than it was asked for."""

from __future__ import annotations

from ansible_collections.eventops.infra.plugins.module_utils.netbox.differences import differences
from ansible_collections.eventops.infra.plugins.module_utils.netbox.event_rule import comparable as of_event_rule
from ansible_collections.eventops.infra.plugins.module_utils.netbox.webhook import comparable as of_webhook
from ansible_collections.eventops.infra.plugins.module_utils.netbox.webhook import shown_difference, without_secrets


def test_only_what_was_asked_for_is_looked_at() -> None:
    assert differences({"name": "a", "enabled": True}, {"name": "a"}) == ({}, {})


def test_a_field_that_differs_is_shown_before_and_after() -> None:
    assert differences({"name": "a", "enabled": True}, {"name": "a", "enabled": False}) == ({"enabled": True}, {"enabled": False})


def test_a_choice_is_compared_by_its_value() -> None:
    assert differences({"action_type": {"value": "webhook", "label": "Webhook"}}, {"action_type": "webhook"}) == ({}, {})


def test_a_field_that_this_netbox_does_not_have_differs() -> None:
    assert differences({}, {"enabled": None}) == ({"enabled": None}, {"enabled": None})


def test_the_order_of_types_tags_and_conditions_is_no_difference() -> None:
    existing = {
        "object_types": ["b.b", "a.a"],
        "event_types": ["object_updated", "object_created"],
        "conditions": {"or": [{"attr": "b", "value": 1}, {"attr": "a", "op": "eq", "value": 1}]},
        "tags": [{"id": 2, "slug": "b", "name": "B"}, {"id": 1, "slug": "a", "name": "A"}],
    }
    wanted = {
        "object_types": ["a.a", "b.b"],
        "event_types": ["object_created", "object_updated"],
        "conditions": {"or": [{"attr": "a", "value": 1}, {"attr": "b", "value": 1, "negate": False}]},
        "tags": [{"slug": "a", "name": "A"}, {"slug": "b", "name": "B"}],
    }

    assert differences(existing, wanted, of_event_rule) == ({}, {})


def test_no_ca_file_is_null_in_netbox() -> None:
    assert differences({"ca_file_path": None}, {"ca_file_path": ""}, of_webhook) == ({}, {})


def test_a_secret_is_never_shown() -> None:
    before, after = differences({"secret": "old", "additional_headers": ""}, {"secret": "new", "additional_headers": "Authorization: x"}, of_webhook)

    assert shown_difference({"before": before, "after": after}) == {
        "before": {"secret": "another one", "additional_headers": "none"},
        "after": {"secret": "as given", "additional_headers": "as given"},
    }
    assert without_secrets({"id": 1, "secret": "old", "additional_headers": "x"}) == {"id": 1}
