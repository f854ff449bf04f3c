# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where an event comes from: the place among those that the source works with, and the region and account that it names itself."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.names import Origin
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Place
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.own_sources import source_of_alarms, source_of_logs
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event

_NUMBER = re.compile(r"[0-9]{12}", re.ASCII)
_REGION = re.compile(r"[a-z]{2,4}(?:-[a-z]+)+-[0-9]{1,2}", re.ASCII)


def origin_of(event: Event) -> Origin:
    """Return the region and the number of the account that an event names; what it does not name is empty."""
    at = Origin.of_arn(event.data.get("alarm_arn"))
    region, account = (at.region, at.account) if at != Origin() else (event.data.get("region"), event.data.get("account"))
    return Origin(
        region if isinstance(region, str) and _REGION.fullmatch(region) else "",
        account if isinstance(account, str) and _NUMBER.fullmatch(account) else "",
    )


def place_of(event: Event, places: Sequence[Place]) -> Place:
    """Return the place that handed an event in: what polls names it, a queue only its region."""
    for place in places:
        if event.source in (source_of_alarms(place), source_of_logs(place)):
            return place
    for region in (origin_of(event).region, *event.source.split(":")[2:3]):
        for place in places:
            if place.region == region:
                return place
    return places[0]
