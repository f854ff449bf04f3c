# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.scaling.request import InvalidRequest, read_request
from ansible_collections.eventops.infra.plugins.plugin_utils.scaling.wanted import Bounds, Cooldowns, Exactly, GiveBack, Step
from hypothesis import given
from hypothesis import strategies as st

NOW = 1_800_000_000.0  # 2027-01-15T08:00:00Z
WEB = {"name": "web", "provider": "aws", "min": 1, "max": 5, "cooldown": "5m"}


def asked(entry=None, **variables):
    return read_request({"groups": [WEB | (entry or {})], "group": "web", "direction": "out"} | variables, NOW)


def mistakes(entry=None, **variables):
    with pytest.raises(InvalidRequest) as raised:
        asked(entry, **variables)
    return raised.value.mistakes


def test_the_entry_of_the_group_says_how_far():
    request = asked()
    assert (request.wanted, request.bounds, request.cooldowns, request.until) == (Step("out", 1), Bounds(1, 5), Cooldowns(300, 900), None)
    assert asked({"step": 2}).wanted == Step("out", 2)
    assert asked(by=3).wanted == Step("out", 3)
    assert asked(by="3").wanted == Step("out", 3)  # from a command line
    assert asked(direction=None, to=4).wanted == Exactly(4)
    assert asked(direction="", give_back="t0a1b2c3d").wanted == GiveBack("t0a1b2c3d")
    assert asked({"cooldown_in": "2h"}).cooldowns == Cooldowns(300, 7200)


def test_of_two_bounds_the_narrower_holds_and_of_two_cooldowns_the_longer():
    assert asked(min=2, max=9, cooldown=60, cooldown_in="1d").bounds == Bounds(2, 5)
    assert asked(min=0, max=4).bounds == Bounds(1, 4)
    assert asked(cooldown=600, cooldown_in=10).cooldowns == Cooldowns(600, 600)  # in is never quicker than out
    bare = {"min": None, "max": None, "cooldown": None}
    assert asked(bare, min=2, max=4, cooldown=60).bounds == Bounds(2, 4)


@pytest.mark.parametrize("missing", ["min", "max", "cooldown"])
def test_a_group_without_bounds_or_a_cooldown_is_not_scaled(missing):
    (mistake,) = mistakes({missing: None})
    assert mistake.startswith(f"{missing} of web in scale_groups, or scale_{missing}: must be given")


@pytest.mark.parametrize(
    ("entry", "variables", "expected"),
    [
        ({}, {"group": "db"}, "scale_group: must be the name of one of scale_groups, which are: web, got 'db'."),
        ({}, {"group": "*"}, "scale_group: must be the name"),
        ({}, {"groups": []}, "which are: none"),
        ({}, {"groups": [WEB, WEB]}, "more than once"),
        ({}, {"groups": "web"}, "scale_groups: must be a list"),
        ({"provider": "gcp"}, {}, "provider of web in scale_groups: must be one of aws, azure, command"),
        ({}, {"direction": "up"}, "scale_direction: must be out or in"),
        ({}, {"direction": ""}, "Exactly one of scale_direction, scale_to and scale_give_back must be given, got none."),
        ({}, {"to": 3}, "got scale_direction and scale_to."),
        ({}, {"by": 0}, "scale_by: must be a whole number from 1"),
        ({}, {"by": True}, "scale_by: must be a whole number"),
        ({}, {"by": "1; reboot"}, "scale_by: must be a whole number"),
        ({}, {"by": 1.5}, "scale_by: must be a whole number"),
        ({}, {"by": 5}, "scale_by: must be at most 4, because the bounds are 1 to 5, got 5."),
        ({}, {"direction": "", "to": 6}, "scale_to: must be from 1 to 5, which are the bounds, got 6."),
        ({}, {"direction": "", "to": 2, "min": 3}, "scale_to: must be from 3 to 5"),
        ({"step": 0}, {}, "step of web in scale_groups: must be a whole number from 1"),
        ({}, {"direction": "", "to": -1}, "scale_to: must be a whole number"),
        ({}, {"direction": "", "to": 3, "by": 1}, "scale_by: does not go with scale_to."),
        ({}, {"direction": "", "give_back": "t0a1b2c3d", "for": "1h"}, "scale_for: does not go with scale_give_back."),
        ({}, {"direction": "", "give_back": "everything"}, "scale_give_back: must be what the event"),
        ({}, {"direction": "in", "for": "1h"}, "only out can be for a time"),
        ({}, {"for": "soon"}, "scale_for: must be a number of seconds or a text"),
        ({}, {"for": "100d"}, "scale_for: must be from"),
        ({}, {"for": "1h", "until": "2027-01-16T00:00:00Z"}, "only one of them"),
        ({}, {"until": "tomorrow"}, "scale_until: must be a time"),
        ({}, {"until": "2027-01-15T07:59:59Z"}, "scale_until: must be in the next 90 days"),
        ({}, {"until": "2030-01-01T00:00:00Z"}, "scale_until: must be in the next 90 days"),
        ({"min": 6}, {}, "min must not be greater than max, got 6 and 5"),
        ({"max": "many"}, {}, "max of web in scale_groups: must be a whole number"),
        ({"max": True}, {}, "max of web in scale_groups: must be a whole number"),
        ({"cooldown": 0}, {}, "cooldown of web in scale_groups: must be from 1"),
        ({"cooldown": "often"}, {}, "cooldown of web in scale_groups: must be"),
        ({}, {"cooldown_in": "8d"}, "scale_cooldown_in: must be from"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(entry, variables, expected):
    assert any(expected in mistake for mistake in mistakes(entry, **variables)), mistakes(entry, **variables)


def test_all_mistakes_are_found_at_once():
    assert len(mistakes({"min": "few", "cooldown": None}, by="some", until="soon")) == 4


def test_how_long_is_until_when():
    assert asked(until="2027-01-15T10:00:00+01:00").until == "2027-01-15T09:00:00Z"
    assert asked({"name": "web"}, **{"for": "2h"}).until == "2027-01-15T10:00:00Z"
    assert asked(until="2027-01-15 18:00:00+00:00").until == "2027-01-15T18:00:00Z"  # as YAML's own times are written


ANY = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.lists(st.integers(), max_size=2)


@given(st.dictionaries(st.sampled_from(["group", "direction", "by", "to", "for", "until", "give_back", "min", "max", "cooldown"]), ANY))
def test_whatever_is_asked_is_bounded_or_refused(variables):
    try:
        request = read_request({"groups": [WEB], "group": "web", "direction": "out"} | variables, NOW)
    except InvalidRequest as error:
        assert error.mistakes
    else:
        assert 1 <= request.bounds.least <= request.bounds.most <= 5
        assert request.cooldowns.out_seconds >= 300
