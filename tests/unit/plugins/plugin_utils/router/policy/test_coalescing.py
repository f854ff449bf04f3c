# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When a dispatch waits for more of the same."""

from __future__ import annotations

from ansible_collections.eventops.infra.plugins.plugin_utils.router.policy.coalescing import wait_for_more
from ansible_collections.eventops.infra.plugins.plugin_utils.router.policy.settings import Coalesce
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

TWO_TENTHS = Coalesce(0.2, 50)


def until(now, *, gathered=1, alone=True, ready=100.0, arrival=100.0, coalesce=TWO_TENTHS):
    return wait_for_more(coalesce, gathered_hosts=gathered, alone=alone, ready_since=ready, last_arrival=arrival, now=now)


def test_an_idle_router_dispatches_a_case_that_comes_alone_at_once():
    assert until(100.0) == approx(100.02), "but for a glance whether others follow"
    assert until(100.021) is None


def test_while_cases_keep_coming_the_window_is_waited_for():
    assert until(100.05, alone=False) == approx(100.2)
    assert until(100.5, arrival=100.45, alone=False) == approx(100.65)
    assert until(100.9, arrival=100.899, alone=False) == approx(101.0), "five windows at the most"
    assert until(101.0, arrival=100.999, alone=False) is None


def test_a_dispatch_that_is_full_waits_for_nothing():
    assert until(100.0, gathered=50) is None
    assert until(100.0, gathered=80) is None


def test_what_has_waited_for_something_else_goes_at_once():
    assert until(200.0, ready=100.0, arrival=200.0) is None


@given(
    st.builds(Coalesce, st.floats(0, 60), st.integers(1, 1000)),
    st.integers(1, 1000),
    st.booleans(),
    st.floats(0, 1e9),
    st.floats(-100, 1000),
    st.floats(0, 1000),
)
def test_no_case_waits_longer_than_five_windows(coalesce, gathered, alone, ready, arrival_after, waited):
    now = ready + waited
    answer = wait_for_more(coalesce, gathered_hosts=gathered, alone=alone, ready_since=ready, last_arrival=ready + arrival_after, now=now)
    assert answer is None or (now < answer <= ready + 5 * coalesce.window and gathered < coalesce.max_hosts)
