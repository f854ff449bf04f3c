# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A dispatch in flight, as transactions: a rule took it, it is parked until one does, it was cut off, it is taken back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Snapshot
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import Transaction
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import (
    DISPATCHED,
    ENDED,
    OPEN,
    OTHER,
    PARKED,
    PLANNED,
    RUNNING,
    Case,
    Dispatch,
    EventRow,
)

from ..policy.case_life import is_own, subject_of
from ..policy.decisions import Suppress, Wait
from ..policy.gates import Conditions, gate, holding
from ..policy.settings import CasePolicy, Policy
from .carrying_out import carry_out
from .weather import conditions_now


@dataclass(frozen=True)
class Member:
    """One case of a dispatch, with its newest event."""

    case: Case
    row: EventRow


@dataclass(frozen=True)
class Planned:
    """A dispatch that is written down and may be put: its cases, the most urgent first, and what decides about them."""

    dispatch: Dispatch
    members: tuple[Member, ...]
    policy: CasePolicy


class MayBegin(Enum):
    """Whether the actions of a parked dispatch may begin, now that a rule takes it."""

    GO = "go"
    LATER = "later"
    NEVER = "never"


def begun(uuid: str, now: float, playbooks: int) -> Callable[[Transaction], None]:
    """Make the transaction that says that a rule took the event and the engine has begun to act, with so many playbooks to come."""

    def write(tx: Transaction) -> None:
        dispatch = tx.dispatch(uuid)
        # Another life that finds the first of them ended must know whether there was to be a second.
        tx.save_dispatch(replace(dispatch, playbooks=dispatch.playbooks + playbooks))
        for case in cases_of(tx, dispatch):
            if case.dispatch == uuid and case.state == DISPATCHED:
                tx.save_case(replace(case, state=RUNNING, updated_at=now), "a rule took it, its actions run")

    return write


def park(uuid: str, now: float) -> Callable[[Transaction], None]:
    """Make the transaction that says that a rule may take the event later; until then it keeps no host busy."""

    def write(tx: Transaction) -> None:
        tx.save_dispatch(replace(tx.dispatch(uuid), state=PARKED))
        for case in cases_of(tx, tx.dispatch(uuid)):
            if case.dispatch == uuid and case.state == DISPATCHED:
                tx.save_case(replace(case, reason="a rule may take it later: it has a throttle, or waits for another event", updated_at=now), "")

    return write


def unpark(uuids: Sequence[str], policy: Policy, inventory: Snapshot, now: float) -> Callable[[Transaction], MayBegin]:
    """Make the transaction that asks whether a rule may take events now, one of which at least was parked.

    GO takes their hosts; LATER: something else works on one of the hosts, or a pause, a window or a storm holds; NEVER: each of their cases is over.
    """

    def write(tx: Transaction) -> MayBegin:
        dispatches = [tx.dispatch(uuid) for uuid in uuids]
        own = [case for dispatch in dispatches for case in _own(tx, dispatch)]
        if not own:
            return MayBegin.NEVER
        busy = {host for each in tx.unfinished_dispatches() if each.state == PLANNED and each.uuid not in uuids for host in each.hosts}
        conditions = conditions_now(tx, inventory, now)
        # Its hosts are those that it was sent to: an event that joined meanwhile may have named others.
        sent = {share.case_id: share.hosts for dispatch in dispatches for share in dispatch.shares}
        held = any(_is_held(case, hosts, policy, conditions) for case in own for hosts in (case.hosts, sent[case.id]))
        if held or not busy.isdisjoint(host for dispatch in dispatches for host in dispatch.hosts):
            return MayBegin.LATER
        for dispatch in dispatches:
            if dispatch.state == PARKED:
                tx.save_dispatch(replace(dispatch, state=PLANNED))
        return MayBegin.GO

    return write


def _is_held(case: Case, hosts: tuple[str, ...], policy: Policy, conditions: Conditions) -> bool:
    subject = replace(subject_of(case), hosts=hosts)
    return isinstance(gate(case, subject, policy.of(subject), conditions, None), Wait)


def closed_while_parked(uuids: Sequence[str]) -> Callable[[Transaction], list[str]]:
    """Make the transaction that tells which dispatches wait for a rule although each of their cases is over."""

    def look(tx: Transaction) -> list[str]:
        return [uuid for uuid in uuids if (dispatch := tx.dispatch(uuid)).state == PARKED and not _own(tx, dispatch)]

    return look


def take_off(planned: Planned, now: float) -> Callable[[Transaction], dict[str, dict] | None]:
    """Make the last transaction before a dispatch is put: the hosts of all open cases, with what is declared for them.

    None when a pause began meanwhile and it was taken back.
    """

    def write(tx: Transaction) -> dict[str, dict] | None:
        pauses = tx.pauses(now)
        if any(not is_own(case.type) and holding(pauses, subject_of(case)) for case in _own(tx, planned.dispatch)):
            _take_back(tx, planned.dispatch, "a pause began before it was put", now)
            return None
        return tx.open_hosts()

    return write


def connections_of(planned: Planned) -> dict[str, Mapping[str, object]]:
    """Return the variables by which the hosts of a dispatch are reached, as its cases declared them when it was planned."""
    # Of two cases about one host, both say the same of it, or they would not go together.
    return {
        host: variables
        for member in reversed(planned.members)
        for host, variables in member.row.event.connections.items()
        if variables and host in member.case.target_hosts
    }


def reopened(dispatch: Dispatch, now: float) -> Callable[[Transaction], None]:
    """Make the transaction that takes a parked dispatch back, because the engine that had its event has ended."""

    def write(tx: Transaction) -> None:
        _take_back(tx, dispatch, "ansible-rulebook ended before a rule took it", now)

    return write


def _take_back(tx: Transaction, dispatch: Dispatch, why: str, now: float) -> None:
    """End a dispatch that nothing was done for; its cases are planned anew and have lost no attempt."""
    tx.save_dispatch(replace(dispatch, state=ENDED, outcome=why, result=OTHER, ended_at=now))
    for case in _own(tx, dispatch):
        opened = replace(case, state=OPEN, reason="", dispatch=None, attempt=case.attempt - 1, due_at=now, updated_at=now)
        tx.save_case(opened, why)


def suppress(planned: Planned, why: str, now: float) -> Callable[[Transaction], None]:
    """Make the transaction that takes a planned dispatch back for good."""

    def write(tx: Transaction) -> None:
        tx.save_dispatch(replace(planned.dispatch, state=ENDED, outcome=why, result=OTHER, ended_at=now))
        for case in cases_of(tx, planned.dispatch):
            if case.dispatch == planned.dispatch.uuid:
                carry_out(tx, replace(case, dispatch=None), Suppress(why), planned.policy, now)

    return write


def interrupted(dispatch: Dispatch) -> Callable[[Transaction], Dispatch]:
    """Make the transaction that counts an interruption of a dispatch."""

    def write(tx: Transaction) -> Dispatch:
        counted = replace(dispatch, interruptions=dispatch.interruptions + 1, playbooks=0, state=PLANNED)
        tx.save_dispatch(counted)
        return counted

    return write


def cases_of(tx: Transaction, dispatch: Dispatch) -> list[Case]:
    """Return the cases of a dispatch as they are now."""
    return [tx.case(case_id) for case_id in dispatch.case_ids]


def _own(tx: Transaction, dispatch: Dispatch) -> list[Case]:
    """Return the cases that still wait for the outcome of a dispatch."""
    return [case for case in cases_of(tx, dispatch) if case.dispatch == dispatch.uuid and case.in_flight]
