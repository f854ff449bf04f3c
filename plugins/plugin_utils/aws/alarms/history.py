# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reading the history of alarms, oldest change first."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.errors import DENIED, INVALID
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.change import STATE_UPDATE, Change, changes_in
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.listing import ALARM_TYPES
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.settings import Settings
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.polling.asking import Asker
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.polling.moment import as_moment, clock_of


@dataclass(frozen=True, slots=True)
class Page:
    """Some changes, oldest first; `clock` is AWS's time when it gave them."""

    changes: tuple[Change, ...]
    clock: int
    is_last: bool


class History:
    """The history of the alarms of one place."""

    def __init__(self, asker: Asker, now: Callable[[], float]) -> None:
        self._asker = asker
        self._now = now

    async def since(self, at: int, entries: Sequence[Settings]) -> AsyncIterator[Page]:
        """Yield the changes since a time, in pages. Raises Refused when reading is denied, and when AWS does not go on any more where it left off."""
        names = {name for entry in entries for name in entry.names} if all(entry.names for entry in entries) else set()
        query = {
            "AlarmTypes": [ALARM_TYPES[type_] for type_ in ALARM_TYPES if any(type_ in entry.types for entry in entries)],
            "HistoryItemType": STATE_UPDATE,
            "ScanBy": "TimestampAscending",
            "MaxRecords": 100,
            "StartDate": as_moment(at),
            # One name is all that AWS takes.
            **({"AlarmName": min(names)} if len(names) == 1 else {}),
        }
        token: dict[str, str] = {}
        while True:
            refusals = (DENIED, INVALID) if token else (DENIED,)
            answer = await self._asker.ask("cloudwatch", "describe_alarm_history", refusals=refusals, **query, **token)
            is_last = not answer.get("NextToken")
            yield Page(tuple(sorted(changes_in(answer), key=lambda change: change.at)), clock_of(answer, self._now()), is_last)
            if is_last:
                return
            token = {"NextToken": answer["NextToken"]}
