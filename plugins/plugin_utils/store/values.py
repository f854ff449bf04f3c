# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the store keeps, as values: events, cases with their history, dispatches, executions, pauses and the storm.

These are shared by every implementation of the store and by the router's policy. Times are seconds since the epoch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event

# States of a case (DESIGN section 5). A case in one of the first six still wants something to happen.
OPEN, AWAITING_APPROVAL, DISPATCHED, RUNNING, VERIFYING, WAITING = "open", "awaiting_approval", "dispatched", "running", "verifying", "waiting"
RESOLVED, EXHAUSTED, SUPPRESSED, OBSERVED, UNMATCHED = "resolved", "exhausted", "suppressed", "observed", "unmatched"
UNFINISHED = frozenset({OPEN, AWAITING_APPROVAL, DISPATCHED, RUNNING, VERIFYING, WAITING})
FINAL = frozenset({RESOLVED, EXHAUSTED, SUPPRESSED, OBSERVED, UNMATCHED})

# What a waiting case waits for. The first four end at a time (`due_at`), the others when somebody or something lifts them.
BACKOFF, COOLDOWN, MAINTENANCE, SCHEDULE, PAUSE, STORM = "backoff", "cooldown", "maintenance", "schedule", "pause", "storm"
TIMED = frozenset({BACKOFF, COOLDOWN, MAINTENANCE, SCHEDULE})
LIFTED = frozenset({PAUSE, STORM})

ROUTER = "router"  # who decided, where it was no person

# States of a dispatch: its hosts are busy; it was put, but a throttle or another event decides when a rule takes it; it is over.
PLANNED, PARKED, ENDED = "planned", "parked", "ended"

# What became of a dispatch, for all of its cases together; the last is for one that was taken back.
SUCCEEDED, FAILED, PARTLY_FAILED, UNTAKEN, OTHER = "succeeded", "failed", "partly_failed", "untaken", "other"
RESULTS = (SUCCEEDED, FAILED, PARTLY_FAILED, UNTAKEN, OTHER)


@dataclass(frozen=True, slots=True)
class EventRow:
    """An accepted event: `id` is its place in the order of acceptance, `child` the one who handed it in."""

    id: int
    child: str
    event: Event
    received_at: float
    case_id: int | None = None


@dataclass(frozen=True, slots=True)
class EventSize:
    """How large an event is as the store keeps it: `id` is its row, `event_id` the sender's name for it."""

    id: int
    child: str
    event_id: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Case:
    """A problem, request or change that is being followed. `id` is 0 until the store has given it one.

    `name` is the event's `data.name`; `hosts` are the known ones among those that it names; `due_at` is the time before which nothing is to be done
    (open, waiting) or at which waiting for somebody is over (verifying: the monitor, awaiting_approval: a person); `waits_for` says why a waiting case
    waits; `decided_by` is the person who approved, rejected or suppressed it; `ran_at` is when its last run ended; `live` is true while events
    with the same `dedup_key` join this case instead of opening another; `connections` are the variables by which hosts are reached that its newest
    event declares.
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
    name: str = ""
    reason: str = ""
    waits_for: str = ""
    decided_by: str = ""
    count: int = 1
    attempt: int = 0
    ran_at: float | None = None
    dispatch: str | None = None
    again: bool = False
    live: bool = True
    connections: Mapping[str, Mapping[str, object]] = field(default_factory=dict, hash=False)
    id: int = 0

    @property
    def in_flight(self) -> bool:
        return self.state in (DISPATCHED, RUNNING)

    @property
    def target_hosts(self) -> tuple[str, ...]:
        """Return the hosts that its dispatches are limited to: never none, which Ansible takes for all."""
        return self.hosts or ("localhost",)


@dataclass(frozen=True, slots=True)
class CaseQuery:
    """Which cases to list, newest first; what is empty or None does not matter, several values of one field are alternatives.

    `hosts` finds cases about one of these hosts; `text` is looked for in name, subject and dedup_key; `without_types` leaves out types that begin
    with it; `updated_after` is a time; `before_id` goes on with the next page.
    """

    ids: tuple[int, ...] = ()
    states: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    dedup_keys: tuple[str, ...] = ()
    text: str = ""
    without_types: str = ""
    live: bool | None = None
    updated_after: float | None = None
    before_id: int | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One change of a case: `from_state` is None where it was opened; both states are the same where a person wrote a note or intervened.

    `by` is the person who asked for it, or `router`.
    """

    time: float
    from_state: str | None
    to_state: str
    why: str
    by: str = ROUTER


@dataclass(frozen=True, slots=True)
class Share:
    """A case's part of a dispatch: its own hosts when it was planned, `localhost` for a case about none."""

    case_id: int
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One thing put to the engine: `uuid` is the event's `meta.uuid`, `hosts` its `meta.hosts`, `shares` its cases, the most urgent first.

    `playbooks` is how many the rules that took it start, as far as was seen since it was last put; `result` is one of RESULTS when it has ended, and
    `outcome` says it in words.
    """

    uuid: str
    attempt: int
    hosts: tuple[str, ...]
    shares: tuple[Share, ...]
    planned_at: float
    state: str = PLANNED
    outcome: str = ""
    result: str = ""
    interruptions: int = 0
    playbooks: int = 0
    ended_at: float | None = None

    @property
    def case_ids(self) -> tuple[int, ...]:
        return tuple(share.case_id for share in self.shares)


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing that matches is dispatched, until a person or the time ends it; an empty `match` is everything."""

    match: Mapping[str, object]
    since: float
    by: str
    why: str = ""
    until: float | None = None
    id: int = 0


@dataclass(frozen=True, slots=True)
class Storm:
    """So many hosts fail at once that they are not healed one by one, unless `released_by` somebody. `unhealthy` is how many it began with."""

    since: float
    unhealthy: int
    known_hosts: int
    released_by: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One decision that is written down and on disk: what observers (log, metrics, console) are told after the commit.

    `action` is one of ACTIONS. `case`, `dispatch`, `pause` and `storm` are as they are after the change, where it is about one.
    """

    time: float
    action: str
    why: str = ""
    by: str = ROUTER
    from_state: str | None = None
    case: Case | None = None
    dispatch: Dispatch | None = None
    pause: Pause | None = None
    storm: Storm | None = None
    details: Mapping[str, object] = field(default_factory=dict)


CASE_OPENED, CASE_CHANGED, CASE_NOTED = "case-opened", "case-changed", "case-noted"
DISPATCH_PLANNED, DISPATCH_ENDED = "dispatch-planned", "dispatch-ended"
PAUSE_BEGAN, PAUSE_ENDED = "pause-began", "pause-ended"
STORM_BEGAN, STORM_RELEASED, STORM_ENDED = "storm-began", "storm-released", "storm-ended"
HISTORY_DELETED = "history-deleted"
ACTIONS = frozenset(
    {CASE_OPENED, CASE_CHANGED, CASE_NOTED, DISPATCH_PLANNED, DISPATCH_ENDED, PAUSE_BEGAN, PAUSE_ENDED}
    | {STORM_BEGAN, STORM_RELEASED, STORM_ENDED, HISTORY_DELETED}
)


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
