# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decisions of every kind, for the tests of who is told of them."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import (
    AWAITING_APPROVAL,
    BACKOFF,
    CASE_CHANGED,
    CASE_NOTED,
    CASE_OPENED,
    COOLDOWN,
    DISPATCH_ENDED,
    DISPATCH_PLANNED,
    DISPATCHED,
    ENDED,
    EXHAUSTED,
    HISTORY_DELETED,
    OBSERVED,
    OPEN,
    PAUSE,
    PAUSE_BEGAN,
    PAUSE_ENDED,
    RESOLVED,
    RUNNING,
    STORM,
    STORM_BEGAN,
    STORM_ENDED,
    STORM_RELEASED,
    SUPPRESSED,
    UNMATCHED,
    VERIFYING,
    WAITING,
    Case,
    Change,
    Dispatch,
    Pause,
    Share,
    Storm,
)

NOON = 1_769_860_800.0  # 2026-01-31T12:00:00Z

CASE = Case(
    id=17,
    dedup_key="alert/ServiceDown/web-01",
    kind="incident",
    type="alert.firing",
    name="ServiceDown",
    subject="web-01",
    severity="error",
    hosts=("web-01",),
    child="monitors",
    state=OPEN,
    mode="enforce",
    opened_at=NOON,
    updated_at=NOON,
    due_at=NOON,
    rank=0.0,
    event_row=4,
)
MANY_HOSTS = tuple(f"web-{number:02}" for number in range(1, 8))
DISPATCH = Dispatch(
    uuid="5d1f6e0c-6a0e-4c05-9c3c-0e7f3f0f5a11",
    attempt=1,
    hosts=MANY_HOSTS,
    shares=tuple(Share(number, (host,)) for number, host in enumerate(MANY_HOSTS, 17)),
    planned_at=NOON,
)
EVERYTHING_PAUSED = Pause(match={}, since=NOON, by="anna", why="the network is being rebuilt", until=NOON + 3600, id=3)
THE_STORM = Storm(since=NOON, unhealthy=160, known_hosts=200)


def case_change(from_state: str, state: str, why: str = "", *, by: str = "router", seconds: float = 5.0, **case) -> Change:
    """A case that goes from one state to another, some seconds after it was opened."""
    return Change(NOON + seconds, CASE_CHANGED, why, by, from_state, replace(CASE, state=state, updated_at=NOON + seconds, **case))


def dispatch_end(result: str, outcome: str, *, seconds: float = 10.5) -> Change:
    """The end of the dispatch, some seconds after it was planned."""
    return Change(NOON + seconds, DISPATCH_ENDED, dispatch=replace(DISPATCH, state=ENDED, outcome=outcome, result=result, playbooks=1, ended_at=NOON + seconds))


DECISIONS = {
    "opened": Change(NOON, CASE_OPENED, "alert.firing from monitors", case=CASE),
    "a request opened": Change(NOON, CASE_OPENED, case=replace(CASE, kind="request", type="request.report", name="", subject="r-1", hosts=())),
    "awaits approval": case_change(OPEN, AWAITING_APPROVAL, "mode approve"),
    "approved": case_change(AWAITING_APPROVAL, OPEN, "approved", by="anna", decided_by="anna"),
    "rejected": case_change(AWAITING_APPROVAL, SUPPRESSED, "rejected", by="anna", decided_by="anna"),
    "dispatched": case_change(OPEN, DISPATCHED, "attempt 1", attempt=1, dispatch=DISPATCH.uuid),
    "running": case_change(DISPATCHED, RUNNING, attempt=1, dispatch=DISPATCH.uuid),
    "verifying": case_change(RUNNING, VERIFYING, "the run went well", attempt=1, due_at=NOON + 900),
    "waits after a failure": case_change(RUNNING, WAITING, "web-01 failed: no space", waits_for=BACKOFF, attempt=1, due_at=NOON + 35),
    "waits for the cooldown": case_change(OPEN, WAITING, "cooldown", waits_for=COOLDOWN, due_at=NOON + 300),
    "waits for the pause": case_change(OPEN, WAITING, "paused by anna", waits_for=PAUSE),
    "waits for the storm": case_change(OPEN, WAITING, "160 of 200 hosts fail", waits_for=STORM),
    "resolved": case_change(VERIFYING, RESOLVED, "the monitor says that it is over", seconds=72.25, attempt=1, live=False),
    "exhausted": case_change(RUNNING, EXHAUSTED, "3 attempts failed", seconds=300, attempt=3),
    "suppressed": case_change(OPEN, SUPPRESSED, "unknown host", hosts=()),
    "observed": case_change(OPEN, OBSERVED, "mode observe"),
    "unmatched": case_change(DISPATCHED, UNMATCHED, "no rule of the ruleset took it", attempt=1),
    "noted": Change(NOON, CASE_NOTED, "looked at it, the disk is old", "ben", OPEN, CASE),
    "dispatch planned": Change(NOON, DISPATCH_PLANNED, dispatch=DISPATCH),
    "dispatch succeeded": dispatch_end("succeeded", "succeeded"),
    "dispatch partly failed": dispatch_end("partly_failed", "6 of 7 succeeded; 1 of 7 failed: web-03 unreachable: no route; really"),
    "dispatch failed": dispatch_end("failed", "failed: web-03 unreachable: no route"),
    "dispatch untaken": dispatch_end("untaken", "no rule took it"),
    "paused": Change(NOON, PAUSE_BEGAN, "the network is being rebuilt", "anna", pause=EVERYTHING_PAUSED),
    "resumed": Change(NOON + 60, PAUSE_ENDED, "done", "anna", pause=EVERYTHING_PAUSED),
    "a pause that ended by itself": Change(NOON + 3600, PAUSE_ENDED, "its time is over", pause=EVERYTHING_PAUSED),
    "storm began": Change(NOON, STORM_BEGAN, storm=THE_STORM),
    "storm released": Change(NOON + 60, STORM_RELEASED, by="anna", storm=replace(THE_STORM, released_by="anna")),
    "storm ended": Change(NOON + 90, STORM_ENDED, storm=replace(THE_STORM, unhealthy=12)),
    "history deleted": Change(NOON, HISTORY_DELETED, details={"number": 500, "before": NOON - 90 * 86_400}),
}
