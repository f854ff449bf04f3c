# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the page of a case tells: everything that happened to it, in the order in which it happened. Every list is bounded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import Transaction
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import Case, Dispatch, EventRow, ExecutionRow, HistoryRow

from .text import as_json

MOST_EVENTS = 10
MOST_STEPS = 200
MOST_DISPATCHES = 20
MOST_EXECUTIONS = 100
SHOWN_CHARACTERS = 8_000  # of an event; all of it is a link away


@dataclass(frozen=True)
class Received:
    """An event of the case: who handed it in and what it says, as much of it as a page can hold."""

    row: int
    child: str
    received_at: float
    event: Event
    text: str
    is_cut: bool


@dataclass(frozen=True)
class Attempt:
    """A dispatch of the case, with what its playbooks did on the case's own hosts.

    :param hosts: the case's own.
    :param others: how many other cases shared the run.
    :param more: how many results are not among `executions`.
    """

    dispatch: Dispatch
    hosts: tuple[str, ...]
    others: int
    executions: tuple[ExecutionRow, ...]
    more: int


@dataclass(frozen=True)
class Step:
    """One thing that happened: a row of the history, an event or an attempt, exactly one of them."""

    time: float
    row: HistoryRow | None = None
    received: Received | None = None
    attempt: Attempt | None = None


@dataclass(frozen=True)
class Story:
    """A case and its steps, oldest first; `events` are its newest, the newest first. `left_out` steps between the first and the others are not shown."""

    case: Case
    steps: tuple[Step, ...]
    events: tuple[Received, ...]
    left_out: int


def tell(tx: Transaction, case_id: int) -> Story:
    """Collect a case's story. Raises KeyError."""
    case = tx.case(case_id)
    events = [received(each) for each in tx.events_of(case_id, MOST_EVENTS)]
    if case.event_row not in {each.row for each in events}:
        events.append(received(tx.event(case.event_row)))
    attempts = [_attempt(tx, each, case_id) for each in tx.dispatches_of(case_id)[-MOST_DISPATCHES:]]
    steps = sorted(_steps(tx.history(case_id), events, attempts), key=lambda step: step.time)
    left_out = max(0, len(steps) - MOST_STEPS)
    if left_out:
        steps = [steps[0], *steps[left_out + 1 :]]
    return Story(case, tuple(steps), tuple(events), left_out)


def received(row: EventRow) -> Received:
    """Make an event fit for a page."""
    text = as_json(row.event.to_mapping(), SHOWN_CHARACTERS)
    return Received(row.id, row.child, row.received_at, row.event, text[:SHOWN_CHARACTERS], len(text) > SHOWN_CHARACTERS)


def _steps(history: Sequence[HistoryRow], events: Sequence[Received], attempts: Sequence[Attempt]) -> Iterator[Step]:
    # Events first: sorting keeps the order of what happened at one time, and an event comes before what was decided about it.
    yield from (Step(each.received_at, received=each) for each in reversed(events))
    yield from (Step(each.time, row=each) for each in history)
    yield from (Step(each.dispatch.planned_at, attempt=each) for each in attempts)


def _attempt(tx: Transaction, dispatch: Dispatch, case_id: int) -> Attempt:
    own = next((share.hosts for share in dispatch.shares if share.case_id == case_id), ())
    found = [each for each in tx.executions(dispatch.uuid) if each.host in own]
    # What went wrong first: of a hundred hosts, those are the ones that the page is opened for.
    found.sort(key=lambda each: (each.status in ("ok", "skipped"), each.started_at, each.host))
    return Attempt(dispatch, own, len(dispatch.shares) - 1, tuple(found[:MOST_EXECUTIONS]), max(0, len(found) - MOST_EXECUTIONS))
