# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the store keeps, as values: events, cases with their history, dispatches, executions.

These are shared by every implementation of the store and by the router's policy. Times are seconds since the epoch.
"""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event

# States of a case (DESIGN section 5). A case in one of the first five still wants something to happen.
OPEN, DISPATCHED, RUNNING, VERIFYING, WAITING = "open", "dispatched", "running", "verifying", "waiting"
RESOLVED, EXHAUSTED, SUPPRESSED, OBSERVED, UNMATCHED = "resolved", "exhausted", "suppressed", "observed", "unmatched"
UNFINISHED = frozenset({OPEN, DISPATCHED, RUNNING, VERIFYING, WAITING})
FINAL = frozenset({RESOLVED, EXHAUSTED, SUPPRESSED, OBSERVED, UNMATCHED})

PLANNED, ENDED = "planned", "ended"  # states of a dispatch


@dataclass(frozen=True, slots=True)
class EventRow:
    """An accepted event: `id` is its place in the order of acceptance, `child` the one who handed it in."""

    id: int
    child: str
    event: Event
    received_at: float
    case_id: int | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A problem, request or change that is being followed. `id` is 0 until the store has given it one.

    `hosts` are names that the inventory has; `due_at` is the time before which nothing is to be done (open,
    waiting) or after which the monitor is late (verifying); `live` is true while events with the same `dedup_key`
    join this case instead of opening another.
    """

    dedup_key: str
    kind: str
    type: str
    subject: str
    severity: str
    hosts: tuple[str, ...]
    child: str
    state: str
    mode: str
    opened_at: float
    updated_at: float
    due_at: float
    rank: float
    event_row: int
    reason: str = ""
    count: int = 1
    attempt: int = 0
    dispatch: str | None = None
    again: bool = False
    live: bool = True
    id: int = 0

    @property
    def in_flight(self) -> bool:
        return self.state in (DISPATCHED, RUNNING)


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One change of state of a case: `from_state` is None where the case was opened."""

    time: float
    from_state: str | None
    to_state: str
    why: str


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One thing put to the engine: `uuid` is the event's `meta.uuid`, `hosts` its `meta.hosts`.

    `playbooks` is how many the rules that took it start, as far as was seen since it was last put.
    """

    uuid: str
    attempt: int
    hosts: tuple[str, ...]
    case_ids: tuple[int, ...]
    planned_at: float
    state: str = PLANNED
    outcome: str = ""
    interruptions: int = 0
    playbooks: int = 0
    ended_at: float | None = None


@dataclass(frozen=True, slots=True)
class ExecutionRow:
    """What one playbook run did on one host; `started_at` and `ended_at` are RFC 3339, `duration` is in seconds."""

    dispatch: str
    pid: int
    playbook: str
    host: str
    status: str
    changed: int
    duration: float
    error: str | None
    started_at: str
    ended_at: str | None
