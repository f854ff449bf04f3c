# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.scaling.decision import Leave, Moment, Refuse, Scale, decide
from ansible_collections.eventops.infra.plugins.plugin_utils.scaling.measured import Instance, Measured
from ansible_collections.eventops.infra.plugins.plugin_utils.scaling.record import Record, Temporary, read_record
from ansible_collections.eventops.infra.plugins.plugin_utils.scaling.wanted import Bounds, Cooldowns, Exactly, GiveBack, Step
from hypothesis import given
from hypothesis import strategies as st

NOW = 1_800_000_000.0
BOUNDS = Bounds(1, 5)
COOLDOWNS = Cooldowns(300, 900)
OUT, IN = Step("out", 1), Step("in", 1)
TEMPORARY = "t0a1b2c3d"


def group(size=3, *, has=None, protected=0, warming=0, **others):
    """Return a group that nothing stands against: it has what it is to have, and nobody changed it lately."""
    states = [("warming" if number < warming else "in_service", number < protected) for number in range(size if has is None else has)]
    instances = tuple(Instance(f"i-{number}", state, True, is_protected) for number, (state, is_protected) in enumerate(states))
    return Measured(**{"desired": size, "least": 0, "most": 10, "instances": instances, "serving": len(instances), **others})


def decided(measured, wanted, bounds=BOUNDS, **moment):
    return decide(measured, wanted, bounds, COOLDOWNS, Moment(NOW, **moment))


def record(seconds_ago=3600.0, direction="out", before=2, after=3, temporary=()):
    return Record(NOW - seconds_ago, direction, before, after, None, tuple(Temporary(*each) for each in temporary)).to_text()


@pytest.mark.parametrize(
    ("wanted", "to"),
    [(OUT, 4), (IN, 2), (Step("out", 9), 5), (Step("in", 9), 1), (Exactly(5), 5), (Exactly(1), 1)],
)
def test_a_group_that_nothing_stands_against_is_scaled_within_the_bounds(wanted, to):
    decision = decided(group(), wanted, case=17)
    assert isinstance(decision, Scale) and decision.to == to
    assert read_record(decision.record) == Record(NOW, "out" if to > 3 else "in", 3, to, 17)


@pytest.mark.parametrize(
    ("measured", "wanted", "why"),
    [
        (group(), Exactly(3), "3 instances already"),
        (group(1), IN, "no fewer than 1"),
        (group(changed_at=NOW - 299), OUT, "300 s must pass"),
        (group(changed_at=NOW - 899), IN, "900 s must pass"),
        (group(record=record(299)), OUT, "300 s must pass"),
        (group(record=record(299)), Exactly(4), "300 s must pass"),
        (group(record=record(899)), Exactly(2), "900 s must pass"),
        (group(warming=1), OUT, "i-0 still warm up"),
        (group(3, protected=3), IN, "protected from scale-in"),
        # Where both are so, what will pass by itself is said.
        (group(5, changed_at=NOW - 10), OUT, "300 s must pass"),
        (group(in_progress="a launch", changed_at=NOW - 10), OUT, "300 s must pass"),
    ],
)
def test_what_is_so_already_or_not_yet_time_is_left_and_all_is_well(measured, wanted, why):
    decision = decided(measured, wanted)
    assert isinstance(decision, Leave) and why in decision.why


@pytest.mark.parametrize(
    ("measured", "wanted", "why"),
    [
        (group(), Exactly(6), "6 instances are outside this role's bounds, 1 to 5"),
        (group(), Exactly(0), "0 instances are outside this role's bounds"),
        (group(most=4), Exactly(5), "5 instances are outside its own bounds, 0 to 4"),
        (group(5), OUT, "no more than 5"),
        (group(3, most=3), OUT, "no more than 3"),
        (group(8), IN, "8 instances, outside 1 to 5"),
        (group(least=6, most=9), OUT, "nothing in common"),
        (group(in_progress="Launching i-9"), OUT, "Launching i-9"),
        (group(blocked_out="Launch is suspended"), OUT, "cannot grow now: Launch is suspended"),
        (group(blocked_in="Terminate is suspended"), IN, "cannot shrink now: Terminate is suspended"),
        (group(3, protected=2), Exactly(1), "2 of its instances are protected"),
        (group(changed_at=NOW + 3600), OUT, "is a clock wrong?"),
        (group(3, has=2), OUT, "it has 2 of the 3 instances"),
        (group(3, has=4), IN, "it has 4 of the 3 instances"),
        (group(3, has=2, trouble="no capacity", changed_at=NOW - 10), OUT, "it says: no capacity"),
        (group(3, has=2, trouble="no capacity"), Exactly(3), "it says: no capacity"),
        (group(record="written by hand"), OUT, "cannot be read"),
    ],
)
def test_what_is_not_allowed_or_not_possible_is_refused_with_the_reason(measured, wanted, why):
    decision = decided(measured, wanted)
    assert isinstance(decision, Refuse) and why in decision.why


def test_what_stands_against_growing_does_not_stand_against_shrinking():
    assert isinstance(decided(group(blocked_out="suspended"), IN), Scale)
    assert isinstance(decided(group(blocked_in="suspended"), OUT), Scale)


def test_a_group_whose_instances_do_not_come_may_shrink_to_those_that_are_there():
    assert decided(group(4, has=2), Exactly(2)).to == 2
    assert decided(group(4, has=2), IN).to == 3


def test_a_failure_that_is_over_stands_against_nothing():
    assert decided(group(3, trouble="no capacity"), OUT).to == 4


def test_shrinking_takes_what_is_not_protected_and_no_more():
    assert decided(group(4, protected=2), Step("in", 3)).to == 2


def test_a_program_that_only_counts_is_enough():
    assert decided(Measured(desired=2, serving=2), OUT).to == 3


class TestForATime:
    def test_what_is_added_is_remembered_and_given_back(self):
        added = decided(group(3), Step("out", 2), temporary=TEMPORARY)
        back = decided(group(5, record=added.record), GiveBack(TEMPORARY))
        assert (added.to, back.to) == (5, 3)
        assert read_record(back.record).temporary == ()

    def test_it_is_given_back_in_the_cooldown_and_while_instances_warm_up(self):
        given_for_a_time = record(10, before=3, after=5, temporary=[(TEMPORARY, 2)])
        assert decided(group(5, warming=2, record=given_for_a_time), GiveBack(TEMPORARY)).to == 3

    def test_what_came_meanwhile_stays(self):
        later = record(direction="out", before=5, after=6, temporary=[(TEMPORARY, 2)])
        assert decided(group(6, record=later), GiveBack(TEMPORARY), Bounds(1, 10)).to == 4
        by_hand = record(before=3, after=5, temporary=[(TEMPORARY, 2)])
        assert decided(group(8, record=by_hand), GiveBack(TEMPORARY), Bounds(1, 10)).to == 6

    def test_two_that_overlap_are_given_back_each_by_itself(self):
        first = decided(group(2), Step("out", 2), temporary="t11111111")
        second = decide(group(4, record=first.record), Step("out", 1), BOUNDS, COOLDOWNS, Moment(NOW + 400, None, "t22222222"))
        back = decided(group(5, record=second.record), GiveBack("t11111111"))
        assert back.to == 3
        assert decided(group(3, record=back.record), GiveBack("t22222222")).to == 2

    @pytest.mark.parametrize("size", [3, 4])
    def test_what_others_have_taken_away_is_not_given_back_again(self, size):
        decision = decided(group(size, record=record(before=4, after=6, temporary=[(TEMPORARY, 2)])), GiveBack(TEMPORARY))
        assert isinstance(decision, Leave)

    def test_a_scale_in_meanwhile_takes_of_it_first(self):
        shrunk = decided(group(5, record=record(before=3, after=5, temporary=[(TEMPORARY, 2)])), IN)
        assert shrunk.to == 4
        assert decided(group(4, record=shrunk.record), GiveBack(TEMPORARY)).to == 3

    def test_twice_is_once(self):
        back = decided(group(5, record=record(before=3, after=5, temporary=[(TEMPORARY, 2)])), GiveBack(TEMPORARY))
        assert isinstance(decided(group(3, record=back.record), GiveBack(TEMPORARY)), Leave)

    def test_a_name_that_nobody_gave_takes_nothing(self):
        assert isinstance(decided(group(5, record=record(temporary=[(TEMPORARY, 1)])), GiveBack("tffffffff")), Leave)

    def test_a_group_that_has_more_already_is_given_nothing_for_a_time(self):
        assert isinstance(decided(group(4), Exactly(3), temporary=TEMPORARY), Leave)

    def test_more_than_can_be_remembered_is_refused(self):
        full = record(before=1, after=9, temporary=[(f"t0000000{number}", 1) for number in range(8)])
        assert isinstance(decided(group(9, most=20, record=full), OUT, Bounds(1, 20), temporary=TEMPORARY), Refuse)

    def test_it_is_refused_while_it_cannot_shrink(self):
        kept = record(before=3, after=5, temporary=[(TEMPORARY, 2)])
        assert isinstance(decided(group(5, record=kept, in_progress="a refresh"), GiveBack(TEMPORARY)), Refuse)
        assert isinstance(decided(group(5, protected=4, record=kept), GiveBack(TEMPORARY)), Refuse)


NUMBERS = st.integers(0, 12)
WANTED = st.one_of(st.builds(Step, st.sampled_from(["out", "in"]), st.integers(1, 12)), st.builds(Exactly, NUMBERS), st.just(GiveBack(TEMPORARY)))
TIMES = st.none() | st.floats(NOW - 2000, NOW + 100)
RECORDS = st.just("") | st.builds(
    lambda ago, before, after, count: record(ago, "out" if after > before else "in", before, after, [(TEMPORARY, count)] if count else ()),
    st.integers(0, 2000), NUMBERS, NUMBERS, NUMBERS,
)  # fmt: skip


@st.composite
def groups(draw):
    size = draw(NUMBERS)
    has = draw(st.just(size) | NUMBERS)
    others = {
        "least": draw(st.none() | NUMBERS),
        "most": draw(st.none() | NUMBERS),
        "in_progress": draw(st.sampled_from(["", "a launch"])),
        "blocked_out": draw(st.sampled_from(["", "suspended"])),
        "blocked_in": draw(st.sampled_from(["", "suspended"])),
        "changed_at": draw(TIMES),
        "record": draw(RECORDS),
        "trouble": draw(st.sampled_from(["", "no capacity"])),
    }
    return group(size, has=has, protected=draw(st.integers(0, has)), warming=draw(st.sampled_from([0, 0, has // 2])), **others)


@given(groups(), WANTED, st.builds(Bounds, NUMBERS, NUMBERS), st.none() | st.just(TEMPORARY))
def test_nothing_is_ever_set_that_must_not_be(measured, wanted, bounds, temporary):
    decision = decide(measured, wanted, bounds, COOLDOWNS, Moment(NOW, None, None if isinstance(wanted, GiveBack) else temporary))
    if not isinstance(decision, Scale):
        assert decision.why
        return
    to, has = decision.to, measured.desired
    assert to != has
    assert bounds.least <= to <= bounds.most
    assert (measured.least or 0) <= to <= (measured.most if measured.most is not None else to)
    assert not measured.in_progress
    assert not (measured.blocked_out if to > has else measured.blocked_in)
    assert measured.counted == has or measured.counted <= to < has
    if to < has:
        assert to >= measured.protected
    if isinstance(wanted, Step):
        assert 0 < (to - has if wanted.direction == "out" else has - to) <= wanted.by
    if isinstance(wanted, Exactly):
        assert to == wanted.to
    last = read_record(measured.record)
    if isinstance(wanted, GiveBack):
        assert has - to <= sum(each.count for each in last.temporary)
    else:
        assert not measured.warming
        changed_at = max(last.at if last else 0.0, measured.changed_at or 0.0)
        assert NOW - changed_at >= (COOLDOWNS.out_seconds if to > has else COOLDOWNS.in_seconds)
    written = read_record(decision.record)
    assert (written.before, written.after, written.at) == (has, to, NOW)
    assert sum(each.count for each in written.temporary) <= max(to, sum(each.count for each in last.temporary) if last else 0)


@given(groups(), WANTED, st.builds(Bounds, NUMBERS, NUMBERS))
def test_what_was_just_done_is_not_done_again(measured, wanted, bounds):
    decision = decide(measured, wanted, bounds, COOLDOWNS, Moment(NOW))
    if isinstance(decision, Scale):
        after = group(decision.to, least=measured.least, most=measured.most, changed_at=NOW, record=decision.record)
        assert isinstance(decide(after, wanted, bounds, COOLDOWNS, Moment(NOW + 1)), Leave)
