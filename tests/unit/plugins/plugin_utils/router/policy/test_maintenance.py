# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Maintenance windows: when they are open, and for whom."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import ConfigurationError, Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.router.policy.maintenance import Window, open_window, read_windows
from ansible_collections.eventops.infra.plugins.plugin_utils.router.policy.matching import Subject
from hypothesis import given
from hypothesis import strategies as st

WEB = Subject("alert.firing", "X", "incident", "error", "web-01", ("web-01",), "m", "k")
HOUR = 3600.0


def at(text: str, zone: str = "UTC") -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-01-31T01:59:59", False),
        ("2026-01-31T02:00:00", True),
        ("2026-01-31T05:59:59", True),
        ("2026-01-31T06:00:00", False),
        ("2026-01-30T03:00:00", False),  # a Friday
    ],
)
def test_saturday_night_from_two_to_six(moment, is_open):
    window = Window("0 2 * * 6", 4 * HOUR)
    assert window.ends_at(at(moment)) == (at("2026-01-31T06:00:00") if is_open else None)


def test_a_window_that_spans_midnight_is_open_on_the_day_after():
    assert Window("30 23 * * *", 2 * HOUR).ends_at(at("2026-01-31T00:45:00")) == at("2026-01-31T01:30:00")


def test_a_window_keeps_the_hours_of_its_time_zone():
    berlin = Window("0 2 * * *", HOUR, timezone="Europe/Berlin")
    assert berlin.ends_at(at("2026-07-01T02:30:00", "Europe/Berlin")) == at("2026-07-01T01:00:00")
    assert berlin.ends_at(at("2026-01-15T02:30:00", "Europe/Berlin")) == at("2026-01-15T02:00:00")
    assert berlin.ends_at(at("2026-07-01T02:30:00")) is None


def test_of_several_the_one_that_closes_last_counts_and_only_for_its_hosts():
    short, long = Window("* * * * *", 120.0), Window("0 * * * *", HOUR, name="patching")
    elsewhere = Window("* * * * *", 9 * HOUR, hosts=("db-*",))
    window, end = open_window([short, long, elsewhere], WEB, at("2026-01-31T02:10:00"))
    assert (str(window), end) == ("patching", at("2026-01-31T03:00:00"))
    assert open_window([elsewhere], WEB, at("2026-01-31T02:10:00")) is None


@given(st.floats(1.6e9, 2.0e9), st.sampled_from(["* * * * *", "0 2 * * 6", "*/15 9-17 * * 1-5"]), st.floats(60, 86_400))
def test_an_open_window_ends_later_and_not_later_than_its_length(now, start, duration):
    end = Window(start, duration).ends_at(now)
    assert end is None or now < end <= now + duration


def test_a_day_that_never_comes_is_a_mistake():
    mistakes = Mistakes()
    read_windows([{"start": "0 0 30 2 *", "duration": "1h"}, {"start": "0 0 29 2 *", "duration": "1h"}], "policy.maintenance", mistakes)
    with pytest.raises(ConfigurationError) as raised:
        mistakes.raise_if_any()
    assert [where for where, _text in raised.value.mistakes] == ["policy.maintenance[0].start"]
