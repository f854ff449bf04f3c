# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is nested more deeply than an event may be is left out by its field."""

from __future__ import annotations

from ansible_collections.eventops.infra.plugins.plugin_utils.nesting import MAX_DEPTH, ensure_shallow
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.shallow import LEFT_OUT, MAX_FIELD_DEPTH, shallow

from .making import created, flat, updated


def nested(levels: int) -> object:
    value: object = 1
    for number in range(levels):
        value = {"a": value} if number % 2 else [value]
    return value


def test_a_field_that_is_too_deep_is_a_text_and_the_others_stay():
    deepest = nested(MAX_FIELD_DEPTH)
    found = shallow({"name": "web01", "custom_fields": deepest, "config_context": nested(MAX_FIELD_DEPTH + 1), "tags": []})
    assert found == {"name": "web01", "custom_fields": deepest, "config_context": LEFT_OUT, "tags": []}
    ensure_shallow({"object": found}, MAX_DEPTH)


def test_a_change_of_what_is_too_deep_is_one():
    change = updated(2, {"local_context_data": nested(80)}, {"local_context_data": nested(81)})
    assert change.changed == ("local_context_data",)
    assert change.before["local_context_data"] == change.after["local_context_data"] == LEFT_OUT
    assert created(local_context_data=nested(900)).after == flat(local_context_data=LEFT_OUT)
