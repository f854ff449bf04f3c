# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.scaling.measured import Instance, InvalidMeasurement, Measured, read_measured
from hypothesis import given
from hypothesis import strategies as st


def test_the_least_that_a_program_must_say():
    assert read_measured({"desired": 3, "serving": 2}) == Measured(desired=3, serving=2)
    assert read_measured({"desired": 2, "instances": ["a", "b"]}).in_service == ("a", "b")


def test_all_that_a_provider_may_say():
    instances = [
        {"name": "a", "state": "in_service", "healthy": False, "protected": True},
        {"name": "b", "state": "warming", "healthy": True, "protected": False},
        {"name": "c", "state": "starting", "healthy": True, "protected": True},
        {"name": "d", "state": "standby", "healthy": True, "protected": True},
        {"name": "e", "state": "in_service"},
    ]
    others = {"in_progress": "a", "blocked_out": "b", "blocked_in": "c", "changed_at": 5, "record": "d", "trouble": "e"}
    measured = read_measured({"desired": 4, "min": 1, "max": 9, "instances": instances, **others})
    assert (measured.least, measured.most, measured.changed_at, measured.trouble) == (1, 9, 5.0, "e")
    assert measured.serving == 2  # b and e: a is not healthy, c and d do not serve
    assert measured.protected == 2  # a and c: what is in standby is not counted
    assert measured.warming == ("b",)
    assert measured.instances[4] == Instance("e")


def test_nothing_is_as_good_as_left_out():
    assert read_measured({"desired": 1, "serving": 1, "min": None, "max": None, "changed_at": None, "instances": None}) == Measured(desired=1, serving=1)


@pytest.mark.parametrize(
    ("written", "where"),
    [
        ([], "expected a mapping"),
        ({}, "expected desired"),
        ({"desired": 3}, "expected desired, and with it"),
        ({"desired": "3", "serving": 3}, "desired: must be a whole number"),
        ({"desired": True, "serving": 3}, "desired: must be"),
        ({"desired": None, "serving": 3}, "desired: must be"),
        ({"desired": -1, "serving": 3}, "desired: must be"),
        ({"desired": 3.0, "serving": 3}, "desired: must be"),
        ({"desired": 3, "serving": 3, "capacity": 4}, "'capacity': is none of"),
        ({"desired": 1, "instances": "a"}, "instances: must be a list"),
        ({"desired": 1, "instances": [1]}, r"instances\[0\].name: must be a text"),
        ({"desired": 1, "instances": ["a", "a"]}, "two of them"),
        ({"desired": 1, "instances": [{"name": "a", "state": "ready"}]}, r"instances\[0\].state: must be one of"),
        ({"desired": 1, "instances": [{"name": "a", "healthy": "yes"}]}, r"instances\[0\].healthy: must be true or false"),
        ({"desired": 1, "instances": [{"name": "a", "zone": "b"}]}, r"instances\[0\].zone"),
        ({"desired": 1, "instances": ["a"], "serving": 2}, "serving: must be 1"),
        ({"desired": 1, "serving": 1, "changed_at": "now"}, "changed_at: must be seconds"),
        ({"desired": 1, "serving": 1, "changed_at": float("nan")}, "changed_at: must be seconds"),
        ({"desired": 1, "serving": 1, "changed_at": 1e300}, "changed_at: must be seconds"),
        ({"desired": 1, "serving": 1, "changed_at": 10**400}, "changed_at: must be seconds"),
        ({"desired": 1, "serving": 1, "in_progress": True}, "in_progress: must be a text"),
    ],
)
def test_anything_else_is_an_error_that_says_where(written, where):
    with pytest.raises(InvalidMeasurement, match=where):
        read_measured(written)


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
    st.sampled_from(["desired", "serving", "instances", "name", "state", "min", "x"]), inner, max_size=4), max_leaves=8)  # fmt: skip


@given(JSON)
def test_whatever_a_program_prints_is_read_or_refused(written):
    try:
        measured = read_measured(written)
    except InvalidMeasurement as error:
        assert str(error)
    else:
        assert measured.desired >= 0 and measured.serving >= 0
