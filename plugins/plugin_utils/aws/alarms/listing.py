# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Asking for alarms: those whose state matters, in as few requests as possible, and single ones by their names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.alarm import Alarm, alarms_in
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.settings import ALARM, COMPOSITE, INSUFFICIENT_DATA, METRIC, Settings
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.polling.asking import Asker
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.polling.moment import clock_of
from ansible_collections.eventops.infra.plugins.plugin_utils.batches import batches

# DescribeAlarms: AlarmNames has at most 100 items, and a page 100 alarms.
_MOST_NAMES = 100
ALARM_TYPES = {METRIC: "MetricAlarm", COMPOSITE: "CompositeAlarm"}


class Listing:
    """Asks one place for alarms."""

    def __init__(self, asker: Asker, now: Any) -> None:
        self._asker = asker
        self._now = now

    async def in_question(self, entries: Sequence[Settings], *, by_state_only: bool) -> tuple[dict[str, Alarm], int]:
        """Return the alarms that are a problem, or in a state that only this can tell of, and AWS's time before they were listed."""
        found: dict[str, Alarm] = {}
        began: int | None = None
        for query in queries(entries, states_in_question(entries, by_state_only=by_state_only)):
            async for answer in self._pages(query):
                began = clock_of(answer, self._now()) if began is None else began
                for alarm in alarms_in(answer):
                    # Between two requests an alarm may have changed its state.
                    if alarm.name not in found or found[alarm.name].at < alarm.at:
                        found[alarm.name] = alarm
        return found, began or int(self._now() * 1000)

    async def named(self, names: Iterable[str]) -> dict[str, Alarm]:
        """Return the alarms that have these names; those that do not exist are left out."""
        found: dict[str, Alarm] = {}
        for some in batches(list(dict.fromkeys(names)), _MOST_NAMES):
            async for answer in self._pages({"AlarmNames": some, "AlarmTypes": list(ALARM_TYPES.values())}):
                found.update((alarm.name, alarm) for alarm in alarms_in(answer))
        return found

    async def _pages(self, query: Mapping[str, Any]):
        token: dict[str, str] = {}
        while True:
            answer = await self._asker.ask("cloudwatch", "describe_alarms", MaxRecords=100, **query, **token)
            yield answer
            if not answer.get("NextToken"):
                return
            token = {"NextToken": answer["NextToken"]}


def states_in_question(entries: Sequence[Settings], *, by_state_only: bool) -> tuple[str, ...]:
    """Return the states that are asked for: alarms in another one have nothing to be told that the history does not tell."""
    wants_insufficient = any(
        entry.fires(INSUFFICIENT_DATA) or (by_state_only and (INSUFFICIENT_DATA in entry.states or entry.insufficient_data == "resolved")) for entry in entries
    )
    return (ALARM, INSUFFICIENT_DATA) if wants_insufficient else (ALARM,)


def queries(entries: Sequence[Settings], states: Collection[str]) -> Iterator[dict[str, Any]]:
    """Yield the queries of DescribeAlarms by which the alarms of all entries are found that are in one of the states.

    Alarms that are named come in every state: that takes fewer requests.
    """
    types = [ALARM_TYPES[type_] for type_ in ALARM_TYPES if any(type_ in entry.types for entry in entries)]
    prefixes = _fewest({entry.prefix for entry in entries if not entry.names})
    names = dict.fromkeys(name for entry in entries for name in entry.names if not any(name.startswith(prefix) for prefix in prefixes))
    for prefix in prefixes:
        for state in states:
            yield {"AlarmTypes": types, "StateValue": state, **({"AlarmNamePrefix": prefix} if prefix else {})}
    for some in batches(list(names), _MOST_NAMES):
        yield {"AlarmTypes": types, "AlarmNames": some}


def _fewest(prefixes: Collection[str]) -> list[str]:
    """Return prefixes without those that another one includes."""
    fewest: list[str] = []
    for prefix in sorted(prefixes):
        if not fewest or not prefix.startswith(fewest[-1]):
            fewest.append(prefix)
    return fewest
