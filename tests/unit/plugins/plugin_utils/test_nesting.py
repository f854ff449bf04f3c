# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.nesting import MAX_DEPTH, TooDeep, ensure_shallow


def nested(depth, around=list):
    value = around()
    for _level in range(depth - 1):
        value = {"a": value} if around is dict else [value]
    return value


@pytest.mark.parametrize("around", [list, dict])
def test_the_limit_counts_every_object_and_list(around):
    ensure_shallow(nested(MAX_DEPTH, around))
    with pytest.raises(TooDeep, match="at most 64 levels"):
        ensure_shallow(nested(MAX_DEPTH + 1, around))


def test_scalars_have_no_depth():
    ensure_shallow("text", limit=0)
    ensure_shallow(["text"], limit=1)


def test_a_depth_that_would_exhaust_the_stack_is_only_too_deep():
    with pytest.raises(TooDeep):
        ensure_shallow(nested(100_000))


def test_a_list_that_holds_itself_is_too_deep():
    endless: list = []
    endless.append(endless)
    with pytest.raises(TooDeep):
        ensure_shallow(endless)
