# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Names that a machine has are told on one line, of bounded length."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.module_utils.host.text import printable, size, told
from hypothesis import given
from hypothesis import strategies as st


@given(st.text(), st.integers(10, 50))
def test_a_name_breaks_no_line(text, longest):
    assert printable(text, longest).isprintable()
    assert len(printable(text, longest)) <= longest


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (5 * 2**30, "5.0 GiB"), (500 * 2**40, "500 TiB"), (2**60, "1024 PiB")],
)
def test_a_size_for_people(number, text):
    assert size(number) == text


@given(st.lists(st.text(min_size=1, max_size=300)))
def test_as_many_parts_as_there_is_room_for(parts):
    assert len(told(parts, 900)) <= 900
    assert "and" in told(parts, 900) or told(parts, 900) == ", ".join(parts) or len(parts) == 1
