# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""DescribeAlarmHistory and PutCompositeAlarm, which moto lacks, and DescribeAlarms with the pages, the kinds and the combined filters that moto lacks.

The parameters: Amazon CloudWatch API Reference, "DescribeAlarmHistory" and "DescribeAlarms".
"""

from __future__ import annotations

from typing import Any

from moto.cloudwatch.exceptions import ValidationError
from moto.cloudwatch.models import Alarm
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

from . import paging, times
from .history import history_of

METRIC, COMPOSITE = "MetricAlarm", "CompositeAlarm"
_MOST_ALARMS = 100
_ALARMS = 50
_MOST_ITEMS = 100


def add_to_moto() -> None:
    """Teach moto the calls."""
    CloudWatchResponse.put_composite_alarm = CloudWatchResponse.put_metric_alarm  # which reads the rule of a composite alarm, too
    CloudWatchResponse.describe_alarm_history = describe_alarm_history
    CloudWatchResponse.describe_alarms = describe_alarms


def kind_of(alarm: Alarm) -> str:
    """Return what kind of alarm it is."""
    return METRIC if alarm.rule is None else COMPOSITE


def describe_alarm_history(self: CloudWatchResponse) -> ActionResult:
    """Answer from the history; the newest first unless it is asked for the other way round."""
    wanted = self._get_param
    kinds = wanted("AlarmTypes") or [METRIC]
    items = [
        item
        for item in history_of(self.current_account, self.region).between(_time(wanted("StartDate")), _time(wanted("EndDate")))
        if item.alarm_type in kinds
        and wanted("AlarmName") in (None, item.alarm_name)
        and wanted("HistoryItemType") in (None, item.history_item_type)
    ]  # fmt: skip
    if wanted("ScanBy") != "TimestampAscending":
        items.reverse()
    size = paging.size_of(wanted("MaxRecords"), _MOST_ITEMS, _MOST_ITEMS)
    found, token = paging.page(items, size, wanted("NextToken"), lambda item: item.key)
    return ActionResult({"AlarmHistoryItems": found, "NextToken": token})


def describe_alarms(self: CloudWatchResponse) -> ActionResult:
    """Answer with alarms in the order of their names; composite ones only where they are asked for."""
    wanted = self._get_param
    _refuse(wanted)
    kinds = wanted("AlarmTypes") or [METRIC]
    alarms = [alarm for alarm in list(self.cloudwatch_backend.alarms.values()) if kind_of(alarm) in kinds and _fits(alarm, wanted)]
    alarms.sort(key=lambda alarm: alarm.name)
    size = paging.size_of(wanted("MaxRecords"), _ALARMS, _MOST_ALARMS)
    found, token = paging.page(alarms, size, wanted("NextToken"), lambda alarm: alarm.name)
    by_kind = {kind: [alarm for alarm in found if kind_of(alarm) == kind] for kind in (METRIC, COMPOSITE)}
    return ActionResult({"MetricAlarms": by_kind[METRIC], "CompositeAlarms": by_kind[COMPOSITE], "NextToken": token})


def _refuse(wanted: Any) -> None:
    names = wanted("AlarmNames") or []
    if names and wanted("AlarmNamePrefix"):
        raise ValidationError("AlarmNamePrefix and AlarmNames must not be specified together")
    if len(names) > _MOST_ALARMS:
        raise ValidationError(f"AlarmNames: Member must have length less than or equal to {_MOST_ALARMS}")
    for unknown in ("ChildrenOfAlarmName", "ParentsOfAlarmName"):
        if wanted(unknown):
            raise NotImplementedError(f"the double does not know {unknown}")


def _fits(alarm: Alarm, wanted: Any) -> bool:
    actions = [*alarm.alarm_actions, *alarm.ok_actions, *alarm.insufficient_data_actions]
    return (
        (not wanted("AlarmNames") or alarm.name in wanted("AlarmNames"))
        and alarm.name.startswith(wanted("AlarmNamePrefix") or "")
        and wanted("StateValue") in (None, alarm.state_value)
        and (not wanted("ActionPrefix") or any(action.startswith(wanted("ActionPrefix")) for action in actions))
    )


def _time(given: Any) -> Any:
    return None if given is None else times.whole_milliseconds(given)
