# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Each change of an alarm is told once, in order where it can be; what is told last is what is; and nobody runs for what is known to be over."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.alarm import Alarm
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.change import Change
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.following import bury, compare, follow, settle
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.known import APART_MILLISECONDS, Known
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.settings import ALARM, INSUFFICIENT_DATA, OK, STATES
from hypothesis import given
from hypothesis import strategies as st

MINUTE = 60_000


def fires(state: str) -> bool:
    return state == ALARM


def history(states) -> list[Change]:
    """Return changes, a minute apart."""
    previous, changes = OK, []
    for number, state in enumerate(states, 1):
        changes.append(Change("cpu", "metric", state, number * MINUTE, previous))
        previous = state
    return changes


def shown(state: str, at: int, *, is_exact: bool = True) -> Alarm:
    return Alarm("cpu", "metric", state, at, "because", {}, is_exact)


def remembered(known: Known | None) -> Known | None:
    """Return what another life knows."""
    return known and Known.from_text(known.as_text())


# An alarm never changes into the state that it is in.
STATE_LISTS = st.lists(st.sampled_from(STATES), min_size=1, max_size=12).map(lambda states: [state for state, _same in itertools.groupby(states)])


@given(STATE_LISTS, st.lists(st.integers(0, 12), max_size=6), st.integers(0, 4), st.lists(st.booleans(), max_size=8))
def test_all_changes_are_told_once_and_in_order_however_they_are_paged_and_read_again(states, cuts, overlap, died):
    changes = history(states)
    bounds = sorted({min(cut, len(changes)) for cut in cuts} | {len(changes)})
    known, tellings, read = None, [], 0
    for number, bound in enumerate(bounds):
        before = known
        known, told = follow(known, changes[max(0, read - overlap) : bound], fires, more_follow=bound < len(changes))
        if number < len(died) and died[number]:  # before it was kept: the same is read again
            known, told = follow(remembered(before), changes[max(0, read - overlap) : bound], fires, more_follow=bound < len(changes))
        tellings += told
        known, read = remembered(known), bound
        if bound < len(changes) and tellings:
            assert not fires(tellings[-1].change.state), "somebody would run for what may be over"
    assert [telling.change for telling in tellings] == changes
    assert (known.state, known.at, known.pending) == (changes[-1].state, changes[-1].at, ())


@given(STATE_LISTS, st.data())
def test_whatever_appears_late_is_told_once_and_the_state_of_now_last(states, data):
    changes = history(states)
    known, tellings, seen = None, [], set()
    order = data.draw(st.permutations(range(len(changes))))
    for position in order:
        seen.add(position)
        visible = [change for number, change in enumerate(changes) if number in seen]
        known, told = follow(remembered(known), visible, fires, more_follow=False)
        tellings += told
        assert tellings[-1].change.state == visible[-1].state
        assert known.state == visible[-1].state
    assert sorted(telling.change.at for telling in tellings if telling.again is None) == [change.at for change in changes]
    again = [(telling.change.at, telling.again) for telling in tellings if telling.again is not None]
    assert len(again) == len(set(again)), "each would have an id of its own"


@given(STATE_LISTS)
def test_where_the_history_says_it_all_nothing_is_left_to_be_told(states):
    changes = history(states)
    known, _told = follow(None, changes, fires, more_follow=False)
    for alarm in (shown(known.state, known.at), shown(known.state, known.at + 3), shown(known.state, known.at - 3, is_exact=False)):
        assert compare(known, alarm, fires) == (known, [])


def test_what_fires_and_is_known_to_nobody_is_told():
    known, told = compare(None, shown(ALARM, 7), fires)
    assert [(telling.change.state, telling.change.at) for telling in told] == [(ALARM, 7)]
    assert compare(None, shown(OK, 7), fires) == compare(None, shown(INSUFFICIENT_DATA, 7), fires) == (None, [])


@pytest.mark.parametrize("apart", [0, 7, -7, APART_MILLISECONDS])
def test_a_change_that_was_told_by_the_state_is_not_told_again_when_the_history_has_it(apart):
    known, _told = compare(None, shown(ALARM, 10 * MINUTE), fires)
    late = Change("cpu", "metric", ALARM, 10 * MINUTE + apart, OK)
    over = Change("cpu", "metric", OK, late.at + 1000, ALARM)
    known, told = follow(remembered(known), [late, over], fires, more_follow=False)
    assert [telling.change for telling in told if telling.again is None] == [over]
    # Only one change is recognised by it: the next within the same seconds is another.
    other = Change("cpu", "metric", ALARM, late.at + 2000, OK)
    assert [telling.change for telling in follow(known, [late, over, other], fires, more_follow=False)[1] if telling.again is None] == [other]


def test_the_word_of_describe_alarms_is_the_last():
    known, _told = follow(None, history([ALARM]), fires, more_follow=False)
    changed, told = compare(known, shown(OK, 5 * MINUTE), fires)
    assert [(telling.change.state, telling.change.previous, telling.again) for telling in told] == [(OK, ALARM, None)]
    assert changed.state == OK
    # Though the history has a later one.
    changed, told = compare(known, shown(OK, 0), fires)
    assert [telling.change.state for telling in told] == [OK]
    # But it may have been asked before that was read.
    assert compare(known, shown(OK, 0), fires, has_news=True) == (known, [])


def test_a_state_that_was_told_and_is_again_has_another_id():
    known, _told = follow(None, history([ALARM, OK]), fires, more_follow=False)
    _known, told = compare(known, shown(ALARM, MINUTE), fires)
    assert [(telling.change.at, telling.again) for telling in told] == [(MINUTE, 2 * MINUTE)]


def test_without_a_history_a_flap_shows_in_the_time_alone():
    known, _told = compare(None, shown(ALARM, MINUTE), fires, by_state_only=True)
    _known, told = compare(known, shown(ALARM, 3 * MINUTE), fires, by_state_only=True)
    assert [telling.change.at for telling in told] == [3 * MINUTE]
    assert compare(known, shown(ALARM, 3 * MINUTE, is_exact=False), fires, by_state_only=True) == (known, [])
    assert compare(known, shown(ALARM, 3 * MINUTE), fires) == (known, [])


def test_without_a_history_what_is_no_problem_is_noted_first_and_told_when_it_changes():
    known, told = compare(None, shown(INSUFFICIENT_DATA, MINUTE), fires, by_state_only=True, is_quiet=True)
    assert told == []
    _known, told = compare(known, shown(OK, 2 * MINUTE), fires, by_state_only=True)
    assert [telling.change.state for telling in told] == [OK]
    _known, told = compare(None, shown(INSUFFICIENT_DATA, MINUTE), fires, by_state_only=True)
    assert [telling.change.state for telling in told] == [INSUFFICIENT_DATA]


def test_a_deleted_alarm_that_fired_is_over_and_one_that_did_not_is_no_news():
    known, _told = follow(None, history([ALARM]), fires, more_follow=False)
    gone, told = bury(known, "cpu", fires, 9 * MINUTE)
    assert [(telling.change.state, telling.is_gone) for telling in told] == [(OK, True)]
    # Its last change is read once more.
    assert follow(gone, history([ALARM]), fires, more_follow=False)[1] == []
    known, _told = follow(None, history([ALARM, INSUFFICIENT_DATA]), fires, more_follow=False)
    assert bury(known, "cpu", fires, 9 * MINUTE)[1] == []


def test_what_has_waited_is_told_when_no_more_follows():
    known, told = follow(None, history([ALARM]), fires, more_follow=True)
    assert told == []
    known, told = settle(remembered(known))
    assert [telling.change.state for telling in told] == [ALARM]
    assert settle(known) == (known, [])


def test_of_what_fires_twice_in_a_row_nothing_is_told_before_its_end():
    """An alarm that was deleted while it fired and made anew comes from no state that the history has."""
    first, second, over = (replace(change, state=state) for change, state in zip(history([ALARM, OK, ALARM]), (ALARM, ALARM, OK)))
    known, told = follow(None, [first, second], fires, more_follow=True)
    assert told == []
    known, told = follow(remembered(known), [over], fires, more_follow=True)
    assert [telling.change for telling in told] == [first, second, over]
    assert known.pending == ()


def test_no_more_than_some_changes_wait():
    known, told = follow(None, history([ALARM, INSUFFICIENT_DATA] * 10), lambda state: state != OK, more_follow=True)
    assert (len(told), len(known.pending)) == (10, 10)
    assert [telling.change for telling in (*told, *settle(remembered(known))[1])] == history([ALARM, INSUFFICIENT_DATA] * 10)


@given(STATE_LISTS, st.integers(0, 13))
def test_what_is_not_read_again_is_forgotten(states, minutes):
    known, _told = follow(None, history(states), fires, more_follow=False)
    fewer = known.without_told_before(minutes * MINUTE)
    assert [told.at for told in fewer.told] == [told.at for told in known.told if told.at >= minutes * MINUTE]
    needed = bool(fewer.told) or fires(known.state)
    assert fewer.is_needed(fires, by_state_only=False) == needed
