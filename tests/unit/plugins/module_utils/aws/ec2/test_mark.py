# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is written on an instance counts for an hour, and only where AWS itself does not say otherwise: anybody may have written it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from ansible_collections.eventops.infra.plugins.module_utils.aws.ec2.mark import Mark, doubt, read
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC).timestamp()
BEGUN = Mark("stop_start", NOW - 120, "web")
STOPPED_THEN, STOPPED_BEFORE = "User initiated (2026-01-31 11:58:00 GMT)", "User initiated (2026-01-31 11:57:59 GMT)"


@given(st.sampled_from(["stop_start", "replace"]), st.integers(0, 4_000_000_000), st.text(min_size=1).filter(lambda text: text == text.strip()) | st.just(""))
def test_what_is_written_is_read_again(step, at, group):
    assert read(Mark(step, at, group).text) == Mark(step, at, group)


@pytest.mark.parametrize(
    "text",
    ["", "stop_start", "stop_start web", "replace web", "reboot 2026-01-31T11:58:00Z", "stop_start 2026-01-31", "stop_start 2026-99-31T11:58:00Z"],
)
def test_what_has_no_time_or_another_form_is_no_mark(text):
    assert read(text) is None


@given(st.text())
def test_whatever_is_written_is_read(text):
    mark = read(text)

    assert mark is None or doubt(mark, "stopped", text, NOW) or NOW - 3600 <= mark.at <= NOW + 60


@pytest.mark.parametrize(
    ("mark", "state", "transition", "why"),
    [
        (BEGUN, "stopped", STOPPED_THEN, ""),
        (BEGUN, "stopping", STOPPED_THEN, ""),
        (BEGUN, "stopped", STOPPED_THEN.replace("GMT", "UTC"), ""),
        (BEGUN, "stopped", STOPPED_BEFORE, "the instance was stopped before that"),
        (BEGUN, "stopping", STOPPED_BEFORE, "the instance was stopped before that"),
        (BEGUN, "stopped", "", "AWS does not say when"),
        (BEGUN, "stopped", "User initiated (2026-01-31 25:00:00 GMT)", "AWS does not say when"),
        # Of one that runs again, AWS has forgotten when it was stopped.
        (BEGUN, "running", "", ""),
        (Mark("stop_start", NOW - 3600), "running", "", ""),
        (Mark("stop_start", NOW - 3601), "running", "", "within the last 3600 s"),
        (Mark("stop_start", NOW - 3601), "stopped", STOPPED_THEN, "within the last 3600 s"),
        (Mark("stop_start", NOW + 61), "stopped", "User initiated (2026-01-31 13:00:00 GMT)", "within the last 3600 s"),
        (Mark("replace", NOW - 3601, "web"), "terminated", "", "within the last 3600 s"),
        (Mark("replace", NOW - 60, "web"), "terminated", STOPPED_BEFORE, ""),
    ],
)
def test_when_a_mark_counts(mark, state, transition, why):
    said = doubt(mark, state, transition, NOW)

    assert said == why if not why else why in said
