# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The store's interface: what the router may ask of SQLite now and of PostgreSQL later.

Everything happens inside a transaction. `Store.run` takes a plain function, gives it a `Transaction`, and returns what
it returned once the transaction is committed and on disk; when it raises, nothing of it has happened. Functions are short,
do no I/O of their own, and may run on another thread. An implementation may commit several functions at
once (group commit), but never a part of one. tests/unit/.../store/contract.py says what each method promises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event

from .values import Case, Dispatch, EventRow, ExecutionRow, HistoryRow

T = TypeVar("T")


class StoreError(Exception):
    """The store cannot be used as it is configured; the message says what to do."""


class StoreUnavailable(StoreError):
    """The store could not commit just now; nothing of the transaction happened and it can be tried again."""


class Transaction(Protocol):
    """The rows, inside one transaction."""

    def insert_event(self, event: Event, *, child: str, received_at: float) -> int | None:
        """Keep an event; return its row, or None when this child has handed in its (source, id) before."""

    def unhandled_events(self, limit: int) -> list[EventRow]:
        """List accepted events that the router has not looked at, oldest first."""

    def event(self, row: int) -> EventRow:
        """Return an event by its row. Raises KeyError."""

    def mark_handled(self, row: int, case_id: int | None) -> None:
        """Note that the router has looked at an event, and the case that it belongs to."""

    def add_case(self, case: Case, why: str) -> Case:
        """Keep a new case with the first row of its history; return it with its id."""

    def save_case(self, case: Case, why: str) -> None:
        """Write a case down; a change of state becomes a row of its history, dated `updated_at`."""

    def case(self, case_id: int) -> Case:
        """Return a case. Raises KeyError."""

    def live_case(self, dedup_key: str) -> Case | None:
        """Return the case that events with this key join, if there is one."""

    def ready_cases(self, now: float, limit: int, offset: int = 0) -> list[Case]:
        """List open and waiting cases that are due, the most urgent (smallest rank) first, from an offset on."""

    def overdue_cases(self, now: float, limit: int) -> list[Case]:
        """List verifying cases whose time for confirmation is over."""

    def next_due(self, now: float) -> float | None:
        """Return the earliest time after `now` at which a case becomes due."""

    def unfinished_cases(self) -> list[Case]:
        """List every case that is not in a final state, oldest first."""

    def count_unfinished(self) -> dict[str, int]:
        """Count the cases that are not in a final state, by state."""

    def open_hosts(self) -> frozenset[str]:
        """Collect the hosts of every case that is not in a final state."""

    def history(self, case_id: int) -> list[HistoryRow]:
        """List a case's changes of state, oldest first."""

    def add_dispatch(self, dispatch: Dispatch) -> None:
        """Keep a planned dispatch with its cases."""

    def save_dispatch(self, dispatch: Dispatch) -> None:
        """Write down a dispatch's state, outcome, interruptions, playbooks and end."""

    def dispatch(self, uuid: str) -> Dispatch:
        """Return a dispatch. Raises KeyError."""

    def unfinished_dispatches(self) -> list[Dispatch]:
        """List dispatches that were planned and have not ended, oldest first."""

    def dispatches_of(self, case_id: int) -> list[Dispatch]:
        """List a case's dispatches, oldest first."""

    def put_executions(self, rows: Iterable[ExecutionRow]) -> None:
        """Keep per-host results; a row that is there already is replaced (results may be taken in twice)."""

    def executions(self, uuid: str) -> list[ExecutionRow]:
        """List the per-host results of a dispatch."""


class Store(Protocol):
    """A place where transactions happen."""

    async def run(self, function: Callable[[Transaction], T]) -> T:
        """Run a function in a transaction; return its result when that is durable. Raises StoreUnavailable."""

    def run_now(self, function: Callable[[Transaction], T]) -> T:
        """Do the same and block the caller until it is durable."""

    def close(self) -> None:
        """Finish what was given and close; later calls raise StoreUnavailable."""


def accept(events: Sequence[Event], *, child: str, received_at: float) -> Callable[[Transaction], list[int | None]]:
    """Make the function that keeps events: all of them or, when one cannot be kept, none."""

    def insert(tx: Transaction) -> list[int | None]:
        return [tx.insert_event(event, child=child, received_at=received_at) for event in events]

    return insert
