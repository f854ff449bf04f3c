# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The state of a CloudWatch alarm, in the two forms that AWS sends it: in an SNS message, and as an event of EventBridge.

The forms: Amazon CloudWatch User Guide, "Notifying users on alarm changes", and "Alarm events and EventBridge".
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.alert import fingerprint
from ansible_collections.eventops.infra.plugins.plugin_utils.event import InvalidEvent
from ansible_collections.eventops.infra.plugins.plugin_utils.timestamp import in_utc

MONITOR = "cloudwatch"  # by which rules know an alarm of CloudWatch: `data.monitor`
ALARM, OK, INSUFFICIENT_DATA = "ALARM", "OK", "INSUFFICIENT_DATA"
# "CloudWatch Alarm Contributor State Change" is about one time series of an alarm that watches many.
DETAIL_TYPES = ("CloudWatch Alarm State Change", "CloudWatch Alarm Contributor State Change")

# The newest datapoint is the first that the reason names: "2 out of the last 2 datapoints [99.5 (02/10/19 16:59:00), ...] were ...".
_DATAPOINT = re.compile(r"\[(-?[0-9]+(?:\.[0-9]+)?(?:E-?[0-9]{1,3})?) \(", re.ASCII)
_NUMERIC_OFFSET = re.compile(r"([+-][0-9]{2})([0-9]{2})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmState:
    """What an alarm says. `fingerprint` is the same in both forms; `labels` are the dimensions, a list where metrics differ in one."""

    id: str | None
    name: str
    arn: str | None
    fingerprint: str
    state: str
    reason: str | None
    description: str | None
    changed_at: str | None
    labels: Mapping[str, Any]
    more: Mapping[str, Any]

    @property
    def value(self) -> float | None:
        """Return the datapoint that changed the state, where the reason names one."""
        found = _DATAPOINT.search(self.reason or "")
        value = float(found[1]) if found else math.nan
        return value if math.isfinite(value) else None


def state_of(content: Any) -> AlarmState | None:
    """Read either form; None when it is neither. Raises InvalidEvent."""
    if not isinstance(content, Mapping):
        return None
    if "AlarmName" in content and "NewStateValue" in content:
        return _of_message(content)
    if content.get("source") == "aws.cloudwatch" and content.get("detail-type") in DETAIL_TYPES and isinstance(content.get("detail"), Mapping):
        return _of_event(content, content["detail"])
    return None


def _of_message(message: Mapping[str, Any]) -> AlarmState:
    name, state = _name("AlarmName", message.get("AlarmName")), _state("NewStateValue", message.get("NewStateValue"))
    arn, account, region = _text(message.get("AlarmArn")), _text(message.get("AWSAccountId")), _text(message.get("Region"))
    contributor = _text(message.get("AlarmContributorId"))
    trigger = _object(message.get("Trigger"))
    metrics = [trigger, *(_object(_object(metric.get("MetricStat")).get("Metric")) for metric in _objects(trigger.get("Metrics")))]
    changed_at = _time(message.get("StateChangeTime"))
    known_by = _fingerprint(arn, account, region, name, contributor)
    return AlarmState(
        # The message itself has none, and nothing else changes its state at that time.
        id=f"{known_by}/{state}/{changed_at}" if changed_at else None,
        name=name,
        arn=arn,
        fingerprint=known_by,
        state=state,
        reason=_text(message.get("NewStateReason")),
        description=_text(message.get("AlarmDescription")),
        changed_at=changed_at,
        labels=_labels((metric.get("Dimensions") for metric in metrics), message.get("AlarmContributorAttributes")),
        more={
            "previous_state": _text(message.get("OldStateValue")),
            "account": account,
            "metric": _text(trigger.get("MetricName")),
            "namespace": _text(trigger.get("Namespace")),
            "threshold": trigger.get("Threshold"),
            "rule": _text(message.get("AlarmRule")),
            "contributor": contributor,
        },
    )


def _of_event(event: Mapping[str, Any], detail: Mapping[str, Any]) -> AlarmState:
    name = _name("detail.alarmName", detail.get("alarmName"))
    state, configuration = _object(detail.get("state")), _object(detail.get("configuration"))
    account, region = _text(event.get("account")), _text(event.get("region"))
    arn = _arn_among(event.get("resources"))
    contributor = _object(detail.get("alarmContributor"))
    metrics = [_object(_object(metric.get("metricStat")).get("metric")) for metric in _objects(configuration.get("metrics"))]
    only = metrics[0] if len(metrics) == 1 else {}
    return AlarmState(
        id=_text(event.get("id")),
        name=name,
        arn=arn,
        fingerprint=_fingerprint(arn, account, region, name, _text(contributor.get("id"))),
        state=_state("detail.state.value", state.get("value")),
        reason=_text(state.get("reason")),
        description=_text(configuration.get("description")),
        changed_at=_time(state.get("timestamp")) or _time(event.get("time")),
        labels=_labels((metric.get("dimensions") for metric in metrics), contributor.get("attributes")),
        more={
            "previous_state": _text(_object(detail.get("previousState")).get("value")),
            "account": account,
            "metric": _text(only.get("name")),
            "namespace": _text(only.get("namespace")),
            "rule": _text(configuration.get("alarmRule")),
            "contributor": _text(contributor.get("id")),
            # EventBridge hears of alarms whose own actions are held back, too.
            "suppressed_by": _text(state.get("actionsSuppressedBy")),
            "muted_by": _text(_object(detail.get("muteDetail")).get("mutedByArn")),
        },
    )


def _fingerprint(arn: str | None, account: str | None, region: str | None, name: str, contributor: str | None) -> str:
    alarm = (arn,) if arn else (account or "", region or "", name)
    return fingerprint(*alarm, "contributor", contributor) if contributor else fingerprint(*alarm)


def _arn_among(resources: Any) -> str | None:
    texts = filter(None, map(_text, resources if isinstance(resources, list) else ()))
    return next((text for text in texts if text.startswith("arn:") and text.split(":")[2:3] == ["cloudwatch"]), None)


def _labels(dimensions: Iterator[Any], attributes: Any) -> dict[str, Any]:
    values: dict[str, dict[str, None]] = {}
    for name, value in (pair for each in dimensions for pair in _pairs(each)):
        values.setdefault(name, {})[value] = None
    merged = {name: next(iter(found)) if len(found) == 1 else list(found) for name, found in values.items()}
    return {**merged, **dict(_pairs(attributes))}


def _pairs(dimensions: Any) -> Iterator[tuple[str, str]]:
    """Yield names and values: messages write a list of both, events an object."""
    if isinstance(dimensions, Mapping):
        pairs = list(dimensions.items())
    else:
        pairs = [(each.get("name"), each.get("value")) for each in _objects(dimensions)]
    for name, value in pairs:
        if isinstance(name, str) and name and isinstance(value, str):
            yield name, value


def _name(where: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise InvalidEvent(f"{where}: must be the name of the alarm, but it is {'empty' if value == '' else 'no text'}")
    return value


def _state(where: str, value: Any) -> str:
    if value not in (ALARM, OK, INSUFFICIENT_DATA):
        shown = repr(value[:60]) if isinstance(value, str) else "no text"
        raise InvalidEvent(f"{where}: must be {ALARM}, {OK} or {INSUFFICIENT_DATA}, got {shown}")
    return value


def _time(value: Any) -> str | None:
    """Bring a time to UTC; AWS writes 2019-10-02T17:04:40.989+0000, where RFC 3339 has a colon in the offset."""
    if not isinstance(value, str) or not value:
        return None
    head, offset = value[:-5], _NUMERIC_OFFSET.fullmatch(value[-5:])
    try:
        return in_utc(f"{head}{offset[1]}:{offset[2]}" if offset else value)
    except ValueError:
        return value  # the event's own check says what is wrong with it


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []
