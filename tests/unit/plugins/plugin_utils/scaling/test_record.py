# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import re

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.scaling.record import (
    MOST_TEMPORARY,
    Record,
    Temporary,
    is_id,
    read_record,
    still_there,
    without,
)
from hypothesis import given
from hypothesis import strategies as st

IDS = st.from_regex(r"t[0-9a-f]{8}", fullmatch=True)
TEMPORARY = st.lists(st.builds(Temporary, IDS, st.integers(1, 10_000)), max_size=MOST_TEMPORARY).map(tuple)
RECORDS = st.builds(
    Record,
    st.integers(0, 4_000_000_000).map(float),
    st.sampled_from(["out", "in"]),
    st.integers(0, 10_000),
    st.integers(0, 10_000),
    st.none() | st.integers(1, 2**59),
    TEMPORARY,
)


@given(RECORDS)
def test_what_was_written_is_read_and_a_tag_can_hold_it(record):
    text = record.to_text()
    assert read_record(text) == record
    assert re.fullmatch(r"[A-Za-z0-9 +=._:/@-]{1,256}", text)


@pytest.mark.parametrize("case", [10**18, 10**300, -1])
def test_no_number_of_a_case_makes_a_record_that_cannot_be_read_again(case):
    text = Record(1_700_000_000.0, "out", 2, 3, case).to_text()
    assert read_record(text) == Record(1_700_000_000.0, "out", 2, 3)


def test_a_group_that_was_never_changed_has_none():
    assert read_record("") is None


@given(st.text(max_size=60))
def test_any_other_text_is_an_error_that_names_it(text):
    if text:
        with pytest.raises(ValueError, match="direction=out"):
            read_record(text)


@pytest.mark.parametrize(
    "text",
    [
        "time=yesterday direction=out from=1 to=2",
        "time=2026-01-31T12:00:00Z direction=up from=1 to=2",
        "time=2026-01-31T12:00:00Z direction=out from=1 to=2 temporary=t0:1",
        "time=2026-01-31T12:00:00Z direction=out from=1 to=2 temporary=t0a1b2c3d:0",
        "time=2026-01-31T12:00:00Z direction=out from=1 to=2\n",
    ],
)
def test_a_record_that_somebody_has_changed_is_an_error(text):
    with pytest.raises(ValueError, match=r"."):
        read_record(text)


@given(TEMPORARY, st.integers(0, 100_000))
def test_taking_away_takes_exactly_so_many_and_the_oldest_first(temporary, count):
    left = without(temporary, count)
    had, has = (sum(each.count for each in some) for some in (temporary, left))
    assert has == max(had - count, 0)
    assert [each.id for each in left] == [each.id for each in temporary][len(temporary) - len(left) :]


def test_what_others_took_since_is_gone():
    record = Record(0.0, "out", 2, 5, None, (Temporary("t00000001", 1), Temporary("t00000002", 2)))
    assert still_there(record, 5) == record.temporary
    assert still_there(record, 9) == record.temporary
    assert still_there(record, 3) == (Temporary("t00000002", 1),)
    assert still_there(record, 0) == ()


@pytest.mark.parametrize(
    ("text", "expected"), [("t0a1b2c3d", True), ("t0a1b2c3d\n", False), ("0a1b2c3d", False), ("t0a1b2c3", False), (7, False), (None, False)]
)
def test_only_what_the_role_makes_is_a_name(text, expected):
    assert is_id(text) is expected
