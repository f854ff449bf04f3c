# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The router's values as JSON objects for whoever asks over the control socket: times are RFC 3339, and what only the router needs is left out."""

from __future__ import annotations

from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import (
    AWAITING_APPROVAL,
    LIFTED,
    VERIFYING,
    WAITING,
    Case,
    EventRow,
    ExecutionRow,
    HistoryRow,
    Pause,
    Storm,
)
from ansible_collections.eventops.infra.plugins.plugin_utils.timestamp import from_epoch

from .controls import Status
from .story import CaseStory

_CASE_AS_IT_IS = ("id", "dedup_key", "kind", "type", "name", "subject", "severity", "child", "state", "reason", "waits_for", "mode", "decided_by")
_CASE_NUMBERS = ("count", "attempt", "live", "event_row")


def case_object(case: Case) -> dict[str, Any]:
    """Write a case; `due_at` is when its waiting ends, null where it waits for no time."""
    return {
        **{name: getattr(case, name) for name in _CASE_AS_IT_IS + _CASE_NUMBERS},
        "hosts": list(case.hosts),
        "opened_at": from_epoch(case.opened_at),
        "updated_at": from_epoch(case.updated_at),
        "due_at": from_epoch(case.due_at) if _waits_for_a_time(case) else None,
        "ran_at": _time(case.ran_at),
    }


def story_object(story: CaseStory) -> dict[str, Any]:
    """Write a case with its history, events and runs."""
    return {
        **case_object(story.case),
        "history": [_history_object(row) for row in story.history],
        "events": [_event_object(row) for row in story.events],
        "events_left_out": [{"id": each.event_id, "child": each.child, "bytes": each.size_bytes} for each in story.left_out],
        "runs": [
            {
                "uuid": dispatch.uuid,
                "attempt": dispatch.attempt,
                "hosts": list(dispatch.hosts),
                "cases": list(dispatch.case_ids),
                "state": dispatch.state,
                "outcome": dispatch.outcome,
                "planned_at": from_epoch(dispatch.planned_at),
                "ended_at": _time(dispatch.ended_at),
                "results": [_execution_object(row) for row in rows],
            }
            for dispatch, rows in story.dispatches
        ],
    }


def pause_object(pause: Pause) -> dict[str, Any]:
    """Write a pause; `until` is null where only a person ends it."""
    return {
        "id": pause.id,
        "match": dict(pause.match),
        "since": from_epoch(pause.since),
        "until": _time(pause.until),
        "by": pause.by,
        "why": pause.why,
    }


def storm_object(storm: Storm | None) -> dict[str, Any] | None:
    """Write the storm that goes on, if one does."""
    if storm is None:
        return None
    return {"since": from_epoch(storm.since), "unhealthy": storm.unhealthy, "known_hosts": storm.known_hosts, "released_by": storm.released_by}


def status_object(status: Status) -> dict[str, Any]:
    """Write how the router stands."""
    return {
        "mode": status.mode,
        "pauses": [pause_object(each) for each in status.pauses],
        "storm": storm_object(status.storm),
        "unfinished": dict(status.unfinished),
    }


def _waits_for_a_time(case: Case) -> bool:
    return case.state in (VERIFYING, AWAITING_APPROVAL) or (case.state == WAITING and case.waits_for not in LIFTED)


def _history_object(row: HistoryRow) -> dict[str, Any]:
    return {"time": from_epoch(row.time), "from": row.from_state, "to": row.to_state, "why": row.why, "by": row.by}


def _event_object(row: EventRow) -> dict[str, Any]:
    return {"child": row.child, "received_at": from_epoch(row.received_at), "event": row.event.to_mapping()}


def _execution_object(row: ExecutionRow) -> dict[str, Any]:
    return {
        "playbook": row.playbook,
        "host": row.host,
        "status": row.status,
        "changed": row.changed,
        "duration_seconds": row.duration,
        "error": row.error,
        "started_at": row.started_at,
        "ended_at": row.ended_at,
    }


def _time(seconds: float | None) -> str | None:
    return None if seconds is None else from_epoch(seconds)
