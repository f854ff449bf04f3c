# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The whole of a case: its events, what was decided, and what its runs did. Events that are too large for an answer are only named."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import Transaction
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import Case, Dispatch, EventRow, EventSize, ExecutionRow, HistoryRow

from .intervention import UnknownCase

# Of all events in one answer, as the store keeps them: reading and writing as much takes the router a few hundredths of a second.
SHOWN_BYTES = 4_000_000
_SHOWN_EVENTS = 20


@dataclass(frozen=True, slots=True)
class CaseStory:
    """A case from its events to what became of it: `events` newest first, the rest oldest first.

    `left_out` are those of the newest events that are too large to be among `events`.
    """

    case: Case
    history: tuple[HistoryRow, ...]
    events: tuple[EventRow, ...]
    left_out: tuple[EventSize, ...]
    dispatches: tuple[tuple[Dispatch, tuple[ExecutionRow, ...]], ...]


def tell_story(tx: Transaction, case_id: int, room: int) -> tuple[CaseStory, int]:
    """Tell of a case, with events of at most `room` bytes; return what is left of the room, too."""
    case = _case(tx, case_id)
    events, left_out = [], []
    for size in tx.event_sizes_of(case_id, _SHOWN_EVENTS):
        if size.size_bytes > room:
            left_out.append(size)
        else:
            events.append(tx.event(size.id))
            room -= size.size_bytes
    dispatches = tuple((each, tuple(tx.executions(each.uuid))) for each in tx.dispatches_of(case_id))
    return CaseStory(case, tuple(tx.history(case_id)), tuple(events), tuple(left_out), dispatches), room


def _case(tx: Transaction, case_id: int) -> Case:
    try:
        return tx.case(case_id)
    except KeyError:
        raise UnknownCase(case_id) from None
