# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What cases were about, in the account and region where it is."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.errors import AWS_ERRORS
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Place
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.around import Around
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.resource import Resource
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.feedback.about import resource_about
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.feedback.tagging import needs_account
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.feedback.ways import Ways
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.feedback.whereabouts import origin_of, place_of
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import Case

logger = logging.getLogger(__name__)

TAGS = "tags"


@dataclass(frozen=True, slots=True)
class Target:
    """Something that has a tag, and the number of its account where that is needed."""

    place: Place
    resource: Resource
    account: str = ""


class OfCase(Protocol):
    """What is told of a case: that work on it has begun, or how it ended."""

    case: Case
    event: Event


T = TypeVar("T", bound=OfCase)


@dataclass
class Sorted(Generic[T]):
    """What is told, by what it is about; `about_nothing` that has a tag. What is in neither has to wait."""

    by_target: dict[Target, list[T]] = field(default_factory=dict)
    about_nothing: list[T] = field(default_factory=list)


class Targets:
    """Finds them.

    :param places: all that the source works with.
    """

    def __init__(self, places: Sequence[Place], around: Around, ways: Ways) -> None:
        self._places = places
        self._around = around
        self._ways = ways

    async def sort(self, told: Iterable[T]) -> Sorted[T]:
        """Sort by what it is about. What lies on a way that rests, or begins to, is left out."""
        found: Sorted[T] = Sorted()
        for each in told:
            place = place_of(each.event, self._places)
            if self._ways.rests(TAGS, place):
                continue
            try:
                target = await self._of(each, place)
            except AWS_ERRORS as error:
                self._ways.failed(TAGS, place, error)
                continue
            if target is None:
                found.about_nothing.append(each)
            else:
                found.by_target.setdefault(target, []).append(each)
        return found

    async def _of(self, told: OfCase, own: Place) -> Target | None:
        """Find what a case was about. Raises AWS_ERRORS."""
        resource = resource_about(told.event)
        if resource is None:
            return None
        origin = origin_of(told.event)
        region, number = resource.region or origin.region or own.region, resource.account or origin.account
        for place in dict.fromkeys((own, *self._places)):
            if place.region == region and number in ("", await self._around.directory.account_of(place)):
                account = (number or await self._around.directory.account_of(place)) if needs_account(resource) else ""
                return Target(place, Resource(resource.kind, resource.name, cluster=resource.cluster, service=resource.service), account)
            if not number:
                break  # who does not say whose it is means their own
        logger.info("cloudwatch: feedback: case %d is about %s in %s/%s, where this source has no account", told.case.id, resource.name, number, region)
        return None
