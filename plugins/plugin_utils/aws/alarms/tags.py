# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The tags of alarms: many are asked for at once, and what is known is not asked for again before it is old."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.errors import DENIED, MISSING
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.alarm import Alarm
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.polling.asking import Asker, Refused
from ansible_collections.eventops.infra.plugins.plugin_utils.batches import batches

logger = logging.getLogger(__name__)

_SECONDS = 600.0
_MOST = 100  # ARNs in one request of GetResources


class Tags:
    """What is known of the tags of one place's alarms."""

    def __init__(self, asker: Asker, now: Callable[[], float]) -> None:
        self._asker = asker
        self._now = now
        self._known: dict[str, tuple[float, Mapping[str, str]]] = {}
        self._one_by_one = False

    def has(self, name: str) -> bool:
        """Tell whether the tags of an alarm are known."""
        return name in self._known and self._known[name][0] > self._now()

    def fit(self, name: str, wanted: Mapping[str, str]) -> bool:
        """Tell whether an alarm is known to have these tags."""
        tags = self._known[name][1] if name in self._known else {}
        return all(tags.get(key) == value for key, value in wanted.items())

    async def learn(self, alarms: Iterable[Alarm]) -> None:
        """Find out the tags of alarms where they are not known."""
        names = {alarm.arn: alarm.name for alarm in alarms if alarm.arn and not self.has(alarm.name)}
        now = self._now()
        if names:
            self._known = {name: (until, tags) for name, (until, tags) in self._known.items() if until > now}
        for arns in batches(list(names), _MOST):
            found = await self._of(arns)
            self._known.update((names[arn], (now + _SECONDS, found.get(arn, {}))) for arn in arns)

    async def _of(self, arns: list[str]) -> dict[str, dict[str, str]]:
        if not self._one_by_one:
            try:
                answer = await self._asker.ask("resourcegroupstaggingapi", "get_resources", refusals=(DENIED,), ResourceARNList=arns)
            except Refused as refused:
                logger.warning("cloudwatch: %s; tags are asked for alarm by alarm, grant tag:GetResources to ask for a hundred at once", refused)
                self._one_by_one = True
            else:
                return {each["ResourceARN"]: _as_mapping(each.get("Tags")) for each in answer.get("ResourceTagMappingList", ())}
        return {arn: await self._alone(arn) for arn in arns}

    async def _alone(self, arn: str) -> dict[str, str]:
        try:
            answer = await self._asker.ask("cloudwatch", "list_tags_for_resource", refusals=(MISSING,), ResourceARN=arn)
        except Refused:
            return {}
        return _as_mapping(answer.get("Tags"))


def _as_mapping(tags: object) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags or ()}
