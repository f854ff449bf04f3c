# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A decision in the fields of the Elastic Common Schema 8.11 (https://www.elastic.co/docs/reference/ecs).

What the schema has no field for stands under `eventops`. Where no value of a categorization field fits, the schema says to leave the field
out ("Using the categorization fields"): a case is none of its categories, a playbook run is a process, a pause is configuration.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.event import SEVERITIES
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import (
    BACKOFF,
    CASE_CHANGED,
    CASE_NOTED,
    CASE_OPENED,
    DISPATCH_ENDED,
    DISPATCH_PLANNED,
    EXHAUSTED,
    FAILED,
    FINAL,
    HISTORY_DELETED,
    PARTLY_FAILED,
    PAUSE_BEGAN,
    PAUSE_ENDED,
    RESOLVED,
    ROUTER,
    STORM_BEGAN,
    STORM_ENDED,
    STORM_RELEASED,
    SUCCEEDED,
    UNMATCHED,
    WAITING,
    Case,
    Change,
    Dispatch,
)

from .bounded_text import Limits, Texts
from .decision_line import by_a_person, in_a_line

ECS_VERSION = "8.11.0"
_SERVICE = "eventops"

# event.category and event.type by what happened; a pair that ECS expects together (its page on event.category).
_CATEGORIES: Mapping[str, tuple[str, ...]] = {
    DISPATCH_PLANNED: ("process",),
    DISPATCH_ENDED: ("process",),
    PAUSE_BEGAN: ("configuration",),
    PAUSE_ENDED: ("configuration",),
    STORM_RELEASED: ("configuration",),
    HISTORY_DELETED: ("database",),
}
_TYPES: Mapping[str, str] = {
    CASE_OPENED: "creation",
    CASE_NOTED: "info",
    DISPATCH_PLANNED: "start",
    DISPATCH_ENDED: "end",
    STORM_BEGAN: "start",
    STORM_ENDED: "end",
}
_OUTCOME_OF_STATE: Mapping[str, str] = {RESOLVED: "success", EXHAUSTED: "failure", UNMATCHED: "failure"}
_OUTCOME_OF_DISPATCH: Mapping[str, str] = {SUCCEEDED: "success", FAILED: "failure", PARTLY_FAILED: "failure"}
# event.severity is a number whose meaning the sender defines: the more, the worse.
_SEVERITY: Mapping[str, int] = {severity: len(SEVERITIES) - place for place, severity in enumerate(SEVERITIES)}


def lost_fields(lines: int, since: float, now: float, *, version: str) -> dict[str, Any]:
    """Return the line that stands where lines are missing; `since` and `now` in seconds since the epoch."""
    return {
        "@timestamp": ecs_time(now),
        "log.level": "error",
        "message": f"{lines} line(s) of this log are missing here: it could not be written as fast as they came",
        "ecs.version": ECS_VERSION,
        "event": {
            "kind": "pipeline_error",
            "action": "log-lines-lost",
            "module": _SERVICE,
            "dataset": f"{_SERVICE}.decisions",
            "start": ecs_time(since),
            "end": ecs_time(now),
        },
        "service": {"name": _SERVICE, "type": _SERVICE, "version": version},
        "eventops": {"log": {"lost": lines}},
    }


def is_decision(change: Change) -> bool:
    """Tell whether a change deserves a line: an event that only joined a case changes a number, not what is done."""
    return change.action != CASE_CHANGED or change.case is None or change.from_state != change.case.state or change.by != ROUTER


def fields(change: Change, *, version: str, limits: Limits) -> dict[str, Any]:
    """Return a decision as a JSON object.

    `@timestamp`, `log.level`, `message` come first and with a dot in the name, as https://github.com/elastic/ecs-logging asks.
    """
    text = Texts(limits)
    hosts = _hosts(change)
    return _without_empty(
        {
            "@timestamp": ecs_time(change.time),
            "log.level": _level(change),
            "message": text(in_a_line(change, hosts, text)),
            "ecs.version": ECS_VERSION,
            "event": _event(change, text),
            "service": {"name": _SERVICE, "type": _SERVICE, "version": version},
            "host": {"name": text(hosts[0])} if len(hosts) == 1 else None,
            "related": {"hosts": text.several(hosts), "user": [text(change.by)] if by_a_person(change) else None},
            "rule": _rule(change.case, text),
            "user": {"name": text(change.by)} if by_a_person(change) else None,
            "labels": _labels(change.case, text),
            "eventops": _own(change, hosts, text),
        }
    )


def ecs_time(seconds: float) -> str:
    """Write seconds since the epoch with all six digits of a fraction, so that one pattern of a log shipper reads every line."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _event(change: Change, text: Texts) -> dict[str, Any]:
    case, began, ended = change.case, *_span(change)
    return {
        "kind": "alert" if _wants_a_person(change) else "event",
        "category": list(_CATEGORIES.get(change.action, ())),
        "type": [_TYPES.get(change.action) or ("end" if _is_over(change) else "change")],
        "action": change.action,
        "outcome": _outcome(change),
        "reason": text(change.why or (case.reason if case else "")),
        "severity": _SEVERITY.get(case.severity) if case else None,
        "module": _SERVICE,
        "dataset": f"{_SERVICE}.decisions",
        "start": ecs_time(began) if began is not None else None,
        "end": ecs_time(ended) if ended is not None else None,
        "duration": max(0, round((ended - began) * 1e9)) if began is not None and ended is not None else None,
    }


def _span(change: Change) -> tuple[float | None, float | None]:
    """Return when that began and ended which this change ends: a dispatch, or a case."""
    if change.action == DISPATCH_ENDED and change.dispatch:
        return change.dispatch.planned_at, change.dispatch.ended_at
    if _is_over(change):
        return change.case.opened_at, change.time
    return None, None


def _is_over(change: Change) -> bool:
    return change.action == CASE_CHANGED and change.case is not None and change.case.state in FINAL and change.from_state != change.case.state


def _outcome(change: Change) -> str | None:
    if change.action == DISPATCH_PLANNED:
        return "unknown"  # the field's value for an attempt whose result another line has
    if change.action == DISPATCH_ENDED and change.dispatch:
        return _OUTCOME_OF_DISPATCH.get(change.dispatch.result, "unknown")
    if _failed_attempt(change):
        return "failure"
    return _OUTCOME_OF_STATE.get(change.case.state) if _is_over(change) else None


def _failed_attempt(change: Change) -> bool:
    return change.action == CASE_CHANGED and change.case is not None and change.case.state == WAITING and change.case.waits_for == BACKOFF


def _wants_a_person(change: Change) -> bool:
    return change.action == STORM_BEGAN or (_is_over(change) and change.case.state == EXHAUSTED)


def _level(change: Change) -> str:
    if _wants_a_person(change):
        return "error"
    if change.action in (PAUSE_BEGAN, STORM_RELEASED) or _outcome(change) == "failure":
        return "warning"
    return "info"


def _hosts(change: Change) -> Sequence[str]:
    if change.case:
        return change.case.hosts
    return change.dispatch.hosts if change.dispatch else ()


def _rule(case: Case | None, text: Texts) -> dict[str, Any] | None:
    """Return the rule of the monitor that raised the alert, which is what `rule` is for."""
    if case is None or not case.name or not case.type.startswith("alert."):
        return None
    return {"name": text(case.name), "category": text(case.type)}


def _labels(case: Case | None, text: Texts) -> dict[str, str] | None:
    return {"kind": case.kind, "mode": case.mode, "source": text(case.child)} if case else None


def _own(change: Change, hosts: Sequence[str], text: Texts) -> dict[str, Any]:
    pause, storm = change.pause, change.storm
    return {
        "hosts": len(hosts) or None,
        "case": _case(change, text),
        "dispatch": _dispatch(change.dispatch, text),
        "pause": pause
        and {"id": pause.id, "match": text.of_json(pause.match), "since": ecs_time(pause.since), "until": ecs_time(pause.until) if pause.until else None},
        "storm": storm
        and {"since": ecs_time(storm.since), "unhealthy": storm.unhealthy, "known_hosts": storm.known_hosts, "released_by": text(storm.released_by)},
        "details": {text.short(str(name)): text.plain(value) for name, value in list(change.details.items())[: text.limits.entries]},
    }


def _case(change: Change, text: Texts) -> dict[str, Any] | None:
    case = change.case
    return case and {
        "id": case.id,
        "type": text(case.type),
        "name": text(case.name),
        "subject": text(case.subject),
        "dedup_key": text(case.dedup_key),
        "severity": case.severity,
        "from_state": change.from_state,
        "state": case.state,
        "waits_for": case.waits_for,
        "due_at": ecs_time(case.due_at) if case.state == WAITING else None,
        "count": case.count,
        "attempt": case.attempt,
        "dispatch": case.dispatch,
        "decided_by": text(case.decided_by),
    }


def _dispatch(dispatch: Dispatch | None, text: Texts) -> dict[str, Any] | None:
    return dispatch and {
        "uuid": dispatch.uuid,
        "attempt": dispatch.attempt,
        "state": dispatch.state,
        "outcome": text(dispatch.outcome),
        "cases": list(dispatch.case_ids[: text.limits.entries]),
        "merged": len(dispatch.shares),
        "playbooks": dispatch.playbooks,
        "interruptions": dispatch.interruptions,
    }


def _without_empty(value: dict[str, Any]) -> dict[str, Any]:
    """Leave out what has nothing to say: null, empty texts, lists and objects; zero and false stay."""
    kept = {key: _without_empty(item) if isinstance(item, dict) else item for key, item in value.items()}
    return {key: item for key, item in kept.items() if item is not None and item != "" and item != [] and item != {}}
