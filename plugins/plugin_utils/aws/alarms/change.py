# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A change of an alarm's state, as DescribeAlarmHistory keeps it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.content import as_object
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.settings import COMPOSITE, METRIC, STATES
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.polling.moment import in_milliseconds

STATE_UPDATE = "StateUpdate"


@dataclass(frozen=True, slots=True)
class Change:
    """An alarm came into a state at a time (milliseconds)."""

    name: str
    type: str
    state: str
    at: int
    previous: str | None = None
    reason: str = ""


def changes_in(answer: Mapping[str, Any]) -> Iterator[Change]:
    """Yield the changes of state in one answer of DescribeAlarmHistory; other things happen to alarms, too."""
    for item in answer.get("AlarmHistoryItems") or ():
        if item.get("HistoryItemType") != STATE_UPDATE or not item.get("AlarmName"):
            continue
        data = as_object(item.get("HistoryData")) or {}
        new, old = (data.get(key) if isinstance(data.get(key), Mapping) else {} for key in ("newState", "oldState"))
        state = new.get("stateValue") or _by_summary(item.get("HistorySummary"))
        if state not in STATES:
            continue
        yield Change(
            name=item["AlarmName"],
            type=COMPOSITE if item.get("AlarmType") == "CompositeAlarm" else METRIC,
            state=state,
            at=in_milliseconds(item["Timestamp"]),
            previous=old.get("stateValue") if old.get("stateValue") in STATES else None,
            reason=new.get("stateReason") if isinstance(new.get("stateReason"), str) else "",
        )


def _by_summary(summary: Any) -> str | None:
    """Read "Alarm updated from OK to ALARM", where the data cannot be read."""
    return summary.rpartition(" to ")[2].strip() if isinstance(summary, str) else None
