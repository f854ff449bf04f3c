# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a person may do to a case, as transactions. pausing.py has what a person may do to everything at once.

Each function writes down who asked (`by`) and why, and returns an `Intervention`: asking twice changes nothing the second time. Each raises UnknownCase,
and NotPossible where the state of the case does not allow it. `now` is seconds since the epoch; texts are as `intervention` made them.

`decided_by` is how a decision lasts. A case that a person approved or retried is dispatched without an approval and without regard to its cooldown; an
alert that a person rejected or suppressed stays so, whatever its monitor repeats, until the monitor says that it is over. Pauses, maintenance windows and
storms hold for everything, whoever decided.

A run that goes on when its case is closed is not stopped: nobody knows in what state that would leave its hosts. What it did is still written down.
"""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import Transaction
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import (
    AWAITING_APPROVAL,
    EXHAUSTED,
    FINAL,
    LIFTED,
    MAINTENANCE,
    OBSERVED,
    OPEN,
    PAUSE,
    RESOLVED,
    STORM,
    SUPPRESSED,
    UNFINISHED,
    WAITING,
    Case,
)

from ..policy.case_life import stays_live
from .intervention import Intervention, NotPossible, UnknownCase


def approve(tx: Transaction, case_id: int, *, by: str, why: str = "", now: float, seen: int | None = None) -> Intervention[Case]:
    """Let a case that awaits an approval be dispatched now, for all its attempts.

    :param seen: the case's `event_row` when the person looked at it; None: nobody knows. An event that came since and says something else has to be looked
        at first.
    """
    case = _case(tx, case_id)
    if case.state == AWAITING_APPROVAL:
        if seen is not None and not _is_as_seen(tx, case, seen):
            raise NotPossible(f"case {case.id} is {case.state}, and it has changed since you looked: look again")
        return _save(tx, case, _opened(case, by, now), "approved", by, why)
    if case.state in UNFINISHED and case.decided_by:  # approved already, or sent out by a person, which is as good
        return _nothing_to_do(case)
    raise NotPossible(f"{_described(case)}, and only a case that is {AWAITING_APPROVAL} can be approved{_instead(case)}")


def reject(tx: Transaction, case_id: int, *, by: str, why: str = "", now: float) -> Intervention[Case]:
    """Have nothing done about a case that awaits an approval."""
    case = _case(tx, case_id)
    if case.state == AWAITING_APPROVAL:
        return _save(tx, case, _suppressed(case, "rejected", by, why, now), "rejected", by, why)
    if case.state == SUPPRESSED and case.decided_by:
        return _nothing_to_do(case)
    raise NotPossible(f"{_described(case)}, and only a case that is {AWAITING_APPROVAL} can be rejected{_instead(case)}")


def resolve(tx: Transaction, case_id: int, *, by: str, why: str = "", now: float) -> Intervention[Case]:
    """Close a case: the next event of the same problem opens another.

    One that is not over becomes resolved. An exhausted, suppressed or observed alert, which takes its monitor's events until that says that it is over,
    stays what became of it and takes no more.
    """
    case = _case(tx, case_id)
    if case.state in UNFINISHED:
        resolved = replace(case, state=RESOLVED, reason=_sentence(f"resolved by {by}", why), waits_for="", live=False, again=False, due_at=now, updated_at=now)
        return _save(tx, case, resolved, "resolved", by, why)
    if case.live:
        return _save(tx, case, replace(case, live=False, updated_at=now), "closed", by, why)
    return _nothing_to_do(case)


def suppress(tx: Transaction, case_id: int, *, by: str, why: str = "", now: float) -> Intervention[Case]:
    """Have nothing done about a case; an alert stays suppressed until its monitor says that it is over."""
    case = _case(tx, case_id)
    if case.state == SUPPRESSED and (case.decided_by or not case.live):
        return _nothing_to_do(case)
    if case.state in UNFINISHED or (case.live and case.state in (SUPPRESSED, OBSERVED)):
        return _save(tx, case, _suppressed(case, "suppressed", by, why, now), "suppressed", by, why)
    raise NotPossible(f"{_described(case)}, and nothing more will be done about it that could be suppressed{_instead(case)}")


def retry(tx: Transaction, case_id: int, *, by: str, why: str = "", now: float) -> Intervention[Case]:
    """Have a case dispatched now: one that waits for its next attempt, a cooldown or its monitor, or anew one that came to nothing.

    An exhausted, suppressed, observed or unmatched case starts with its first attempt. What stood in its way is looked at again, but no approval and no
    cooldown: in mode observe it is only observed once more.
    """
    case = _case(tx, case_id)
    if case.state == OPEN and case.due_at <= now:
        return _nothing_to_do(case)
    if case.in_flight or case.state in (AWAITING_APPROVAL, RESOLVED):
        raise NotPossible(f"{_described(case)}, and cannot be tried again{_instead(case)}")
    if is_held_back(case):
        raise NotPossible(f"{_described(case)}, which holds for a person's retry, too{_instead(case)}")
    again = replace(_opened(case, by, now), live=True)
    if case.state in FINAL:
        _require_no_other(tx, case)
        again = replace(again, attempt=0)
    return _save(tx, case, again, "to be tried again now", by, why)


def annotate(tx: Transaction, case_id: int, *, by: str, why: str, now: float) -> Intervention[Case]:
    """Add a note to a case's history; the same note by the same person right after it says nothing new."""
    case = _case(tx, case_id)
    last = tx.history(case_id)[-1]
    if (last.by, last.why, last.from_state) == (by, why, last.to_state):
        return _nothing_to_do(case)
    tx.note(case_id, why, by=by, now=now)
    return Intervention(True, case, case)


def is_held_back(case: Case) -> bool:
    """Tell whether a case waits for something that no decision about it alone ends."""
    return case.state == WAITING and (case.waits_for in LIFTED or case.waits_for == MAINTENANCE)


def _opened(case: Case, by: str, now: float) -> Case:
    return replace(case, state=OPEN, reason="", waits_for="", due_at=now, decided_by=by, again=False, updated_at=now)


def _suppressed(case: Case, what: str, by: str, why: str, now: float) -> Case:
    return replace(
        case,
        state=SUPPRESSED,
        reason=_sentence(f"{what} by {by}", why),
        waits_for="",
        due_at=now,
        decided_by=by,
        again=False,
        live=case.live and stays_live(case.type),
        updated_at=now,
    )


def _case(tx: Transaction, case_id: int) -> Case:
    try:
        return tx.case(case_id)
    except KeyError:
        raise UnknownCase(case_id) from None


def _is_as_seen(tx: Transaction, case: Case, seen: int) -> bool:
    """Tell whether a case's newest event asks for the same as one that a person saw: what is dispatched is the newest."""
    if seen == case.event_row:
        return True
    try:
        row = tx.event(seen)
    except KeyError:
        return False
    then, now = row.event, tx.event(case.event_row).event
    return row.case_id == case.id and (then.type, then.subject, then.hosts, then.data) == (now.type, now.subject, now.hosts, now.data)


def _require_no_other(tx: Transaction, case: Case) -> None:
    other = tx.live_case(case.dedup_key)
    if other is not None and other.id != case.id:
        raise NotPossible(f"{_described(case)}, and case {other.id}, which is {other.state}, follows the same problem since: see to that one")


def _save(tx: Transaction, before: Case, after: Case, what: str, by: str, why: str) -> Intervention[Case]:
    tx.save_case(after, _sentence(what, why), by=by)
    if before.state == after.state:  # no change of state, so saving it leaves no row in the history
        tx.note(after.id, _sentence(what, why), by=by, now=after.updated_at)
    return Intervention(True, before, after)


def _nothing_to_do(case: Case) -> Intervention[Case]:
    return Intervention(False, case, case)


def _sentence(what: str, why: str) -> str:
    return f"{what}: {why}" if why else what


def _described(case: Case) -> str:
    waits = f" for {_WAITS[case.waits_for]}" if case.waits_for in _WAITS else ""
    return f"case {case.id} is {case.state}{waits}"


def _instead(case: Case) -> str:
    """Say what a person can do to a case as it is."""
    if case.state == AWAITING_APPROVAL:
        return ": approve or reject it"
    if case.in_flight:
        return ": its playbook is at work; wait for it, or resolve or suppress the case"
    if case.waits_for in _LIFTING:
        return f": {_LIFTING[case.waits_for]}, or resolve or suppress it"
    if case.state in UNFINISHED:
        return ": retry, resolve or suppress it"
    if case.state == RESOLVED:
        return ": it is over, the next event of the same problem opens another"
    return ": retry or resolve it" if case.live or case.state == EXHAUSTED else ": retry it"


_WAITS = {PAUSE: "a pause to end", MAINTENANCE: "a maintenance window to end", STORM: "a storm to end"}
_LIFTING = {PAUSE: "resume", MAINTENANCE: "wait until the window closes", STORM: "release the storm"}
