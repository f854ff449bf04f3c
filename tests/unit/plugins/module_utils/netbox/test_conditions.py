# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which conditions NetBox can evaluate, and which it takes for the same."""

from __future__ import annotations

import copy
import random

import pytest
from ansible_collections.eventops.infra.plugins.module_utils.netbox.conditions import canonical, mistakes
from hypothesis import given
from hypothesis import strategies as st

HAS_ADDRESS = {"attr": "primary_ip4", "value": None, "negate": True}
IS_ACTIVE = {"attr": "status.value", "value": "active"}

values = st.none() | st.booleans() | st.integers(-5, 5) | st.text("ab", max_size=3) | st.lists(st.text("ab", max_size=2), max_size=2)
single = st.fixed_dictionaries({"attr": st.sampled_from(["name", "status.value"]), "value": values}, optional={"op": st.just("eq"), "negate": st.booleans()})
conditions = st.recursive(single, lambda inside: st.dictionaries(st.sampled_from(["and", "or"]), st.lists(inside, min_size=1), min_size=1, max_size=1))


@pytest.mark.parametrize(
    "written",
    [
        None,
        {},
        IS_ACTIVE,
        {"and": [HAS_ADDRESS, IS_ACTIVE]},
        {"or": [{"and": [HAS_ADDRESS, IS_ACTIVE]}, {"attr": "name", "op": "regex", "value": "^web"}]},
        {"attr": "status.value", "op": "in", "value": ["active", "staged"]},
        {"attr": "vcpus", "op": "gte", "value": 2.5},
        {"attr": "tags.slug", "op": "contains", "value": "managed"},
        {"attr": "status", "op": "changed"},
    ],
)
def test_what_netbox_evaluates_is_no_mistake(written: object) -> None:
    assert mistakes(written) == []


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ([IS_ACTIVE], "conditions: must be a mapping"),
        ({"AND": [IS_ACTIVE]}, 'got the key "AND"'),
        ({"not": [IS_ACTIVE]}, 'got the key "not"'),
        ({"and": IS_ACTIVE}, "conditions.and: must be a list of at least one condition"),
        ({"and": []}, "conditions.and: must be a list of at least one condition"),
        ({"and": [IS_ACTIVE, "x"]}, 'conditions.and[1]: must be a condition, got "x"'),
        ({"and": [IS_ACTIVE], "or": [IS_ACTIVE]}, "and no and, or"),
        ({"and": [{"or": [{"attr": "a", "value": 1, "neg": True}]}]}, "conditions.and[0].or[0]: a condition has attr, op, value, negate, and no neg"),
        ({"attr": "a"}, "conditions.value: is missing"),
        ({"attr": "", "value": 1}, "conditions.attr: must be the path of a field"),
        ({"value": 1}, "conditions.attr: must be the path of a field"),
        ({"attr": "a", "op": "ne", "value": 1}, "conditions.op: must be one of eq, gt,"),
        ({"attr": "a", "value": 1, "negate": "yes"}, 'conditions.negate: must be true or false, got "yes"'),
        ({"attr": "a", "op": "gt", "value": "2"}, 'conditions.value: gt cannot be asked of "2"'),
        ({"attr": "a", "op": "gt", "value": True}, "conditions.value: gt cannot be asked of true"),
        ({"attr": "a", "op": "in", "value": "active"}, 'conditions.value: in cannot be asked of "active"'),
        ({"attr": "a", "value": {"b": 1}}, "conditions.value: eq cannot be asked of"),
        ({"attr": "a", "op": "changed", "value": 1}, "conditions.value: changed takes none"),
    ],
)
def test_a_mistake_is_told_with_its_place(written: object, said: str) -> None:
    (mistake,) = mistakes(written)

    assert said in mistake


def test_all_mistakes_are_told_at_once() -> None:
    assert len(mistakes({"and": [{"attr": ""}, {"attr": "a", "op": "ne", "value": 1, "negate": 3}]})) == 4


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"and": [HAS_ADDRESS, IS_ACTIVE]}, {"and": [IS_ACTIVE, HAS_ADDRESS]}),
        ({"and": [IS_ACTIVE]}, IS_ACTIVE),
        ({"or": [IS_ACTIVE, IS_ACTIVE]}, IS_ACTIVE),
        ({**IS_ACTIVE, "op": "eq", "negate": False}, IS_ACTIVE),
        (dict(reversed(HAS_ADDRESS.items())), HAS_ADDRESS),
        ({}, None),
    ],
)
def test_what_means_the_same_is_the_same(one: object, other: object) -> None:
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"and": [HAS_ADDRESS, IS_ACTIVE]}, {"or": [HAS_ADDRESS, IS_ACTIVE]}),
        ({**IS_ACTIVE, "negate": True}, IS_ACTIVE),
        ({**IS_ACTIVE, "op": "contains"}, IS_ACTIVE),
        ({"attr": "a", "op": "in", "value": ["x", "y"]}, {"attr": "a", "op": "in", "value": ["y", "x"]}),
        (IS_ACTIVE, None),
    ],
)
def test_what_means_something_else_differs(one: object, other: object) -> None:
    assert canonical(one) != canonical(other)


@given(conditions, st.randoms(use_true_random=False))
def test_the_order_within_groups_and_written_out_defaults_change_nothing(written: dict, chance: random.Random) -> None:
    assert canonical(_rewritten(copy.deepcopy(written), chance)) == canonical(written)


@given(conditions)
def test_the_canonical_form_is_its_own(written: dict) -> None:
    assert canonical(canonical(written)) == canonical(written)


def _rewritten(written: dict, chance: random.Random) -> dict:
    if "attr" in written:
        return {"op": "eq", "negate": False} | written
    ((logic, members),) = written.items()
    chance.shuffle(members)
    return {logic: [_rewritten(member, chance) for member in members]}
