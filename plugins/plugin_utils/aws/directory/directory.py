# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The directory: hosts from AWS, for adapters, which only ask what is known now."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.names import Answer, Lost, Names, Question
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Place
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.answering import Answering, NotYet
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.cache import Cache
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.facts import IDENTITY, Fact, Identity, Key
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.lookups import Lookups
from ansible_collections.eventops.infra.plugins.plugin_utils.event import InvalidEvent
from ansible_collections.eventops.infra.plugins.plugin_utils.keeper import Keeper

if TYPE_CHECKING:
    from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.clients import Clients

logger = logging.getLogger(__name__)

T = TypeVar("T")

Known = dict[tuple[Place, Key], tuple[float, Fact]]  # with the time when the attempt began that learnt it
Learned = Callable[[tuple[Place, Key], Fact], None]

_MOST_SAID = 1000
# As long as what AWS does not take for a name is known. A tag that was changed meanwhile is an old one then, so that it is asked for again.
LONGEST_KNOWN_SECONDS = 600.0


class Directory:
    """Who is who in the accounts of one source.

    :param places: all regions of all accounts of the source. A name is only taken where no other instance in any of them has it.
    :param now: returns seconds, from any point.
    """

    def __init__(self, clients: Clients, keeper: Keeper, places: Sequence[Place], now: Callable[[], float] = time.monotonic) -> None:
        self._places = tuple(places)
        self._now = now
        self._cache = Cache(now)
        self._lookups = Lookups(clients, keeper, self._cache)
        self._said: OrderedDict[tuple[str, str], None] = OrderedDict()

    async def read(self, place: Place, read: Callable[[Names], T], known: Known | None = None) -> T:
        """Return what `read` makes of events, given whom to ask for names (AdapterContext.names).

        It is called with what is known now, and again, when what it asked for has been looked up, until nothing is missing: it must have no effects.

        :param place: where the events come from.
        :param known: what is learnt goes there. Whoever tries again, since AWS did not answer, gives the same one: many questions may need more requests than
            AWS takes at a time, and so they come to an end.
        :raises: AWS_ERRORS, where AWS does not answer: whoever reads waits and tries again. What it denies, or does not have, is in the answers. What
            `read` raises, when nothing was missing.
        """
        known = {} if known is None else known
        begun = self._now()
        for key in [key for key, (learnt_at, _fact) in known.items() if learnt_at < begun - LONGEST_KNOWN_SECONDS]:
            del known[key]

        def learned(key: tuple[Place, Key], fact: Fact) -> None:
            known[key] = (begun, fact)

        while True:
            asked = _Asked(place, self._places, self._cache, known, learned)
            try:
                result = read(asked)
            except InvalidEvent:
                if not asked.missing:
                    raise
            else:
                if not asked.missing:
                    self._say(asked.answers)
                    return result
            await self._lookups.fetch(asked.missing, learned)

    async def account_of(self, place: Place) -> str:
        """Return the number of an account; empty where AWS does not say it. Raises AWS_ERRORS."""
        key = Key(IDENTITY)
        found = self._cache.get(place, key) or (await self._lookups.fetch([(place, key)]))[place, key]
        return found.account if isinstance(found, Identity) else ""

    async def close(self) -> None:
        """Ask AWS no more."""
        await self._lookups.close()

    def _say(self, answers: Sequence[tuple[Question, Answer]]) -> None:
        for question, answer in answers:
            for lost in answer.lost:
                if (lost.value, lost.why) not in self._said:
                    logger.warning("cloudwatch: no host is known for %s by %s: %s", ascii(lost.value[:200]), question.by, lost.why)
                self._said[lost.value, lost.why] = None
                self._said.move_to_end((lost.value, lost.why))
        while len(self._said) > _MOST_SAID:
            self._said.popitem(last=False)


class _Asked:
    """Answers of what is known now; `missing` is what would have to be known for those that were not answered."""

    def __init__(self, place: Place, places: Sequence[Place], cache: Cache, known: Known, learned: Learned) -> None:
        self.missing: dict[tuple[Place, Key], None] = {}
        self.answers: list[tuple[Question, Answer]] = []
        self._place = place
        self._places = places
        self._cache = cache
        self._known = known  # what gets too old for the cache meanwhile is not asked for once more
        self._learned = learned

    def __call__(self, question: Question) -> Answer:
        try:
            answer = Answering(question, self._place, self._places, self._look).answer()
        except NotYet:
            # No answer at all would be a mistake to rules that must find a host, and end the reading before the other events have asked.
            return Answer(lost=(Lost(question.value, "is being looked up"),))
        self.answers.append((question, answer))
        return answer

    def _look(self, place: Place, key: Key) -> Fact:
        if (fact := self._cache.get(place, key)) is not None:
            self._learned((place, key), fact)
            return fact
        if (known := self._known.get((place, key))) is not None:
            return known[1]
        self.missing[place, key] = None
        raise NotYet
