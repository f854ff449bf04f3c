# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""CloudWatch and the keeper as a watch of alarms meets them, in a world where anything may happen between two requests."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from datetime import UTC, datetime
from email.utils import formatdate

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Place
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.settings import ALARM, INSUFFICIENT_DATA, OK, Settings
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.watching import Watch
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.around import Around
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Inventory
from botocore.exceptions import ClientError

PLACE = Place("production", "eu-central-1")
BEGAN = 1_769_860_800  # seconds
PAGE = 3
OVERLAP = 60
ENTRIES = (Settings("alarms[0]", overlap_seconds=OVERLAP),)


class Ended(BaseException):
    """The process has ended."""


class World:
    """CloudWatch, and the keeper; `ends_in` is how many more requests and transactions there are before the process ends."""

    def __init__(self, names=("a", "b", "c")) -> None:
        self.inventory = Inventory(None)
        self.now = float(BEGAN)
        self.alarms = dict.fromkeys(names, (OK, BEGAN - 1000.0))
        self.history: list[dict] = []
        self.changes: dict[str, int] = defaultdict(int)
        self.has_history = True
        self.ends_in = 10_000
        self.memory: dict[str, str] = {}
        self.events: list = []
        self.watch: Watch | None = None
        self.calls: list[str] = []
        self.meanwhile: list = []  # changes that happen between the requests of one look
        self.looked_at = self.now
        self.longest = 0  # of what is remembered, in characters

    # CloudWatch

    async def get(self, place, service):
        return self

    async def describe_alarms(self, *, AlarmTypes, MaxRecords=100, StateValue=None, AlarmNames=None, AlarmNamePrefix="", NextToken="0"):
        self._go_on("DescribeAlarms")
        found = [
            {
                "AlarmName": name,
                "AlarmArn": f"arn:aws:cloudwatch:eu-central-1:123456789012:alarm:{name}",
                "StateValue": state,
                "StateUpdatedTimestamp": datetime.fromtimestamp(at + 3, UTC),
                # Some milliseconds from what the history says.
                "StateTransitionedTimestamp": datetime.fromtimestamp(at + 0.004, UTC),
                "StateReason": "because",
            }
            for name, (state, at) in sorted(self.alarms.items())
            if StateValue in (None, state) and (AlarmNames is None or name in AlarmNames) and name.startswith(AlarmNamePrefix)
        ]
        return self._page("MetricAlarms", found, NextToken)

    async def describe_alarm_history(self, *, AlarmTypes, HistoryItemType, ScanBy, MaxRecords, StartDate, NextToken="0", AlarmName=None):
        self._go_on("DescribeAlarmHistory")
        if not self.has_history:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": 403}}, "DescribeAlarmHistory")
        assert (HistoryItemType, ScanBy) == ("StateUpdate", "TimestampAscending")
        found = [row for row in self.history if row["appears"] <= self.now and row["Timestamp"] >= StartDate]
        return self._page("AlarmHistoryItems", sorted(found, key=lambda row: row["Timestamp"]), NextToken)

    def _page(self, key, found, token):
        first = int(token)
        more = {"NextToken": str(first + PAGE)} if first + PAGE < len(found) else {}
        return {key: found[first : first + PAGE], "ResponseMetadata": {"HTTPHeaders": {"date": formatdate(self.now, usegmt=True)}}, **more}

    def change(self, name: str, state: str, late: float) -> None:
        old, _at = self.alarms.get(name, (INSUFFICIENT_DATA, 0.0))
        if old == state:
            return
        self.alarms[name] = (state, self.now)
        data = {"oldState": {"stateValue": old}, "newState": {"stateValue": state, "stateReason": "because"}}
        row = {"AlarmName": name, "AlarmType": "MetricAlarm", "HistoryItemType": "StateUpdate", "HistoryData": json.dumps(data)}
        self.history.append({**row, "Timestamp": datetime.fromtimestamp(self.now, UTC), "appears": self.now + late})
        self.changes[name] += 1

    # The keeper, and the directory

    async def keep(self, events, remember):
        self._go_on("keep")
        for event in events:
            self._require_no_action_on_what_is_over(event, events)
        self.events += events
        self.memory.update({key: value for key, value in remember.items() if value is not None})
        self.longest = max(self.longest, *(len(value or "") for value in remember.values()), 0)
        for key in [key for key, value in remember.items() if value is None]:
            self.memory.pop(key, None)

    def _require_no_action_on_what_is_over(self, event, events) -> None:
        """Who reads that an alarm fired reads at once that it is over, where the history said so when it was asked.

        Of an alarm that was told to fire already an earlier time may be told, which appeared late: that begins nothing.
        """
        name, later = event.data["name"], [other for other in events if other.data["name"] == event.data["name"]]
        is_told_already = [state for state, _id in self.told(name)][-1:] == [ALARM]
        if later[-1] is event and event.data["state"] == ALARM and self.has_history and not is_told_already:
            known = [row for row in self.history if row["AlarmName"] == name and row["appears"] <= self.looked_at]
            newest = max(known, key=lambda row: row["Timestamp"], default=None)
            at = datetime.fromisoformat(event.time)
            assert newest is None or newest["Timestamp"] <= at or json.loads(newest["HistoryData"])["newState"]["stateValue"] == ALARM

    async def recall(self, prefix):
        return {key: value for key, value in sorted(self.memory.items()) if key.startswith(prefix)}

    def trouble(self, where, text):
        self.said = text

    async def read(self, place, read, known=None):
        return read(lambda question: None)

    # The process

    def _go_on(self, call: str) -> None:
        self.ends_in -= 1
        if self.ends_in < 0:
            raise Ended
        self.calls.append(call)
        if self.meanwhile and call != "keep":
            self.now += 6
            self.change(*self.meanwhile.pop(0), 0)

    def look(self, ends_in: int = 10_000, entries=ENTRIES) -> None:
        """Look once; where the process ends meanwhile, another one looks."""

        async def scene():
            self.ends_in, self.looked_at = ends_in, self.now
            if self.watch is None:
                self.watch = Watch(PLACE, entries, Around(self, self, self, lambda: self.now, str, ["none"]))
                await self.watch._memory.recall()
            await self.watch.look()

        try:
            asyncio.run(scene())
        except Ended:
            self.watch = None
            self.look(entries=entries)

    def told(self, name: str) -> list[tuple[str, str]]:
        return [(event.data["state"], event.id) for event in self.events if event.data["name"] == name]
