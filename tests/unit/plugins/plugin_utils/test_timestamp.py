# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.timestamp import from_epoch, in_utc, utc_text
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("given_text", "utc"),
    [
        ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z"),
        ("2026-01-31t12:00:00z", "2026-01-31T12:00:00Z"),
        ("2026-01-31 12:00:00+02:00", "2026-01-31T10:00:00Z"),
        ("2026-01-01T00:30:00+01:00", "2025-12-31T23:30:00Z"),
        ("2026-01-31T12:00:00.250Z", "2026-01-31T12:00:00.250000Z"),
        # Prometheus writes nanoseconds.
        ("2026-01-31T12:00:00.123456789Z", "2026-01-31T12:00:00.123456Z"),
    ],
)
def test_any_offset_is_brought_to_utc(given_text, utc):
    assert in_utc(given_text) == utc


@pytest.mark.parametrize(
    "text",
    ["", "now", "2026-01-31", "2026-01-31T12:00:00", "20260131T120000Z", "2026-13-01T00:00:00Z", "2026-01-31T25:00:00Z", "2026-W05-6T12:00:00Z"]
    + ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "２０26-01-31T12:00:00Z"],
)
def test_what_is_no_rfc_3339_timestamp_is_refused(text):
    with pytest.raises(ValueError):
        in_utc(text)


def test_seconds_since_the_epoch_are_written_in_utc():
    assert from_epoch(0) == "1970-01-01T00:00:00Z"
    assert from_epoch(1769860800.5) == "2026-01-31T12:00:00.500000Z"


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), 1e20, -1e20])
def test_seconds_outside_the_calendar_are_refused(seconds):
    with pytest.raises(ValueError):
        from_epoch(seconds)


@given(st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1)), st.integers(-14 * 60, 14 * 60))
def test_a_moment_keeps_its_place_in_time(naive, offset_minutes):
    moment = naive.replace(tzinfo=timezone(timedelta(minutes=offset_minutes)))
    assert datetime.fromisoformat(in_utc(moment.isoformat())) == moment
    assert in_utc(utc_text(moment)) == utc_text(moment)
