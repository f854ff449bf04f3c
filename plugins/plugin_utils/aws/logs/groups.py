# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which log groups there are."""

from __future__ import annotations

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.errors import DENIED
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.polling.asking import Asker, Refused


class Groups:
    """Asks one place for its log groups."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker

    async def beginning_with(self, prefix: str) -> dict[str, int]:
        """Return the groups whose names begin with a prefix, each with when it was created (milliseconds)."""
        found: dict[str, int] = {}
        token: dict[str, str] = {}
        while True:
            answer = await self._asker.ask("logs", "describe_log_groups", logGroupNamePrefix=prefix, limit=50, **token)
            found.update((each["logGroupName"], each.get("creationTime") or 0) for each in answer.get("logGroups", ()))
            if not answer.get("nextToken"):
                return found
            token = {"nextToken": answer["nextToken"]}

    async def created(self, group: str) -> int:
        """Return when a group was created; 0 where that cannot be known."""
        try:
            answer = await self._asker.ask("logs", "describe_log_groups", refusals=(DENIED,), logGroupNamePrefix=group, limit=1)
        except Refused:
            return 0
        # In the order of names, the prefix itself is the first.
        return next((each.get("creationTime") or 0 for each in answer.get("logGroups", ()) if each["logGroupName"] == group), 0)
