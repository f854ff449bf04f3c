# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Marking the things that cases are about: with the newest case that is being worked on, else with the newest that ended, and how."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.errors import AWS_ERRORS, DENIED, INVALID, MISSING, failure_of
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Place
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.around import Around
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.feedback.open_cases import OpenCases
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.feedback.tagging import NotTagged, write_tag
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.feedback.targets import TAGS, Target, Targets
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.feedback.ways import Ways
from ansible_collections.eventops.infra.plugins.plugin_utils.store.finished import Finished
from ansible_collections.eventops.infra.plugins.plugin_utils.store.underway import Underway
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import EXHAUSTED, OPEN, RESOLVED, SUPPRESSED

logger = logging.getLogger(__name__)

# Of interest to who looks at the thing: it was worked on, or that was refused.
_TOLD = (RESOLVED, EXHAUSTED, SUPPRESSED)
_MOST_DENIED = 3  # in a row; others are tried later, as a policy may allow some things and not others
_MOST_TRIES = 4  # of what AWS's tagging does not say whether it will ever work
_MOST_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class _Mark:
    """What a tag is to say: a case and its state."""

    case: int
    state: str

    def __str__(self) -> str:
        return f"{self.case} {self.state}"


@dataclass(frozen=True, slots=True)
class _Written:
    """What a tag says, and which end it, or what stands there instead, is the news of."""

    mark: _Mark
    end: int = 0


class Marking:
    """Writes tags.

    :param key: of the tag; None: nothing is written.
    """

    def __init__(self, key: str | None, places: Sequence[Place], around: Around, ways: Ways) -> None:
        self._key = key
        self._around = around
        self._ways = ways
        self._targets = Targets(places, around, ways)
        self._open = OpenCases()
        self._shown: OrderedDict[int, None] = OrderedDict()  # whose end is told, whatever it is: something is marked as open by them
        self._denied: dict[Target, None] = {}
        self._tries: dict[_Mark, int] = {}
        self._written: OrderedDict[Target, _Written] = OrderedDict()

    @property
    def is_on(self) -> bool:
        """Tell whether anything is written."""
        return self._key is not None

    @property
    def known(self) -> Set[int]:
        """Return the cases that are marked as open, or are about nothing that can be."""
        return self._open.ids

    async def show(self, found: Underway) -> None:
        """Mark what is being worked on. Those that need not be tried again are `known` afterwards."""
        self._open.only(found.ids)
        told = await self._targets.sort(found.cases)
        self._open.add((each.case.id for each in told.about_nothing), None)
        cases = {target: [each.case.id for each in its] for target, its in told.by_target.items()}
        marks = {target: _Mark(max(*numbers, self._open.newest(target) or 0), OPEN) for target, numbers in cases.items()}
        for target in await self._write_all({target: _Written(mark, self._end_at(target)) for target, mark in marks.items()}):
            self._open.add(cases[target], target)
            self._shown.update(dict.fromkeys(cases[target]))
        _forget_the_oldest(self._shown)

    async def tell(self, ends: Sequence[Finished]) -> set[int]:
        """Mark what ends of cases were about; return the ids of those that are dealt with. Of several about one thing the newest is written."""
        to_tell = [end for end in ends if self._key is not None and (end.case.state in _TOLD or end.case.id in self._shown)]
        done = {end.id for end in ends} - {end.id for end in to_tell}
        told = await self._targets.sort(to_tell)
        done.update(end.id for end in told.about_nothing)
        marks = {}
        for target, its in told.by_target.items():
            for end in its:
                self._open.end(end.case.id)
            newest, still_open = max(its, key=lambda end: end.id), self._open.newest(target)
            mark = _Mark(newest.case.id, newest.case.state) if still_open is None else _Mark(still_open, OPEN)
            if self._end_at(target) < newest.id:  # else a newer one was written, while this one failed
                marks[target] = _Written(mark, newest.id)
            else:
                done.update(end.id for end in its)
        for target in await self._write_all(marks):
            done.update(end.id for end in told.by_target[target])
        for end in to_tell:
            if end.id in done:
                self._shown.pop(end.case.id, None)
                self._tries.pop(_Mark(end.case.id, OPEN), None)
        return done

    def _end_at(self, target: Target) -> int:
        return self._written[target].end if target in self._written else 0

    async def _write_all(self, marks: Mapping[Target, _Written]) -> list[Target]:
        """Write tags; return those that need not be tried again."""
        done = []
        failures: dict[Place, int] = {}
        # Those that were denied come last, so that they keep nobody waiting.
        for target in sorted(marks, key=lambda each: each in self._denied):
            if failures.get(target.place, 0) >= _MOST_DENIED:
                continue
            failure = await self._failure_to_write(target, marks[target])
            if failure is None:
                failures[target.place] = 0
                done.append(target)
            else:
                failures[target.place] = failures.get(target.place, 0) + 1 if failure == DENIED else _MOST_DENIED
        return done

    async def _failure_to_write(self, target: Target, wanted: _Written) -> str | None:
        """Write a tag; return the kind of failure where that is to be tried again."""
        mark, why = wanted.mark, ""
        if target in self._written and self._written[target].mark == mark:
            self._written[target] = wanted
            return None
        try:
            await write_tag(self._around.clients, target.place, target.account, target.resource, self._key or "", str(mark))
        except NotTagged as error:
            self._tries[mark] = self._tries.get(mark, 0) + 1
            if error.may_pass and self._tries[mark] < _MOST_TRIES:
                self._ways.failed(TAGS, target.place, error)
                return DENIED  # as that, it keeps no other waiting
            why = str(error)
        except AWS_ERRORS as error:
            failure = failure_of(error)
            if failure.kind not in (MISSING, INVALID):
                if failure.kind == DENIED:
                    self._denied[target] = None
                self._ways.failed(TAGS, target.place, error)
                return failure.kind
            why = failure.text  # it is gone, or has as many tags as it may have
        self._ways.well(TAGS, target.place)
        if why:
            logger.warning("cloudwatch: feedback (%s): case %d: %s has no tag: %s", target.place, mark.case, target.resource.name, why)
        self._tries.pop(mark, None)
        self._denied.pop(target, None)
        self._written[target] = wanted
        self._written.move_to_end(target)
        _forget_the_oldest(self._written)
        return None


def _forget_the_oldest(remembered: OrderedDict[Any, Any]) -> None:
    while len(remembered) > _MOST_REMEMBERED:
        remembered.popitem(last=False)
