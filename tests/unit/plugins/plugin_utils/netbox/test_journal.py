# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a journal entry says, and that text from hosts stays text in it."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.journal import KINDS, comments_of, is_told, mark_of
from hypothesis import given
from hypothesis import strategies as st

from .ends import an_end

SOURCE = "https://netbox.example.com"
HOSTILE = [
    "```\n# heading", "~~~\nx", "</code></pre><script>alert(1)</script>", "[x](javascript:alert(1))",
    "a\r\n\r\n# b", "a\x0b# b\x0c# c\u2028# d\x85# e", "\n\n# x",
    "[1]: http://evil.example.com", "| a | b |\n|---|---|", "***", "{{ x }}", "\tx", "> quote", "a\rb",
]  # fmt: skip


def test_success_is_one_line():
    entry = comments_of(an_end(), SOURCE, None)
    assert entry == "**Done**: `netbox.virtualmachine.ready` after 1 attempt, 42 s, case 7.\n\n`eventops https://netbox.example.com 7.1`"


def test_a_console_is_linked():
    for console in ("https://console.example.com", "https://console.example.com/"):
        assert "[case 7](https://console.example.com/cases/7)" in comments_of(an_end(), SOURCE, console)


def test_failure_has_the_last_error_and_the_reason():
    entry = comments_of(an_end("exhausted", error="Permission denied", reason="3 attempts failed"), SOURCE, None)
    assert entry.startswith("**Failed**:")
    assert "\n\n    Permission denied\n\n    3 attempts failed\n" in entry
    assert comments_of(an_end("exhausted", error="no route", reason="failed: no route"), SOURCE, None).count("no route") == 1


def test_what_was_refused_has_its_reason():
    entry = comments_of(an_end("suppressed", reason="unknown host: all: that is a group of hosts", unreachable="primary_ip is not set"), SOURCE, None)
    assert entry.startswith("**Not done**:")
    assert "\n    unknown host: all: that is a group of hosts\n" in entry
    assert "\n    How to reach it: primary_ip is not set\n" in entry


@pytest.mark.parametrize(("state", "kind"), [("resolved", "success"), ("exhausted", "danger"), ("suppressed", "warning")])
def test_the_kind_says_how_it_ended(state, kind):
    assert KINDS[state] == kind and is_told(an_end(state))


@pytest.mark.parametrize("state", ["observed", "unmatched"])
def test_what_nobody_worked_on_is_not_told(state):
    assert not is_told(an_end(state))


def assert_it_stays_text(text: str) -> None:
    """Between what we write ourselves there are only indented lines, which Markdown shows as they are."""
    entry = comments_of(an_end("exhausted", error=text, reason=text), SOURCE, None)
    first, empty, *lines, empty_again, mark = entry.split("\n")
    assert first.startswith("**Failed**:") and mark.startswith("`eventops ") and empty == empty_again == ""
    assert lines and all(line.startswith("    ") or line == "" for line in lines)
    assert entry.splitlines() == entry.split("\n"), "something in it would be another line to others"
    # The text is a block of its own, which begins after an empty line.
    assert lines[0].strip()
    entry.encode("utf-8")
    assert "\x00" not in entry


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text):
    assert_it_stays_text(text)


@given(st.text(min_size=1) | st.lists(st.sampled_from(HOSTILE), min_size=1).map("".join))
def test_any_text_stays_text(text):
    assert_it_stays_text(text)


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\ud800", "\uffff"])
def test_what_netbox_does_not_take_is_seen_to_have_been_there(character):
    assert "    a\ufffdb\n" in comments_of(an_end("exhausted", error=f"a{character}b"), SOURCE, None)


def test_long_text_is_cut_off():
    assert len(comments_of(an_end("exhausted", error="x" * 100_000, reason="y" * 100_000), SOURCE, None)) < 5000


def test_each_end_has_a_mark_of_its_own():
    marks = {mark_of(an_end(number=number, case=case), source) for number in (1, 11) for case in (1, 11) for source in ("a", "b")}
    assert len(marks) == 8
    assert all(f"`{mark_of(an_end(), SOURCE)}`" in comments_of(an_end(state), SOURCE, None) for state in KINDS)
