# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The words that people leave behind: one line, bounded, nothing hidden in it, and nobody speaks as the router."""

from __future__ import annotations

import unicodedata

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.router.control.intervention import (
    MAX_NAME,
    MAX_TEXT,
    InvalidRequest,
    name_of_person,
    words_of_person,
)
from hypothesis import given
from hypothesis import strategies as st


@given(st.text(max_size=3000))
def test_words_are_one_visible_line(text):
    words = words_of_person(text)

    assert len(words) <= MAX_TEXT
    assert words == words.strip()
    assert not {unicodedata.category(each) for each in words} & {"Cc", "Cs", "Zl", "Zp"}
    assert not set(words) & set("\u202a\u202e\u2066\u2069\u200b\u200f\ufeff"), "nothing reverses or hides what stands beside it"
    assert words_of_person(words) == words


def test_plain_words_stay_as_they_are():
    assert words_of_person("the switch in rack 7 — wird getauscht 交換") == "the switch in rack 7 — wird getauscht 交換"
    assert words_of_person("two\nlines\x1b[31m") == "two lines [31m"
    assert words_of_person("x" * 5000) == "x" * (MAX_TEXT - 1) + "…"


def test_names_are_shorter():
    assert name_of_person("alice@example.com") == "alice@example.com"
    assert len(name_of_person("a" * 500)) == MAX_NAME


@pytest.mark.parametrize("text", ["", " \n\t", "\u200b", "router", " Router\n"])
def test_somebody_must_have_asked(text):
    with pytest.raises(InvalidRequest, match="^by: must say"):
        name_of_person(text)
