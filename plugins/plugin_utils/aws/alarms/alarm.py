# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An alarm as DescribeAlarms lists it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.names import Origin
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.settings import COMPOSITE, METRIC
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.polling.moment import as_text, in_milliseconds

_OF_TRIGGER = ("MetricName", "Namespace", "Unit", "Period", "EvaluationPeriods", "DatapointsToAlarm", "ComparisonOperator", "Threshold", "TreatMissingData")


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm and its state now, which it has had since `at` (milliseconds).

    `details` is what of a message about it (payload.py) does not change with its state. `is_exact` tells whether `at` is when the state changed: where AWS
    does not say that, it is when something about the state was last written.
    """

    name: str
    type: str
    state: str
    at: int
    reason: str
    details: Mapping[str, Any]
    is_exact: bool = True

    @property
    def arn(self) -> str:
        return self.details.get("AlarmArn") or ""


def alarms_in(answer: Mapping[str, Any]) -> Iterator[Alarm]:
    """Yield the alarms of one answer of DescribeAlarms."""
    for key, type_ in (("MetricAlarms", METRIC), ("CompositeAlarms", COMPOSITE)):
        for written in answer.get(key) or ():
            changed = written.get("StateTransitionedTimestamp")
            yield Alarm(
                name=written["AlarmName"],
                type=type_,
                state=written["StateValue"],
                at=in_milliseconds(changed or written["StateUpdatedTimestamp"]),
                reason=written.get("StateReason") or "",
                details=_details(written),
                is_exact=changed is not None,
            )


def _details(written: Mapping[str, Any]) -> dict[str, Any]:
    arn = written.get("AlarmArn")
    configured = written.get("AlarmConfigurationUpdatedTimestamp")
    details = {
        "AlarmArn": arn,
        "AlarmDescription": written.get("AlarmDescription"),
        "AWSAccountId": Origin.of_arn(arn).account or None,
        "AlarmConfigurationUpdatedTimestamp": as_text(in_milliseconds(configured)) if configured else None,
        "AlarmRule": written.get("AlarmRule"),
        "Trigger": None if written.get("AlarmRule") else _trigger(written),
    }
    return _without_none(details)


def _trigger(written: Mapping[str, Any]) -> dict[str, Any]:
    """Write what triggers a metric alarm as messages of SNS do: dimensions are named in small letters there."""
    trigger = {key: written.get(key) for key in _OF_TRIGGER}
    trigger["Statistic"] = written.get("Statistic") or written.get("ExtendedStatistic")
    if written.get("Dimensions"):
        trigger["Dimensions"] = _dimensions(written["Dimensions"])
    if written.get("Metrics"):
        trigger["Metrics"] = [_metric(each) for each in written["Metrics"]]
    return _without_none(trigger)


def _metric(query: Mapping[str, Any]) -> dict[str, Any]:
    stat = query.get("MetricStat")
    if not stat:
        return dict(query)
    metric = stat.get("Metric") or {}
    return {**query, "MetricStat": {**stat, "Metric": {**metric, "Dimensions": _dimensions(metric.get("Dimensions") or ())}}}


def _dimensions(written: Any) -> list[dict[str, str]]:
    return [{"name": each["Name"], "value": each["Value"]} for each in written]


def _without_none(mapping: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in mapping.items() if value is not None}
