# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What we wrote ourselves is known again, and nothing else is taken for it."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.own_changes import OwnFields, is_own
from hypothesis import given
from hypothesis import strategies as st

from .making import created, deleted, updated

OWN = OwnFields("state", frozenset({"healed", "failed"}))
FIELDS = st.dictionaries(st.sampled_from(["state", "zone"]), st.sampled_from(["a", "b"]))
TAGS = st.lists(st.sampled_from(["healed", "failed", "db", "web"]), unique=True)


@given(FIELDS, FIELDS, TAGS, TAGS)
def test_a_change_is_ours_when_nothing_of_others_differs(fields_before, fields_after, tags_before, tags_after):
    change = updated(1, {"custom_fields": fields_before, "tags": tags_before}, {"custom_fields": fields_after, "tags": tags_after, "last_updated": "x"})
    others = fields_before.get("zone") != fields_after.get("zone") or {"db", "web"} & {*tags_before} != {"db", "web"} & {*tags_after}
    assert is_own(change, OWN) is not bool(others)


@pytest.mark.parametrize("field", ["comments", "status", "name", "primary_ip4"])
def test_any_other_field_makes_it_somebody_elses(field):
    assert not is_own(updated(1, {"tags": []}, {"tags": ["healed"], field: "x"}), OWN)


def test_what_is_created_or_deleted_never_is():
    assert not is_own(created(1, tags=["healed"]), OWN) and not is_own(deleted(1, tags=["healed"]), OWN)


def test_where_nothing_is_ours_every_change_is_somebody_elses():
    assert not is_own(updated(1, {"custom_fields": {"state": "a"}}, {"custom_fields": {"state": "b"}}), OwnFields())
    assert not is_own(updated(1, {"tags": []}, {"tags": ["healed"]}), OwnFields())
    assert is_own(updated(1, {"custom_fields": None, "tags": None}, {"custom_fields": {}, "tags": []}), OwnFields())
