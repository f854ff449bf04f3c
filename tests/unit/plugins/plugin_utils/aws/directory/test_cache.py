# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Facts are known for a while, and so many at most."""

from __future__ import annotations

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.cache import ABSENT_SECONDS, KNOWN_SECONDS, Cache
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.facts import IDENTITY, Absent, Identity, Instance, Key

from .world import HERE, ONE, THERE

KEY = Key("instance", ONE)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_what_is_absent_is_asked_for_again_sooner():
    clock = Clock()
    cache = Cache(clock)
    cache.put(HERE, KEY, Instance(ONE))
    cache.put(THERE, KEY, Absent("why"))
    cache.put(HERE, Key(IDENTITY), Identity("111111111111"))
    assert cache.get(HERE, KEY) == Instance(ONE)
    assert cache.get(THERE, KEY) == Absent("why")
    clock.now += ABSENT_SECONDS
    assert cache.get(THERE, KEY) is None
    assert cache.get(HERE, KEY) == Instance(ONE)
    clock.now += KNOWN_SECONDS
    assert cache.get(HERE, KEY) is None
    assert cache.get(HERE, Key(IDENTITY)) == Identity("111111111111")


def test_those_that_were_not_asked_for_longest_go_first():
    cache = Cache(Clock(), most=3)
    for number in range(3):
        cache.put(HERE, Key("instance", str(number)), Instance(str(number)))
    cache.get(HERE, Key("instance", "0"))
    for number in range(3, 5):
        cache.put(HERE, Key("instance", str(number)), Instance(str(number)))
    assert len(cache) == 3
    assert [number for number in range(5) if cache.get(HERE, Key("instance", str(number)))] == [0, 3, 4]
