# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How hostile text is shown."""

from __future__ import annotations

import time
import unicodedata

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.console.text import as_json, clock, iso, some_hosts, span, visible
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("web-01 is down\n\tsince noon", "web-01 is down\n\tsince noon"),
        ("Ünïcödé Ελληνικά عربى 日本語 🚒", "Ünïcödé Ελληνικά عربى 日本語 🚒"),
        ("exe.\u202egnp", "exe.⟦U+202E⟧gnp"),
        ("a\u2066b\u2069c\u200bd\ufeffe\u00adf", "a⟦U+2066⟧b⟦U+2069⟧c⟦U+200B⟧d⟦U+FEFF⟧e⟦U+00AD⟧f"),
        ("\x00\x1b[31mred\x07\r", "⟦U+0000⟧⟦U+001B⟧[31mred⟦U+0007⟧⟦U+000D⟧"),
        ("\ud83d alone", "⟦U+D83D⟧ alone"),
        ("tag\U000e0041", "tag⟦U+E0041⟧"),
        ("e\u0301", "e\u0301"),
        ("z" + "\u0301" * 500 + "!", "z" + "\u0301" * 4 + "!"),
    ],
)
def test_what_would_deceive_a_reader_is_shown_by_its_number(text, shown):
    assert visible(text) == shown


@given(st.text(st.characters()))
def test_nothing_unseen_is_left(text):
    for character in visible(text):
        assert character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp")
    visible(text).encode()


def test_an_event_is_written_for_a_reader():
    assert as_json({"a": ["é", None, 1.5]}) == '{\n  "a": [\n    "é",\n    null,\n    1.5\n  ]\n}'


def test_a_large_event_costs_no_more_than_what_is_shown_of_it():
    large = {"lines": ["x" * 100] * 100_000}
    began = time.thread_time()
    text = as_json(large, 1000)
    assert time.thread_time() - began < 0.5
    assert 1000 < len(text) < 1300 and as_json(large["lines"][:50]).startswith("[") and text.startswith('{\n  "lines": [\n    "xxx')
    assert as_json({"a": 1}, 1000) == as_json({"a": 1})


def test_times():
    assert (iso(1769860800.9), clock(1769860800.9)) == ("2026-01-31T12:00:00Z", "2026-01-31 12:00:00 UTC")


@pytest.mark.parametrize(
    ("seconds", "words"), [(-1, "0.0 s"), (1.26, "1.3 s"), (59.6, "60 s"), (300, "5 min"), (7200, "2 h"), (86_400, "24 h"), (200_000, "2 days")]
)
def test_how_long(seconds, words):
    assert span(seconds) == words


def test_some_hosts():
    assert some_hosts(("a", "b")) == "a, b"
    assert some_hosts(tuple("abcdefg"), 3) == "a, b, c and 4 more"
