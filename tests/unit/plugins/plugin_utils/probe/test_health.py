# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ansible_collections.eventops.infra.plugins.plugin_utils.probe.health import Health, State, observe
from hypothesis import given
from hypothesis import strategies as st

RESULTS = st.lists(st.booleans(), max_size=60)
THRESHOLD = st.integers(min_value=1, max_value=5)


def edges_of(results, rise, fall, health=None):
    health, edges = health or Health(), []
    for now, healthy in enumerate(results):
        health, edge = observe(health, healthy, float(now), rise=rise, fall=fall)
        edges.append(edge)
    return health, edges


def test_down_after_fall_failures_and_up_after_rise_successes():
    _health, edges = edges_of([True, True, False, False, False, True, True], rise=2, fall=3)
    assert edges == [None, State.UP, None, None, State.DOWN, None, State.UP]


def test_a_state_dates_from_the_first_result_of_the_row_that_led_to_it():
    health, _edges = edges_of([True, True, False, False, False], rise=2, fall=3)
    assert (health.state, health.since) == (State.DOWN, 2.0)


def test_one_result_that_speaks_for_the_state_ends_the_row_against_it():
    down = Health(State.DOWN)
    health, edges = edges_of([True, False, True, False, True], rise=2, fall=1, health=down)
    assert edges == [None] * 5
    assert health.is_wavering


@given(RESULTS, THRESHOLD, THRESHOLD)
def test_edges_alternate(results, rise, fall):
    edges = [edge for edge in edges_of(results, rise, fall)[1] if edge is not None]
    assert all(one is not other for one, other in zip(edges, edges[1:], strict=False))


@given(st.lists(st.integers(1, 4), max_size=20), st.booleans(), st.integers(0, 2), st.integers(0, 2))
def test_flapping_below_the_thresholds_gives_no_edge(lengths, first, more_rise, more_fall):
    """`lengths` of rows of equal results; both thresholds lie above the longest row."""
    results = [first ^ bool(index % 2) for index, length in enumerate(lengths) for _each in range(length)]
    longest = max(lengths, default=0)
    health, edges = edges_of(results, longest + 1 + more_rise, longest + 1 + more_fall)
    assert not any(edges)
    assert health.state is State.UNKNOWN


@given(RESULTS, THRESHOLD, THRESHOLD)
def test_an_edge_comes_exactly_at_the_end_of_a_row_of_its_length(results, rise, fall):
    _health, edges = edges_of(results, rise, fall)
    state, row = State.UNKNOWN, 0
    for index, (healthy, edge) in enumerate(zip(results, edges, strict=True)):
        row = row + 1 if index and results[index - 1] is healthy else 1
        seen, needed = (State.UP, rise) if healthy else (State.DOWN, fall)
        expected = seen if row >= needed and state is not seen else None
        assert edge is expected
        state = edge or state


@given(RESULTS, THRESHOLD, THRESHOLD)
def test_the_state_is_that_of_the_last_edge(results, rise, fall):
    health, edges = edges_of(results, rise, fall)
    said = [edge for edge in edges if edge is not None]
    assert health.state is (said[-1] if said else State.UNKNOWN)
