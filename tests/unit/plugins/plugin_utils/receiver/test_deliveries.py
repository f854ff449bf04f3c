# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event
from ansible_collections.eventops.infra.plugins.plugin_utils.receiver.deliveries import Ids, Remembered


def events(*ids):
    return [Event(each, "s", "t", "", "", "info", (), "", {}, {}) for each in ids]


def test_the_senders_id_is_the_events_and_of_several_events_each_has_its_own():
    ids = Ids()
    first, again = ids.of("d-1"), ids.of("d-1")
    assert [first(), first(), first()] == [again(), again(), again()] == ["d-1", "d-1/2", "d-1/3"]


def test_an_id_that_no_index_should_hold_is_known_all_the_same():
    for odd in ("x" * 8000, "a b", "\udcff", "ü"):
        made = Ids().of(odd)()
        assert made == Ids().of(odd)() and len(made) == 64 and made.isascii()


def test_without_one_no_two_are_the_same():
    ids = Ids()
    made = [ids.of(None)() for _each in range(100)] + [Ids().of(None)() for _each in range(100)]
    assert len(set(made)) == 200


def new(remembered, *ids):
    with remembered.new_among(events(*ids)) as found:
        return [event.id for event in found]


def test_what_was_handed_on_is_known_until_there_is_too_much():
    remembered = Remembered(most=2)
    assert new(remembered, "a", "b", "a") == ["a", "b"], "each once"
    assert new(remembered, "a", "c") == ["c"]
    assert new(remembered, "a") == ["a"], "the oldest is forgotten"


def test_what_is_being_handed_on_is_known_already_and_what_could_not_be_is_not():
    remembered = Remembered()
    with pytest.raises(OSError), remembered.new_among(events("a")):
        assert new(remembered, "a") == []
        raise OSError
    assert new(remembered, "a") == ["a"]
