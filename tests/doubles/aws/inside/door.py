# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a test tells the double by HTTP beside AWS's calls: what AWS's services would do by themselves, and how things shall go."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from moto.moto_api._internal.models import moto_api_backend

from . import activities, buses, groups, history, log_lines, status_checks, times, volumes


def do(name: str, told: Mapping[str, Any]) -> Any:
    """Do what a test tells, and return what it shall know. Raises KeyError for what nobody knows."""
    return _COMMANDS[name](**told)


def reset() -> None:
    """Begin anew, with nothing in any account."""
    moto_api_backend.reset()
    history.forget()
    activities.forget()
    status_checks.forget()
    for each, kind in ((groups.pace, groups.Pace), (status_checks.pace, status_checks.Pace), (log_lines.pace, log_lines.Pace), (volumes.pace, volumes.Pace)):
        _set(each, dataclasses.asdict(kind()))


def add_history(account: str, region: str, items: list[dict[str, Any]]) -> int:
    """Add changes of state to the history of alarms: what happened while nobody looked, or what is shown late."""
    for item in items:
        kind = item.get("type", "StateUpdate")
        summary = item.get("summary") or f"Alarm updated from {item['old']} to {item['new']}"
        states = {"oldState": _state(item.get("old"), item.get("old_reason")), "newState": _state(item.get("new"), item.get("reason"), item.get("reason_data"))}
        data = item.get("data") or json.dumps({"version": "1.0", **states})
        history.history_of(account, region).add(
            times.read(item["time"]), item["name"], item.get("alarm_type", "MetricAlarm"), kind, summary, data, item.get("visible_in", 0.0)
        )
    return len(items)


def send_event(account: str, region: str, source: str, detail_type: str, detail: dict[str, Any], resources: list[str]) -> None:
    """Put an event of one of AWS's services on the default bus."""
    buses.send(account, region, source, detail_type, detail, resources)


def set_groups(**pace: Any) -> None:
    """Say how groups change."""
    _set(groups.pace, pace)


def set_status_checks(**pace: Any) -> None:
    """Say how status checks go."""
    _set(status_checks.pace, pace)


def set_volumes(**pace: Any) -> None:
    """Say how changes of volumes go."""
    _set(volumes.pace, pace)


def set_logs(**pace: Any) -> None:
    """Say how lines of logs are found."""
    _set(log_lines.pace, pace)


def _set(settings: Any, told: Mapping[str, Any]) -> None:
    known = [each.name for each in dataclasses.fields(settings)]
    for name, value in told.items():
        if name not in known:
            raise ValueError(f"there is no {name!r}, only {known}")
        setattr(settings, name, value)


def _state(value: str | None, reason: str | None, reason_data: Any = None) -> dict[str, Any]:
    found = {"stateValue": value, "stateReason": reason or "fed by a test"}
    return {**found, "stateReasonData": reason_data} if reason_data is not None else found


_COMMANDS = {
    "reset": reset,
    "forget_calls": lambda: None,
    "history": add_history,
    "event": send_event,
    "groups": set_groups,
    "age_activities": activities.age,
    "status_checks": set_status_checks,
    "volumes": set_volumes,
    "logs": set_logs,
    "log_lines": log_lines.add,
    "fail_status_check": status_checks.fail,
}
