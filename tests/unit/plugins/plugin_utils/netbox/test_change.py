# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Rows of the change log, as they are read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.change import as_text, by_type, change_of, time_of
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.errors import NetBoxUnavailable
from hypothesis import given
from hypothesis import strategies as st

ROW = {
    "id": 7,
    "time": "2026-11-20T20:35:01.000002Z",
    "user": {"id": 1, "username": "admin"},
    "user_name": "admin",
    "request_id": "0f74e87b",
    "action": {"value": "update", "label": "Updated"},
    "changed_object_type": "dcim.device",
    "changed_object_id": 3,
    "object_repr": "sw1",
    "prechange_data": {"name": "sw1", "status": "active", "tags": []},
    "postchange_data": {"name": "sw1", "status": "offline", "rack": 4},
}


def test_a_row_is_read():
    change = change_of(ROW)
    assert (change.id, change.key, change.action, change.name) == (7, ("dcim.device", 3), "updated", "sw1")
    assert change.time == datetime(2026, 11, 20, 20, 35, 1, 2, UTC)
    assert (change.username, change.request_id, change.changed) == ("admin", "0f74e87b", ("rack", "status", "tags"))


@pytest.mark.parametrize("fields", [{"user_name": None}, {"user_name": ""}])
def test_who_changed_it_is_found_in_both_places(fields):
    assert change_of({**ROW, **fields}).username == "admin"
    assert change_of({**ROW, **fields, "user": None}).username == ""


@pytest.mark.parametrize(("fields", "changed"), [({"prechange_data": None}, ()), ({"postchange_data": None}, ())])
def test_what_was_created_or_deleted_has_changed_no_fields(fields, changed):
    assert change_of({**ROW, **fields}).changed == changed


@pytest.mark.parametrize(
    "fields",
    [
        {"id": None}, {"id": "x"}, {"time": None}, {"time": "yesterday"}, {"time": 5}, {"action": "update"}, {"action": None}, {"action": {"value": "renamed"}},
        {"changed_object_id": None}, {"prechange_data": "text"}, {"postchange_data": [1]},
    ],
)  # fmt: skip
def test_what_is_no_row_is_said_clearly(fields):
    with pytest.raises(NetBoxUnavailable, match="a row of its change log cannot be read .* this version of NetBox may be too new or too old"):
        change_of({**ROW, **fields})


@pytest.mark.parametrize("name", ["id", "time", "action", "changed_object_type", "changed_object_id"])
def test_what_a_row_must_have_is_asked_for(name):
    with pytest.raises(NetBoxUnavailable, match=name):
        change_of({key: value for key, value in ROW.items() if key != name})


@given(st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2100, 1, 1)), st.integers(-14, 14))
def test_a_time_is_the_same_when_it_is_written_and_read(naive, hours):
    time = naive.replace(tzinfo=timezone(timedelta(hours=hours)))
    assert time_of(as_text(time)) == time
    assert as_text(time).endswith("Z")
    assert time_of(naive.isoformat()) == naive.replace(tzinfo=UTC)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 5))))
def test_objects_are_grouped_each_once(keys):
    grouped = by_type(keys)
    assert {(kind, number) for kind, numbers in grouped.items() for number in numbers} == set(keys)
    assert all(len(numbers) == len(set(numbers)) for numbers in grouped.values())
