# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A bound on the requests of a time."""

from __future__ import annotations

from ansible_collections.eventops.infra.plugins.plugin_utils.web.rate import TokenBucket
from hypothesis import given
from hypothesis import strategies as st


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def test_a_burst_then_as_many_as_flow_in():
    clock = Clock()
    bucket = TokenBucket(2, 3, clock)
    assert [bucket.take() for _turn in range(3)] == [0, 0, 0]
    assert bucket.take() == 0.5
    clock.now += 0.25
    assert bucket.take() == 0.25, "asking costs nothing"
    clock.now += 0.25
    assert bucket.take() == 0
    clock.now += 3600
    assert [bucket.take() for _turn in range(4)] == [0, 0, 0, 0.5], "it holds no more than a burst"


@given(st.floats(0.01, 1000), st.integers(1, 50), st.lists(st.floats(0, 100), max_size=60))
def test_no_time_has_more_than_a_burst_and_what_flowed_in(per_second, burst, pauses):
    clock = Clock()
    bucket, taken = TokenBucket(per_second, burst, clock), 0
    for pause in pauses:
        clock.now += pause
        wait = bucket.take()
        taken += wait == 0
        assert wait >= 0
        assert taken <= burst + (clock.now - 1000) * per_second + 1e-6
    wait = bucket.take()
    clock.now += wait * 1.000001
    assert wait == 0 or bucket.take() == 0, "who waits as told is let in"
