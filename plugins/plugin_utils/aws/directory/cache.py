# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Facts for a while: so many at most, those that were not asked for longest go first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Place
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.facts import IDENTITY, Absent, Fact, Key

MOST = 20_000
# A name is given to another instance seldom, and an alarm comes minutes after it. What AWS does not have, it may have in a moment.
KNOWN_SECONDS, ABSENT_SECONDS = 60.0, 15.0
# What AWS does not take for a name stays so for longer than the longest pause after a failure: who asks again does not begin anew.
_NO_NAME_SECONDS = 600.0
_IDENTITY_SECONDS = 86_400.0  # an account keeps its number


class Cache:
    """Facts by place and key.

    :param now: returns seconds, from any point.
    """

    def __init__(self, now: Callable[[], float], most: int = MOST) -> None:
        self._now = now
        self._most = most
        self._facts: OrderedDict[tuple[Place, Key], tuple[float, Fact]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._facts)

    def get(self, place: Place, key: Key) -> Fact | None:
        """Return a fact that is not too old, or None."""
        found = self._facts.get((place, key))
        if found is None:
            return None
        if found[0] <= self._now():
            del self._facts[place, key]
            return None
        self._facts.move_to_end((place, key))
        return found[1]

    def put(self, place: Place, key: Key, fact: Fact) -> None:
        """Know a fact for a while."""
        if isinstance(fact, Absent):
            seconds = _NO_NAME_SECONDS if fact.for_good else ABSENT_SECONDS
        else:
            seconds = _IDENTITY_SECONDS if key.kind == IDENTITY else KNOWN_SECONDS
        self._facts[place, key] = (self._now() + seconds, fact)
        self._facts.move_to_end((place, key))
        while len(self._facts) > self._most:
            self._facts.popitem(last=False)
