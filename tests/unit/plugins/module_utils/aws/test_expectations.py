# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an answer must hold is found by its path, and compared with its kind."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.module_utils.aws.expectations import InvalidPath, steps, unmet
from hypothesis import given
from hypothesis import strategies as st

ANSWER = {"state": "drained", "count": 1, "done": True, "body": {"items": [{"id": "a"}, {"id": "b"}], "none": None}}
KEYS = st.text(st.characters(exclude_characters=".[]$", exclude_categories=["Cs"]), min_size=1, max_size=5)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("state", ["state"]),
        ("body.items[0].id", ["body", "items", 0, "id"]),
        ("a[1][2]", ["a", 1, 2]),
        ("status-code", ["status-code"]),
        ("$", []),
    ],
)
def test_a_path_leads_through_mappings_and_lists(path, expected):
    assert steps(path) == expected


@pytest.mark.parametrize("path", ["", ".", "a.", ".a", "a..b", "[0]", "a[b]", "a[-1]", "a[0", "a]", "a[1234567890]"])
def test_what_is_no_path_is_refused(path):
    with pytest.raises(InvalidPath, match="expected a path such as"):
        steps(path)


@pytest.mark.parametrize(
    "expected",
    [
        {},
        {"state": "drained", "count": 1, "done": True},
        {"count": 1.0},
        {"body.items[1].id": "b", "body.none": None},
        {"body.items": [{"id": "a"}, {"id": "b"}]},
        {"$": ANSWER},
    ],
)
def test_an_answer_that_holds_it_is_as_expected(expected):
    assert unmet(ANSWER, expected) == []


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ({"state": "gone"}, 'state should be "gone" and is "drained"'),
        ({"count": True}, "count should be true and is 1"),
        ({"done": 1}, "done should be 1 and is true"),
        ({"count": "1"}, 'count should be "1" and is 1'),
        ({"body.items[2].id": "c"}, 'body.items[2].id should be "c" and is not there'),
        ({"body.none": False}, "body.none should be false and is null"),
        ({"state.of": "x"}, 'state.of should be "x" and is not there'),
        ({"body[0]": 1}, "body[0] should be 1 and is not there"),
        ({"body.items[0]": {"id": "a", "x": 1}}, 'body.items[0] should be {"id": "a", "x": 1} and is {"id": "a"}'),
    ],
)
def test_what_is_missing_or_otherwise_is_said(expected, said):
    assert unmet(ANSWER, expected) == [said]


@pytest.mark.parametrize("answer", [None, "", "text", 1, []])
def test_an_answer_that_is_no_mapping_holds_nothing(answer):
    assert unmet(answer, {"state": "drained"}) == ['state should be "drained" and is not there']


def test_a_long_value_is_shortened():
    (said,) = unmet({"a": "x" * 1000}, {"a": "y"})
    assert len(said) < 200


@given(st.lists(KEYS | st.integers(0, 3), min_size=1, max_size=5), st.integers() | st.text() | st.booleans() | st.none())
def test_whatever_is_there_is_found_by_its_path(way, value):
    way = ["first", *way]
    answer = value
    for step in reversed(way):
        answer = [None] * step + [answer] if isinstance(step, int) else {step: answer}
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in way)[1:]

    assert unmet(answer, {path: value}) == []
    assert len(unmet(answer, {path: [value]})) == 1
