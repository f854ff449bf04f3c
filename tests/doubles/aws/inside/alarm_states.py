# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An alarm that changes its state: its history, and what CloudWatch sends because of it. moto's SetAlarmState does neither.

On AWS SetAlarmState starts the actions of the new state as a metric does (Amazon CloudWatch API Reference, "SetAlarmState").
Where the state stays what it is, nothing happens. Actions other than SNS topics are not carried out: moto has no EC2 or Auto Scaling actions.
"""

from __future__ import annotations

import json
from typing import Any

from moto.cloudwatch.models import Alarm, CloudWatchBackend
from moto.sns.models import sns_backends

from . import alarm_texts, buses, composite, times
from .alarm_calls import kind_of
from .history import history_of

_set_alarm_state = CloudWatchBackend.set_alarm_state
_put_metric_alarm = CloudWatchBackend.put_metric_alarm


def add_to_moto() -> None:
    """Teach moto what follows from a change of state, and the state in which an alarm begins."""
    CloudWatchBackend.set_alarm_state = set_alarm_state
    CloudWatchBackend.put_metric_alarm = put_metric_alarm


def put_metric_alarm(self: CloudWatchBackend, **settings: Any) -> Alarm:
    """Make or change an alarm. With AWS a new one has no data yet, and one that is changed keeps its state; with moto both are OK."""
    before = self.alarms.get(settings["name"])
    alarm = _put_metric_alarm(self, **settings)
    alarm.state_value, alarm.state_reason_data = "INSUFFICIENT_DATA", None
    alarm.state_transitioned_timestamp = alarm.state_updated_timestamp
    if before:
        for kept in ("state_value", "state_reason", "state_reason_data", "state_updated_timestamp", "state_transitioned_timestamp"):
            setattr(alarm, kept, getattr(before, kept))
    _remember(self, alarm, "ConfigurationUpdate", *alarm_texts.configuration(alarm, is_new=before is None))
    if alarm.rule is not None:
        composite.holds(alarm.rule, lambda name: _state_in(self, name))  # a rule about nothing is refused
    return alarm


def set_alarm_state(self: CloudWatchBackend, alarm_name: str, reason: str, reason_data: str, state_value: str) -> None:
    """Change the state as moto does, and then do as CloudWatch does: history, EventBridge, actions."""
    alarm = self.alarms.get(alarm_name)
    before = alarm_texts.state(alarm) if alarm else None
    _set_alarm_state(self, alarm_name, reason, reason_data, state_value)
    if before["value"] == state_value:
        return
    alarm.state_transitioned_timestamp = alarm.state_updated_timestamp
    after = alarm_texts.state(alarm)
    _remember(self, alarm, "StateUpdate", *alarm_texts.update(before, after), timestamp=alarm.state_updated_timestamp)
    event = alarm_texts.event(alarm, before, after)
    buses.send(self.account_id, self.region_name, "aws.cloudwatch", "CloudWatch Alarm State Change", event, [alarm.alarm_arn], alarm.state_updated_timestamp)
    if alarm.actions_enabled:
        _act(self, alarm, before)
    _evaluate(self, alarm)


def _evaluate(backend: CloudWatchBackend, changed: Alarm) -> None:
    """Put the composite alarms that have a changed alarm in their rules into the state that they come to."""
    for each in [each for each in list(backend.alarms.values()) if each.rule is not None]:
        if changed.name not in composite.names_in(each.rule) and changed.alarm_arn not in composite.names_in(each.rule):
            continue
        state = "ALARM" if composite.holds(each.rule, lambda name: _state_in(backend, name)) else "OK"
        reason, data = alarm_texts.composite(changed)
        backend.set_alarm_state(each.name, reason, data, state)


def _state_in(backend: CloudWatchBackend, name: str) -> str | None:
    found = backend.alarms.get(name.rpartition(":alarm:")[2])
    return found.state_value if found else None


def _act(backend: CloudWatchBackend, alarm: Alarm, before: dict[str, Any]) -> None:
    """Publish the message to the topics of the new state."""
    actions = {"ALARM": alarm.alarm_actions, "OK": alarm.ok_actions, "INSUFFICIENT_DATA": alarm.insufficient_data_actions}[alarm.state_value]
    for action in [action for action in actions if ":sns:" in action]:
        message = alarm_texts.message(alarm, before, backend.account_id, backend.region_name)
        subject = f'{alarm.state_value}: "{alarm.name}" in {message["Region"]}'[:100]
        topics = sns_backends[backend.account_id][backend.region_name].topics
        state = "Succeeded" if action in topics else "Failed"
        if state == "Succeeded":
            topics[action].publish(json.dumps(message), subject=subject)
        _remember(backend, alarm, "Action", *alarm_texts.action(alarm, action, message, state))


def _remember(backend: CloudWatchBackend, alarm: Alarm, kind: str, summary: str, data: str, timestamp: Any = None) -> None:
    when = times.whole_milliseconds(timestamp) if timestamp else times.now()
    history_of(backend.account_id, backend.region_name).add(when, alarm.name, kind_of(alarm), kind, summary, data)
