# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Something is restarted only when it uses more than its limit and is what uses the machine up."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.module_utils.host.pressure.verdict import Resource, Use, by_owner, why_not
from hypothesis import given
from hypothesis import strategies as st

MEMORY = Resource("memory", 1000, 95, 90)
CPU = Resource("cpu", 100, 98, 90)


def uses(**amounts: float) -> dict:
    return {number: Use(owner, amount) for number, (owner, amount) in enumerate(amounts.items())}


@pytest.mark.parametrize(
    ("resource", "of", "mine", "limit", "reason"),
    [
        (MEMORY, uses(app=600, db=200), [0], {"percent": 50}, ""),
        (MEMORY, uses(app=600, db=200), [0], {"bytes": 600}, "not more than its limit 600 B (60 %)"),
        (MEMORY, uses(app=600, db=200), [], {"percent": 50}, "it does not run"),
        # Without it the machine is well, though another uses more, which may be how it should be.
        (MEMORY, uses(app=200, db=600), [0], {"percent": 10}, ""),
        (MEMORY, uses(app=20, db=600), [0], {"percent": 1}, "but db uses more: 600 B (60 %)"),
        (CPU, uses(app=5, db=90), [0], {"percent": 1}, "but db uses more: 90 % of the CPU"),
        (CPU, uses(app=90, db=5), [0], {"percent": 95}, "it uses 90 % of the CPU, not more than its limit 95 % of the CPU"),
        (CPU, uses(app=90, db=5), [0], {"percent": 80}, ""),
    ],
)
def test_whether_it_should_be_restarted(resource, of, mine, limit, reason):
    said = why_not(resource, of, mine, limit)

    assert said == reason if not reason else reason in said


def test_what_several_processes_of_one_owner_use_is_added_up():
    of = {1: Use("app", 10), 2: Use("app", 20), 3: Use("db", 25)}

    assert by_owner(of) == [Use("app", 30), Use("db", 25)]


amounts = st.dictionaries(st.integers(1, 9), st.builds(Use, st.sampled_from("abc"), st.floats(0, 1000)), min_size=1)


@given(amounts, st.floats(1, 100), st.floats(1, 100), st.floats(1, 100))
def test_what_is_restarted_is_over_its_limit_and_the_largest_or_enough(of, used, threshold, percent):
    mine = [number for number, use in of.items() if use.owner == "a"]
    resource = Resource("memory", 1000, used, threshold)
    if why_not(resource, of, mine, {"percent": percent}):
        return
    amount = sum(of[number].amount for number in mine)
    others = [use.amount for use in by_owner({number: use for number, use in of.items() if number not in mine})]

    assert amount > 10 * percent
    assert amount >= max(others, default=0) or used - resource.percent(amount) < threshold
