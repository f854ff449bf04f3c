# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import copy
import datetime
import json
import math
from collections import OrderedDict

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.nesting import MAX_DISPATCH_DEPTH, TooDeep
from ansible_collections.eventops.infra.plugins.plugin_utils.neutralize import neutralize
from hypothesis import given
from hypothesis import strategies as st


def test_a_clean_value_is_copied_and_said_to_be_unchanged():
    value = {"a": [1, 2.5, None, True, "{x: 1}", {"b": 2**63 - 1, "c": -(2**63)}]}
    cleaned, changed = neutralize(value)
    assert cleaned == value and not changed
    cleaned["a"][5]["b"] = 0
    assert value["a"][5]["b"] == 2**63 - 1


def test_every_text_and_key_is_cleaned_however_nested():
    value = {"a": [{"b": ["{{ x }}"]}], "{{ k }}": 1}
    assert neutralize(value) == ({"a": [{"b": ["｛{ x }}"]}], "｛{ k }}": 1}, True)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (math.nan, "NaN"),
        (math.inf, "Infinity"),
        (-math.inf, "-Infinity"),
        (2**63, "9223372036854775808"),
        (-(2**63) - 1, "-9223372036854775809"),
    ],
)
def test_numbers_that_the_engine_cannot_hold_become_text(number, text):
    assert neutralize([number]) == ([text], True)


def test_a_number_too_long_for_decimal_digits_becomes_text_too():
    assert neutralize([16**5000]) == (["0x1" + "0" * 5000], True)


def test_an_empty_key_gets_a_name():
    assert neutralize({"": 1}) == ({"_": 1}, True)


def test_keys_that_become_the_same_stay_apart_and_clean_ones_keep_their_name():
    value = {"": 1, "a{": 2, "_": 3, "_2": 4, "a｛": 5, "\U0001f600": 6, "\U0001f601": 7}
    cleaned, changed = neutralize(value)
    assert changed
    assert cleaned == {"__2": 1, "a｛_2": 2, "_": 3, "_2": 4, "a｛": 5, "\ufffd": 6, "\ufffd_2": 7}
    assert list(cleaned.values()) == [1, 2, 3, 4, 5, 6, 7]


def test_thousands_of_colliding_keys_are_told_apart_in_passable_time():
    value = {chr(0x10000 + number): number for number in range(50_000)}
    cleaned, _changed = neutralize(value)
    assert list(cleaned.values()) == list(range(50_000))


def test_what_no_json_parser_makes_becomes_json():
    class Marked(str):
        """As Ansible's tagged strings are."""

    value = {"a": (1, 2), "b": b"{{ x }}", "c": datetime.date(2026, 1, 31), "d": Marked("{{ x }}"), Marked("e"): {"z"}, "f": OrderedDict(g=1)}
    cleaned, changed = neutralize(value)
    assert changed
    assert cleaned == {"a": [1, 2], "b": "｛{ x }}", "c": "2026-01-31", "d": "｛{ x }}", "e": "{'z'}", "f": {"g": 1}}
    assert {type(key) for key in cleaned} == {str}
    assert cleaned["d"].__class__ is str and cleaned["f"].__class__ is dict


def test_keys_that_are_no_text_are_written_as_json_does():
    assert neutralize({2: 0, 2.5: 0, None: 0, False: 0, 2**70: 0})[0].keys() == {"2", "2.5", "null", "false", str(2**70)}
    assert neutralize({1: "number", "1": "text"})[0] == {"1_2": "number", "1": "text"}


def test_too_deep_a_value_is_refused_with_a_clear_error():
    value: object = "x"
    for _level in range(MAX_DISPATCH_DEPTH):
        value = [value]
    assert neutralize(value) == (value, False)
    with pytest.raises(TooDeep, match=f"at most {MAX_DISPATCH_DEPTH} levels"):
        neutralize([value])
    with pytest.raises(TooDeep):
        neutralize({"a": [value]})


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=2**62, max_value=2**66)
    | st.floats()
    | st.text(alphabet=st.characters(exclude_categories=()))
    | st.text(alphabet="{%#$\\ '\U0001f600\ud800_2", max_size=3)
)
KEYS = st.text(max_size=3) | st.text(alphabet="{#_2\U0001f600\U0001f601", max_size=3)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6), max_leaves=20)


def leaves(value):
    if isinstance(value, dict):
        for key, item in value.items():
            yield key, True
            yield from leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item)
    else:
        yield value, False


@given(VALUES)
def test_the_engine_can_hold_every_neutralised_value(value):
    before = copy.deepcopy(value)
    cleaned, changed = neutralize(value)
    assert repr(value) == repr(before)
    assert len(list(leaves(cleaned))) == len(list(leaves(value)))
    for leaf, is_key in leaves(cleaned):
        if isinstance(leaf, str):
            assert leaf or not is_key
            assert "{{" not in leaf and "{%" not in leaf and "{#" not in leaf and not leaf.startswith("#")
            assert all(character <= "\uffff" for character in leaf)
            leaf.encode()
        elif isinstance(leaf, int):
            assert -(2**63) <= leaf < 2**63
        elif isinstance(leaf, float):
            assert math.isfinite(leaf)
    assert json.loads(json.dumps(cleaned, allow_nan=False)) == cleaned
    if not changed:
        assert cleaned == value


@given(VALUES)
def test_neutralising_twice_changes_nothing_more(value):
    once, _changed = neutralize(value)
    assert neutralize(once) == (once, False)
