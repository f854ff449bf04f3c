# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ansible_collections.eventops.infra.plugins.module_utils.one_line import one_line
from hypothesis import given
from hypothesis import strategies as st


@given(st.text() | st.integers() | st.builds(lambda text: text * 200, st.text(min_size=1, max_size=9)))
def test_any_text_is_one_line_with_an_end(text):
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert len(line) <= 500


def test_what_is_short_is_kept_and_what_is_long_is_cut_visibly():
    assert one_line(" a\n  b\t") == "a b"
    assert one_line("x" * 500) == "x" * 500
    assert one_line("x" * 501) == "x" * 497 + "..."
