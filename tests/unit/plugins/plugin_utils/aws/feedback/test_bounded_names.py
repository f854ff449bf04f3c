# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""So many names have a metric of their own, in this life and later ones."""

from __future__ import annotations

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.feedback.bounded_names import MOST, OTHER, BoundedNames
from hypothesis import given
from hypothesis import strategies as st


def test_those_that_came_first_have_their_own():
    names = BoundedNames(most=2)
    assert [names.of(name) for name in ("a", "b", "c", "a", "d")] == ["a", "b", OTHER, "a", OTHER]
    later = BoundedNames(list(names), most=2)
    assert [later.of(name) for name in ("c", "b")] == [OTHER, "b"]


def test_a_storm_of_names_makes_no_more_metrics():
    names = BoundedNames()
    assert len({names.of(f"alarm {number}") for number in range(10_000)}) == MOST + 1


@given(st.text(max_size=400))
def test_whatever_a_name_is_cloudwatch_takes_it(name):
    written = BoundedNames().of(name)
    assert 1 <= len(written) <= 255
    assert written.isascii() and written.isprintable() and written.strip() and not written.startswith(":")
