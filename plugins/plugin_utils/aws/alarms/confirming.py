# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether an alarm goes on: DescribeAlarms is asked before a case that nobody has called resolved counts as failed."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.cloudwatch_state import ALARM, MONITOR, OK
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.names import Origin
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.clients import Clients
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.errors import AWS_ERRORS, failure_of
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Place
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.alarm import alarms_in
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.listing import ALARM_TYPES
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.own_sources import source_of_alarms

logger = logging.getLogger(__name__)

_RESOLVED, _FIRING = "resolved", "firing"


class Confirmation:
    """Asks the places of a source about alarms, whichever way they came.

    :param account_of: returns the number of a place's account; empty where AWS does not say it. It may raise AWS_ERRORS.
    """

    def __init__(self, places: Sequence[Place], clients: Clients, account_of: Callable[[Place], Awaitable[str]]) -> None:
        self._places = tuple(places)
        self._clients = clients
        self._account_of = account_of

    async def ask(self, event: Mapping[str, Any]) -> str | None:
        """Return "resolved" or "firing"; None where AWS does not tell, or cannot be asked, or the event is about no alarm of CloudWatch."""
        data = event.get("data")
        if not isinstance(data, Mapping) or data.get("monitor") != MONITOR or data.get("contributor"):
            return None
        arn, name = data.get("alarm_arn"), data.get("name")
        if not isinstance(arn, str) or not isinstance(name, str):
            return None
        at = Origin.of_arn(arn)
        own = [place for place in self._places if event.get("source") == source_of_alarms(place)]
        for place in own or [place for place in self._places if place.region == at.region]:
            try:
                client = await self._clients.get(place, "cloudwatch")
                answer = await client.describe_alarms(AlarmNames=[name], AlarmTypes=list(ALARM_TYPES.values()))
                for alarm in alarms_in(answer):
                    if alarm.name == name and alarm.arn == arn:
                        # Without data an alarm tells neither.
                        return {ALARM: _FIRING, OK: _RESOLVED}.get(alarm.state)
                if own or await self._account_of(place) == at.account:
                    # Where it was there is none of this name any more, or another one.
                    return _RESOLVED
            except AWS_ERRORS as error:
                # In our own words: AWS's may repeat a signed request.
                logger.warning("cloudwatch: whether the alarm %r goes on is not known: %s (%s)", name, failure_of(error).text, place)
                return None
        return None  # it may be another account's
