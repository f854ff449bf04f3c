# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Marking the things that cases were about with the newest case's number and how it ended."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.errors import AWS_ERRORS, DENIED, INVALID, MISSING, failure_of
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Place
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.around import Around
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.resource import Resource
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.feedback.about import resource_about
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.feedback.tagging import NotTagged, needs_account, write_tag
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.feedback.ways import Ways
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.feedback.whereabouts import origin_of, place_of
from ansible_collections.eventops.infra.plugins.plugin_utils.store.finished import Finished
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import EXHAUSTED, RESOLVED, SUPPRESSED

logger = logging.getLogger(__name__)

TAGS = "tags"
# Of interest to who looks at the thing: it was worked on, or that was refused.
_TOLD = (RESOLVED, EXHAUSTED, SUPPRESSED)
_MOST_DENIED = 3  # in a row; others are tried later, as a policy may allow some things and not others
_MOST_TRIES = 4  # of what AWS's tagging does not say whether it will ever work
_MOST_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Target:
    """Something that has a tag, and the number of its account where that is needed."""

    place: Place
    resource: Resource
    account: str = ""


class Marking:
    """Writes tags.

    :param key: of the tag; None: nothing is written.
    """

    def __init__(self, key: str | None, places: Sequence[Place], around: Around, ways: Ways) -> None:
        self._key = key
        self._places = places
        self._around = around
        self._ways = ways
        self._denied: dict[Target, None] = {}
        self._tries: dict[int, int] = {}
        self._newest: OrderedDict[Target, int] = OrderedDict()  # which end each has the tag of

    @property
    def is_on(self) -> bool:
        """Tell whether anything is written."""
        return self._key is not None

    async def tell(self, ends: Sequence[Finished]) -> set[int]:
        """Mark what ends of cases were about; return the ids of those that are dealt with. Of several about one thing the newest is written."""
        done: set[int] = set()
        by_target: dict[Target, list[Finished]] = {}
        for end in ends:
            if self._key is None or end.case.state not in _TOLD:
                done.add(end.id)
                continue
            place = place_of(end.event, self._places)
            if self._ways.rests(TAGS, place):
                continue
            try:
                target = await self._target(end, place)
            except AWS_ERRORS as error:
                self._ways.failed(TAGS, place, error)
                continue
            if target is None:
                done.add(end.id)
            else:
                by_target.setdefault(target, []).append(end)
        failures: dict[Place, int] = {}
        # Those that were denied come last, so that they keep nobody waiting.
        for target in sorted(by_target, key=lambda each: each in self._denied):
            about_it = by_target[target]
            if failures.get(target.place, 0) >= _MOST_DENIED:
                continue
            failure = await self._failure_to_mark(target, max(about_it, key=lambda end: end.id))
            if failure is None:
                failures[target.place] = 0
                done.update(end.id for end in about_it)
            else:
                failures[target.place] = failures.get(target.place, 0) + 1 if failure == DENIED else _MOST_DENIED
        return done

    async def _failure_to_mark(self, target: Target, end: Finished) -> str | None:
        """Write a tag; return the kind of failure where that is to be tried again."""
        if self._newest.get(target, 0) >= end.id:
            return None  # a newer one was written, while this one failed
        why = ""
        try:
            await write_tag(self._around.clients, target.place, target.account, target.resource, self._key or "", f"{end.case.id} {end.case.state}")
        except NotTagged as error:
            self._tries[end.id] = self._tries.get(end.id, 0) + 1
            if error.may_pass and self._tries[end.id] < _MOST_TRIES:
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
        else:
            self._ways.well(TAGS, target.place)
        if why:
            logger.warning("cloudwatch: feedback (%s): case %d: %s has no tag: %s", target.place, end.case.id, target.resource.name, why)
        self._tries.pop(end.id, None)
        self._denied.pop(target, None)
        self._newest[target] = end.id
        self._newest.move_to_end(target)
        while len(self._newest) > _MOST_REMEMBERED:
            self._newest.popitem(last=False)
        return None

    async def _target(self, end: Finished, own: Place) -> Target | None:
        """Find what a case was about, in the account and region where it is. Raises AWS_ERRORS."""
        resource = resource_about(end.event)
        if resource is None:
            return None
        origin = origin_of(end.event)
        region, number = resource.region or origin.region or own.region, resource.account or origin.account
        for place in dict.fromkeys((own, *self._places)):
            if place.region == region and number in ("", await self._around.directory.account_of(place)):
                account = (number or await self._around.directory.account_of(place)) if needs_account(resource) else ""
                return Target(place, Resource(resource.kind, resource.name, cluster=resource.cluster, service=resource.service), account)
            if not number:
                break  # who does not say whose it is means their own
        logger.info("cloudwatch: feedback: case %d is about %s in %s/%s, where this source has no account", end.case.id, resource.name, number, region)
        return None
