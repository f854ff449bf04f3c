# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The cases of a source that are being worked on: a rule has taken them, and they are not over."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event

from .interface import Transaction
from .values import RUNNING, UNFINISHED, VERIFYING, Case


@dataclass(frozen=True, slots=True)
class Worked:
    """A case that is being worked on, and its newest event."""

    case: Case
    event: Event


@dataclass(frozen=True, slots=True)
class Underway:
    """How it stands: `ids` are those of all cases that are being worked on, `cases` those of them that the source does not know yet."""

    ids: frozenset[int] = frozenset()
    cases: tuple[Worked, ...] = ()


def is_underway(case: Case) -> bool:
    """Tell whether somebody works on a case. One that no rule has taken is not even going to be, perhaps."""
    return case.state in (RUNNING, VERIFYING) or (case.state in UNFINISHED and case.ran_at is not None)


def underway(tx: Transaction, child: str, known: Set[int], limit: int) -> Underway:
    """List the cases whose newest event is a child's, oldest first."""
    found = [case for case in tx.unfinished_cases() if case.child == child and is_underway(case)]
    new = [case for case in found if case.id not in known][:limit]
    return Underway(frozenset(case.id for case in found), tuple(Worked(case, tx.event(case.event_row).event) for case in new))
