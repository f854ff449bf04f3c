# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The store's interface: what the router may ask of SQLite now and of PostgreSQL later.

Everything happens inside a transaction. `Store.run` takes a plain function, gives it a `Transaction`, and returns what
it returned once the transaction is committed and on disk; when it raises, nothing of it has happened. Functions are short,
do no I/O of their own, and may run on another thread. An implementation may commit several functions at
once (group commit), but never a part of one. tests/unit/.../store/contract.py says what each method promises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event

from .event_text import written
from .finished import Finished
from .values import ROUTER, Case, CaseQuery, Change, Dispatch, EventRow, EventSize, ExecutionRow, HistoryRow, Pause, Storm

T = TypeVar("T")
Committed = Callable[[Sequence[Change]], None]
Observed = Callable[[float, int], None]

# An event as a row: child, source, id, type, dedup_key, text, received_at.
NewEvent = tuple[str, str, str, str, str, str, float]


class StoreError(Exception):
    """The store cannot be used as it is configured; the message says what to do."""


class StoreUnavailable(StoreError):
    """The store could not commit just now; nothing of the transaction happened and it can be tried again."""


class Transaction(Protocol):
    """The rows, inside one transaction."""

    def insert_event(self, event: Event, *, child: str, received_at: float) -> int | None:
        """Keep an event; return its row, or None when this child has handed in its (source, id) before."""

    def insert_events(self, events: Sequence[NewEvent]) -> list[int | None]:
        """Keep many events: all of them or, when one cannot be kept, none; return what `insert_event` would for each."""

    def unhandled_events(self, limit: int) -> list[EventRow]:
        """List accepted events that the router has not looked at, oldest first; fewer than `limit` when they are large."""

    def event(self, row: int) -> EventRow:
        """Return an event by its row. Raises KeyError."""

    def event_bytes(self, row: int) -> int:
        """Return how long an event is as it is kept, without reading it. Raises KeyError."""

    def events_of(self, case_id: int, limit: int) -> list[EventRow]:
        """List the events of a case, newest first."""

    def event_sizes_of(self, case_id: int, limit: int) -> list[EventSize]:
        """List how large the events of a case are, newest first, without reading what is in them."""

    def mark_handled(self, row: int, case_id: int | None) -> None:
        """Note that the router has looked at an event, and the case that it belongs to."""

    def mark_all_handled(self, rows: Iterable[tuple[int, int | None]]) -> None:
        """Do the same for many events, each as (row, case)."""

    def remember(self, child: str, items: Mapping[str, str | None]) -> None:
        """Keep texts for a source of ours under its own keys, in place of what was there; None forgets a key."""

    def recall(self, child: str, prefix: str, *, after: str | None = None, limit: int = -1) -> dict[str, str]:
        """Return what a source remembers under keys that begin with a prefix, in their order: those after a key, up to `limit` (-1: all)."""

    def recall_keys(self, child: str, keys: Sequence[str]) -> dict[str, str]:
        """Return what a source remembers under some keys; those that it does not have are left out. Fast with many keys."""

    def follow(self, child: str) -> None:
        """Note from now on each time that a case whose newest event came from this child comes to an end; it stays so."""

    def finished(self, child: str, limit: int, after_id: int = 0) -> list[Finished]:
        """List such endings that are not forgotten, oldest first, with an id above another.

        None that is written down later has a smaller id than one that was listed. With its case an ending is deleted, too.
        """

    def forget_finished(self, child: str, ids: Sequence[int]) -> None:
        """Forget endings that the child has heard of."""

    def add_case(self, case: Case, why: str) -> Case:
        """Keep a new case with the first row of its history; return it with its id."""

    def save_case(self, case: Case, why: str, *, by: str = ROUTER) -> None:
        """Write a case down; a change of state becomes a row of its history, dated `updated_at`."""

    def note(self, case_id: int, why: str, *, by: str, now: float) -> None:
        """Add a row to a case's history that changes no state: a person's note, or what a person did. Raises KeyError."""

    def case(self, case_id: int) -> Case:
        """Return a case. Raises KeyError."""

    def live_case(self, dedup_key: str) -> Case | None:
        """Return the case that events with this key join, if there is one."""

    def look_for_live(self, dedup_keys: Iterable[str]) -> None:
        """Find the live cases of many keys at once, because `live_case` will be asked for them."""

    def find_cases(self, query: CaseQuery) -> list[Case]:
        """List the cases that a query asks for, newest first; fast with a million old ones, whatever is asked for by its fields."""

    def ready_cases(self, now: float, limit: int, *, types: str = "", like: Case | None = None, any_name: bool = False) -> list[Case]:
        """List cases that may be dispatched now, the most urgent (smallest rank) first.

        These are open cases whose time has come, and waiting ones that wait for nothing else (`TIMED`), of whose target hosts none is in a
        dispatch in state `planned`.

        :param types: only cases whose type begins with this.
        :param like: only cases with the same type, name, mode, attempt and decided_by, without itself.
        :param any_name: with `like`, cases of other names, too.
        """

    def lifted_cases(self, waits_for: str, limit: int, after_id: int = 0) -> list[Case]:
        """List cases that wait for a pause or a storm to be lifted, oldest first, from an id on."""

    def overdue_cases(self, now: float, limit: int) -> list[Case]:
        """List verifying cases whose time for confirmation is over."""

    def expired_approvals(self, now: float, limit: int) -> list[Case]:
        """List cases that await an approval longer than they may."""

    def next_due(self, now: float) -> float | None:
        """Return the earliest time after `now` at which a case becomes due or overdue, or a pause ends by itself."""

    def unfinished_cases(self) -> list[Case]:
        """List every case that is not in a final state, oldest first."""

    def count_unfinished(self) -> dict[str, int]:
        """Count the cases that are not in a final state, by state."""

    def oldest_waiting(self) -> float | None:
        """Return when the oldest open case, or one that waits for anything but a time, was opened."""

    def count_unhealthy_hosts(self) -> int:
        """Count the hosts of live cases of kind incident, each once."""

    def unhealthy_hosts(self) -> list[str]:
        """List those hosts, by name."""

    def open_hosts(self) -> dict[str, dict]:
        """Collect the hosts of every case that is not in a final state, with the connection variables that are declared for them.

        Of several cases that declare one, that which is in flight counts, else the newest.
        """

    def last_run(self, dedup_key: str, *, but: int) -> float | None:
        """Return when the last run of the cases with this key ended, one case left out."""

    def history(self, case_id: int) -> list[HistoryRow]:
        """List a case's changes of state and notes, oldest first."""

    def add_dispatch(self, dispatch: Dispatch) -> None:
        """Keep a planned dispatch with its cases and their hosts."""

    def save_dispatch(self, dispatch: Dispatch) -> None:
        """Write down a dispatch's state, outcome, interruptions, playbooks and end."""

    def dispatch(self, uuid: str) -> Dispatch:
        """Return a dispatch. Raises KeyError."""

    def unfinished_dispatches(self) -> list[Dispatch]:
        """List dispatches that have not ended, planned and parked ones, oldest first."""

    def dispatches_of(self, case_id: int) -> list[Dispatch]:
        """List a case's dispatches, oldest first."""

    def add_pause(self, pause: Pause) -> Pause:
        """Keep a pause; return it with its id."""

    def pauses(self, now: float) -> list[Pause]:
        """List the pauses that hold now, oldest first."""

    def end_pause(self, pause_id: int, *, by: str, now: float) -> None:
        """End a pause. Raises KeyError when there is none with this id that holds."""

    def storm(self) -> Storm | None:
        """Return the storm that goes on, if one does."""

    def save_storm(self, storm: Storm | None, *, by: str = ROUTER, now: float) -> None:
        """Write down that a storm began, was released, or, with None, ended."""

    def delete_before(self, time: float, limit: int) -> int:
        """Delete up to `limit` finished cases that were updated last before a time and are not live, with all that belongs to them.

        Events without a case go, too. Return how many cases and such events were deleted: fewer than `limit` when there is nothing more.
        """

    def put_executions(self, rows: Iterable[ExecutionRow]) -> None:
        """Keep per-host results; a row that is there already is replaced (results may be taken in twice)."""

    def executions(self, uuid: str) -> list[ExecutionRow]:
        """List the per-host results of a dispatch."""


class Store(Protocol):
    """A place where transactions happen.

    An implementation is given a function `committed`, which it calls after each commit with the changes of that commit, if there are any,
    before it gives the functions' results back; and a function `observed`, which it calls after each commit that wrote anything with the seconds
    that it took, from its begin until it was on disk, and the number of functions in it. Both on whichever thread it commits.
    """

    async def run(self, function: Callable[[Transaction], T]) -> T:
        """Run a function in a transaction; return its result when that is durable. Raises StoreUnavailable."""

    def run_now(self, function: Callable[[Transaction], T]) -> T:
        """Do the same and block the caller until it is durable."""

    def close(self) -> None:
        """Finish what was given and close; later calls raise StoreUnavailable."""


class Accept:
    """The function that keeps events, all of them or none: what `Store.run` is called with most, so an implementation may know it."""

    __slots__ = ("events",)

    def __init__(self, events: Sequence[NewEvent]) -> None:
        self.events = events

    def __call__(self, tx: Transaction) -> list[int | None]:
        return tx.insert_events(self.events)


def accept(events: Sequence[Event], *, child: str, received_at: float, texts: Sequence[str] = ()) -> Accept:
    """Make the function that keeps events. `texts` is what `event_text.written` makes of them, where that is known."""
    return Accept(
        [
            (child, event.source, event.id, event.type, event.dedup_key, text, received_at)
            for event, text in zip(events, texts or map(written, events))
        ]
    )
