# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ansible_collections.eventops.infra.plugins.plugin_utils.batches import batches
from hypothesis import given
from hypothesis import strategies as st


@given(st.lists(st.integers()), st.integers(1, 4))
def test_everything_comes_in_its_order_in_parts_as_large_as_they_may_be(items, most):
    parts = list(batches(items, most))
    assert [item for part in parts for item in part] == items
    assert all(len(part) == most for part in parts[:-1])
    assert all(1 <= len(part) <= most for part in parts[-1:])
