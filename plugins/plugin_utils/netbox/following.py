# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Following: changes become events, with the objects as they are now, and what is known of these is remembered in the same step."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.keeper import Keeper

from .acquaintances import Acquaintances
from .change import CREATED, DELETED, Change, Key
from .change_log import ChangeLog
from .consequences import Consequences
from .known import HELD, UNTOLD, Known
from .narration import Narrator
from .objects import Found, Objects
from .recollection import Recollection
from .step import Step

logger = logging.getLogger(__name__)

_MOST_MISSED = 10
_AT_ONCE = 100  # altered objects that are read together
_NOTHING: Mapping[str, str | None] = MappingProxyType({})


class Follower:
    """Tells of changes to the keeper.

    :param place: how far the change log has been read.
    :param consequences: what changes of other objects alter.
    :param object_types: those that events are about.
    """

    def __init__(
        self,
        keeper: Keeper,
        place: Recollection,
        log: ChangeLog,
        objects: Objects,
        narrator: Narrator,
        consequences: Consequences,
        object_types: Collection[str],
        now: Callable[[], float],
    ) -> None:
        self._acquaintances = Acquaintances(keeper)
        self._missed: dict[Key, int] = {}  # how often a held object was not found, in a row
        self._keeper = keeper
        self._place = place
        self._log = log
        self._objects = objects
        self._narrator = narrator
        self._consequences = consequences
        self._types = frozenset(object_types)
        self._now = now

    @property
    def held(self) -> Mapping[Key, Known]:
        """Return the objects that lack something that they need."""
        return self._acquaintances.held

    async def recall(self) -> None:
        """Take up which objects are held."""
        await self._acquaintances.recall()

    async def follow(
        self, changes: Sequence[Change], asked: Iterable[Key] = (), *, remember: Mapping[str, str | None] = _NOTHING, read_on_to: datetime | None = None
    ) -> None:
        """Tell of changes, in their order, and then of those held objects that are asked for.

        :param remember: what is to be remembered when all is told.
        :param read_on_to: the time up to which these are all the changes that were not told of before.
        :raises NetBoxError, IntakeUnavailable: when it cannot go on; what was told by then is remembered.
        """
        step = Step(self._keeper, self._place, self._acquaintances)
        altered = await self._consequences.of_addresses(changes)
        await self._tell(step, [*changes, *altered, *await self._untold(altered)], asked)
        some: list[Change] = []
        async for change in self._consequences.of_contexts(changes):
            some.append(change)
            if len(some) >= _AT_ONCE:
                await self._tell(step, [*some, *await self._untold(some)])
                some = []
        await self._tell(step, [*some, *await self._untold(some)])
        await step.end(changes, remember, read_on_to)

    async def _untold(self, consequences: Sequence[Change]) -> list[Change]:
        """Return the changes of altered objects themselves that were not told of yet: an object is not updated before it was created."""
        if not consequences or self._place.time is None:
            return []  # where nothing is to be read on from yet, all that is told of is given
        return [change for change in await self._log.of([change.key for change in consequences], self._place.since) if self._place.is_new(change)]

    async def _tell(self, step: Step, changes: Iterable[Change], asked: Iterable[Key] = ()) -> None:
        once = {change.mark: change for change in changes if change.object_type in self._types and change.mark not in step.told}
        asked = [key for key in asked if key[0] in self._types]
        keys = list(dict.fromkeys([*(change.key for change in once.values()), *asked]))
        if not keys:
            return
        found, known = await self._objects.read(keys), await self._acquaintances.of(keys)
        for key, known_of_it in step.known.items():  # not written yet
            _note(known, key, known_of_it)
        for change in _in_order(once.values(), known):
            if change.key in found.outside:
                await self._let_go(step, change.key, known)
            elif self._is_ours(change, known):
                told = self._narrator.tell(change, found.inside.get(change.key), known.get(change.key))
                _note(known, change.key, told.known)
                step.told.add(change.mark)
                # What alters others is done with when they are told of.
                is_done = not change.is_consequence and change.object_type not in self._consequences.causes
                await step.add(change.key, told.events, told.known, (change,) if is_done else ())
        for key in asked:
            await self._look(step, key, found, known)

    async def meet(self, object_type: str, things: Iterable[Mapping[str, Any]], *, has_rested: Callable[[Mapping[str, Any]], bool]) -> None:
        """Get to know objects that were there before the source was, without telling of them.

        :param has_rested: tells of an object whether what it is now is what it was at the place that is read on from.
        """
        step = Step(self._keeper, self._place, self._acquaintances)
        for thing in things:
            known = self._narrator.first_known(object_type, thing, self._now())
            await step.add((object_type, thing["id"]), (), known if has_rested(thing) else Known(object=known.object))
        await step.end((), {}, None)

    async def _let_go(self, step: Step, key: Key, known: dict[Key, Known]) -> None:
        """Remember of an object that it is outside the filters: its end is told to nobody then. It may come back."""
        its = known.get(key)
        if its is not None and not its.has_left:
            known[key] = replace(its, has_left=True)
            await step.add(key, (), known[key])

    def _is_ours(self, change: Change, known: Mapping[Key, Known]) -> bool:
        """Tell whether a change is within the filters; the end of an object, which they cannot be asked about, is when the object was."""
        if change.action != DELETED or not self._objects.has_filters(change.object_type):
            return True
        return change.key in known and not known[change.key].has_left

    async def _look(self, step: Step, key: Key, found: Found, known: dict[Key, Known]) -> None:
        thing, its = found.inside.get(key), known.get(key)
        if its is None or its.state != HELD:
            return
        if thing is None:
            # Its end may have been committed a moment ago, and is read next time.
            self._missed[key] = self._missed.get(key, 0) + 1
            if self._missed[key] > _MOST_MISSED:
                logger.warning("netbox: %s %d is gone, or hidden from us, and the change log does not say why; it is waited for no more", *key)
                await step.add(key, (), None)
            return
        self._missed.pop(key, None)
        told = self._narrator.look(key, thing, its, self._now())
        if told.known != its:
            await step.add(key, told.events, told.known)


def _in_order(changes: Collection[Change], known: Mapping[Key, Known]) -> list[Change]:
    """Return changes as they are to be told. What altered an object before it was created is none of them.

    And what an object was by its own changes is known before it is told what else altered it.
    """
    created = {change.key for change in changes if change.action == CREATED}
    told = [change for change in changes if not (change.is_consequence and change.key in created)]
    return sorted(told, key=lambda change: (change.is_consequence and known.get(change.key, Known()).state == UNTOLD, change.time, change.id))


def _note(known: dict[Key, Known], key: Key, its: Known | None) -> None:
    if its is None:
        known.pop(key, None)
    else:
        known[key] = its
