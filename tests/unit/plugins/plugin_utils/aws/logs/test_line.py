# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A line is text that anybody may have written: what of it goes on is bounded, and JSON only where it is plainly that."""

from __future__ import annotations

import json

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs.line import LONGEST, Line, lines_in
from hypothesis import given
from hypothesis import strategies as st


def line(message: str) -> Line:
    return Line("1", 0, "stream", message)


def test_an_answer_is_read():
    event = {"eventId": "37", "timestamp": 1, "message": "text", "logStreamName": "a", "ingestionTime": 2}
    assert list(lines_in({"events": [event], "searchedLogStreams": []})) == [Line("37", 1, "a", "text")]
    assert list(lines_in({})) == []


@given(st.text(max_size=200), st.integers(10, 100))
def test_a_text_is_never_longer_than_it_may_be(message, most):
    shown = line(message).text(most)
    assert len(shown) <= most
    assert shown == message or (shown.endswith(" [...]") and message.startswith(shown.removesuffix(" [...]")))


@given(st.dictionaries(st.text(max_size=5), st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=5), max_size=5))
def test_an_object_is_read(value):
    assert line(json.dumps(value)).json(10_000) == value
    assert line(f"  {json.dumps(value, indent=2)}\n").json(10_000) == value


_TWICE, _DEEP = '{"a": 1, "a": 2}', '{"a":' * 70 + "1" + "}" * 70


@pytest.mark.parametrize("message", ["", "text", "[1, 2]", "7", '{"a": 1', '{"a": 1} and more', '{"a": NaN}', _TWICE, _DEEP, "{" * 60_000, '{"a": "\ud800"}'])
def test_what_is_no_object_or_can_be_read_in_two_ways_is_text(message):
    assert line(message).json(1_000_000) is None


@given(st.text(max_size=100))
def test_an_object_is_left_out_where_it_is_too_long(text):
    message = json.dumps({"a": text}, ensure_ascii=False)
    parsed = line(message).json(50)
    assert parsed is None or len(json.dumps(parsed)) <= 100


@given(st.text(max_size=200), st.integers(0, 100), st.integers(0, 20_000))
def test_of_a_long_line_no_more_is_kept_than_is_told(text, blanks, more):
    message = " " * blanks + json.dumps({"text": text, "more": "x" * more})
    (kept,) = lines_in({"events": [{"eventId": "1", "timestamp": 1, "message": message}]})
    assert len(kept.message) <= LONGEST
    for most in (1000, 4000, 8000):
        assert kept.text(most) == line(message).text(most)
        assert kept.json(most) == line(message).json(most)
