# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Counting ends of cases in CloudWatch, many in one request."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Sequence, Set

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.errors import AWS_ERRORS, INVALID, failure_of
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Place
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.around import Around
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.feedback.bounded_names import BoundedNames
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.feedback.metrics import data_of
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.feedback.ways import Ways
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.feedback.whereabouts import place_of
from ansible_collections.eventops.infra.plugins.plugin_utils.store.finished import Finished

logger = logging.getLogger(__name__)

METRICS = "metrics"
_NAMES, _COUNTED = "feedback/names", "feedback/counted/"


class Counting:
    """Writes metrics, of each end once: those that are counted, but wait for something else, are remembered.

    :param namespace: None: nothing is written.
    """

    def __init__(self, namespace: str | None, places: Sequence[Place], around: Around, ways: Ways) -> None:
        self._namespace = namespace
        self._places = places
        self._around = around
        self._ways = ways
        self._names = BoundedNames()
        self._names_remembered = 0
        self._counted: dict[int, bool] = {}  # whether it is remembered

    async def recall(self) -> None:
        """Take up what was remembered. Raises IntakeUnavailable."""
        found = await self._around.keeper.recall("feedback/")
        self._names = BoundedNames(json.loads(found.get(_NAMES, "[]")))
        self._names_remembered = len(self._names)
        self._counted = {int(key.removeprefix(_COUNTED)): True for key in found if key.startswith(_COUNTED)}

    async def tell(self, ends: Sequence[Finished]) -> set[int]:
        """Count ends; return the ids of those that are counted now."""
        if self._namespace is None:
            return {end.id for end in ends}
        by_place: dict[Place, list[Finished]] = {}
        for end in ends:
            if end.id not in self._counted:
                by_place.setdefault(place_of(end.event, self._places), []).append(end)
        for place, uncounted in by_place.items():
            if not self._ways.rests(METRICS, place) and await self._is_written(place, uncounted):
                self._counted.update((end.id, False) for end in uncounted)
        return {end.id for end in ends if end.id in self._counted}

    def remembering(self, ends: Iterable[Finished], heard: Set[int]) -> dict[str, str | None]:
        """Return what is to be remembered with the ends that are dealt with. When that is written, `note` them."""
        remember: dict[str, str | None] = {}
        for end in ends:
            remembered = self._counted.get(end.id)
            if remembered is None or remembered != (end.id in heard):
                continue
            remember[f"{_COUNTED}{end.id}"] = None if remembered else ""
        if len(self._names) != self._names_remembered:
            remember[_NAMES] = json.dumps(list(self._names))
        return remember

    def note(self, ends: Iterable[Finished], heard: Set[int]) -> None:
        """Know what has been remembered."""
        self._names_remembered = len(self._names)
        for end in ends:
            if end.id in self._counted:
                self._counted[end.id] = True
            if end.id in heard:
                self._counted.pop(end.id, None)

    def left_over(self, listed: set[int]) -> dict[str, None]:
        """Return what need not be remembered, as the ends are not listed any longer: their cases were deleted."""
        gone = [number for number in self._counted if number not in listed]
        for number in gone:
            del self._counted[number]
        return {f"{_COUNTED}{number}": None for number in gone}

    async def _is_written(self, place: Place, ends: Sequence[Finished]) -> bool:
        data = data_of(ends, self._names, self._around.now())
        try:
            cloudwatch = await self._around.clients.get(place, "cloudwatch")
            if data:
                await cloudwatch.put_metric_data(Namespace=self._namespace, MetricData=data)
        except AWS_ERRORS as error:
            failure = failure_of(error)
            if failure.kind != INVALID:
                self._ways.failed(METRICS, place, error)
                return False
            logger.error("cloudwatch: feedback (%s): %d ends of cases are not counted: %s", place, len(ends), failure.text)
        else:
            self._ways.well(METRICS, place)
        return True
