# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.host_rules import NamesNoHost, NoHost
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.received import NO_HOST, UNREAD, UNREADABLE, word_of
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.several import read_each
from ansible_collections.eventops.infra.plugins.plugin_utils.attributes import event_from_attributes
from ansible_collections.eventops.infra.plugins.plugin_utils.event import InvalidEvent

from .examples import CONTEXT


def read(part):
    return event_from_attributes({"type": part}, source="s", received_at=CONTEXT.received_at, new_id=CONTEXT.new_id)


def test_what_cannot_be_read_is_kept_in_its_place():
    first, kept, last = read_each(["a.b", 5, "c.d"], "parts", read, CONTEXT)
    assert [first.type, kept.type, last.type] == ["a.b", "event.received", "c.d"]
    assert (kept.data, kept.extra[UNREAD]) == ({"payload": 5}, "parts[1]: type: must be text, got the number 5")


def test_what_names_no_host_is_told_from_what_is_unreadable():
    def reading(part):
        if isinstance(part, Exception):
            raise part
        return read(part)

    events = read_each(["a.b", NoHost("a"), InvalidEvent("b")], "parts", reading, CONTEXT)
    assert [word_of(event) for event in events] == [None, NO_HOST, UNREADABLE]


def test_it_names_no_host_only_when_that_is_so_of_each():
    def reading(part):
        raise part

    with pytest.raises(NamesNoHost):
        read_each([NamesNoHost("a"), NamesNoHost("b")], "parts", reading, CONTEXT)
    for parts in ([NamesNoHost("a"), NoHost("b")], [InvalidEvent("a"), NamesNoHost("b")]):
        with pytest.raises(InvalidEvent) as raised:
            read_each(parts, "parts", reading, CONTEXT)
        assert not isinstance(raised.value, NamesNoHost)
    with pytest.raises(InvalidEvent) as nothing:
        read_each([], "parts", reading, CONTEXT)
    assert not isinstance(nothing.value, NamesNoHost)


@pytest.mark.parametrize(
    ("parts", "message"),
    [([], "^parts: must not be empty$"), ([5], r"^parts\[0\]: type: .*5$"), ([5, 6, 7], r"^parts\[0\]: .* \(and 2 more that cannot be read\)$")],
)
def test_when_nothing_can_be_read_the_sender_is_told_why(parts, message):
    with pytest.raises(InvalidEvent, match=message):
        read_each(parts, "parts", read, CONTEXT)
