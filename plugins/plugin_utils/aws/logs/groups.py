# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which log groups there are."""

from __future__ import annotations

from collections.abc import Callable

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.errors import DENIED
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.polling.asking import Asker, Refused
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.polling.moment import clock_of


class Groups:
    """Asks one place for its log groups."""

    def __init__(self, asker: Asker, now: Callable[[], float]) -> None:
        self._asker = asker
        self._now = now

    async def beginning_with(self, prefix: str) -> tuple[dict[str, int], int]:
        """Return the groups whose names begin with a prefix, each with when it was created, and AWS's time before they were listed (milliseconds)."""
        found: dict[str, int] = {}
        token: dict[str, str] = {}
        began: int | None = None
        while True:
            answer = await self._asker.ask("logs", "describe_log_groups", logGroupNamePrefix=prefix, limit=50, **token)
            began = clock_of(answer, self._now()) if began is None else began
            found.update((each["logGroupName"], each.get("creationTime") or 0) for each in answer.get("logGroups", ()))
            if not answer.get("nextToken"):
                return found, began
            token = {"nextToken": answer["nextToken"]}

    async def created(self, group: str) -> int:
        """Return when a group was created; 0 where that cannot be known."""
        try:
            answer = await self._asker.ask("logs", "describe_log_groups", refusals=(DENIED,), logGroupNamePrefix=group, limit=1)
        except Refused:
            return 0
        # In the order of names, the prefix itself is the first.
        return next((each.get("creationTime") or 0 for each in answer.get("logGroups", ()) if each["logGroupName"] == group), 0)
