# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.announcement import Message, Said, due
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.health import Health, State, observe
from hypothesis import given
from hypothesis import strategies as st

UNKNOWN, UP, DOWN = Health(), Health(State.UP), Health(State.DOWN)
RECOVERING = Health(State.DOWN, against=1, leaning=State.UP)
FIRING, RESOLVED = Message.FIRING, Message.RESOLVED


def ask(health, said, now=0.0, resolve_at_start=True):
    return due(health, said, now, repeat_seconds=300, resolve_at_start=resolve_at_start)


@pytest.mark.parametrize(
    ("health", "said", "expected"),
    [
        (UNKNOWN, Said(), None),
        (DOWN, Said(), FIRING),
        (DOWN, Said(RESOLVED), FIRING),
        (DOWN, Said(FIRING, at=0.0), None),
        (DOWN, Said(FIRING, at=0.0, delivered=False), FIRING),
        (UP, Said(), RESOLVED),
        (UP, Said(FIRING), RESOLVED),
        (UP, Said(RESOLVED), None),
        (UP, Said(RESOLVED, delivered=False), RESOLVED),
        (UP, Said(FIRING, delivered=False), RESOLVED),  # it may have arrived all the same
        (UNKNOWN, Said(FIRING, delivered=False), None),
    ],
)
def test_what_is_said_follows_from_the_difference_to_what_was_said(health, said, expected):
    assert ask(health, said) is expected


def test_an_alert_is_repeated_after_the_interval_unless_the_target_seems_to_recover():
    said = Said(FIRING, at=100.0)
    assert ask(DOWN, said, now=399.0) is None
    assert ask(DOWN, said, now=400.0) is FIRING
    assert ask(RECOVERING, said, now=400.0) is None


def test_the_first_state_after_a_start_is_said_only_if_asked_for():
    assert ask(UP, Said(), resolve_at_start=False) is None
    assert ask(DOWN, Said(), resolve_at_start=False) is FIRING
    assert ask(UP, Said(FIRING), resolve_at_start=False) is RESOLVED


def test_a_message_keeps_its_number_until_it_is_delivered():
    first = Said().next(FIRING, 1.0)
    again = first.next(FIRING, 2.0)
    repeat = again.arrived().next(FIRING, 3.0)
    assert (first.count, again.count, repeat.count) == (0, 0, 1)
    assert repeat.arrived().next(RESOLVED, 4.0) == Said(RESOLVED, 4.0, 0, delivered=False)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=60), st.integers(1, 3), st.integers(1, 3))
def test_however_often_deliveries_fail_the_last_state_is_said_in_the_end(rounds, rise, fall):
    """`rounds`: whether each check passed, and whether what was to be said could be delivered."""
    health, said, heard = Health(), Said(), []
    for now, (healthy, delivers) in enumerate([*rounds, (False, True), (False, True), (False, True)]):
        health, _edge = observe(health, healthy, float(now), rise=rise, fall=fall)
        message = due(health, said, float(now), repeat_seconds=1000, resolve_at_start=True)
        if message is not None:
            said = said.next(message, float(now))
            if delivers:
                said = said.arrived()
                heard.append(message)
    assert heard[-1] is FIRING
    if all(delivers for _healthy, delivers in rounds):
        assert all(one is not other for one, other in zip(heard, heard[1:], strict=False))
