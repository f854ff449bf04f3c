# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One look at the cases that are due: may each go, what goes together with it (merging.py), and the dispatch that is written down."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, replace

from ansible_collections.eventops.infra.plugins.plugin_utils.declared import hosts_of
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Snapshot
from ansible_collections.eventops.infra.plugins.plugin_utils.neutralize import neutralize
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import Transaction
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import DISPATCHED, PLANNED, Case, Dispatch, EventRow, Share

from ..engine.dispatch_event import MAX_LIMIT_BYTES
from ..engine.rule_reads import RuleReads
from ..policy.case_life import is_own
from ..policy.coalescing import wait_for_more
from ..policy.decisions import Decision, Go, Observe, Open, Suppress
from ..policy.gates import gate
from ..policy.matching import Subject
from ..policy.settings import CasePolicy, Policy
from .admission import admitted, subject_of_event
from .carrying_out import carry_out
from .flight import Member, Planned
from .merging import merging_key, same_work, work_by_host
from .room import Room
from .weather import conditions_now, note_storm

# What is read at one look around, or compared with others: more would keep senders waiting.
_MOST_BYTES_AROUND = 2_097_152
_LARGE_BYTES = 65_536
# A case whose event differs from the leading one's in what rules read is passed over, so more are looked at than fit.
_CANDIDATES_PER_HOST = 4


@dataclass(frozen=True)
class Later:
    """Cases are ready, but more of the same may come: look again at the given time."""

    at: float


@dataclass(frozen=True)
class Traffic:
    """What planning depends on beside the store: when a case was opened last, whether it came alone, and what the engine has room for.

    `look_around`: also when there is room for nothing, see what has to wait, so that people are asked and a storm is told of.
    """

    last_arrival: float
    alone: bool
    room: Callable[[CasePolicy], bool]
    room_for_own: bool  # for case.* events, which pass by the policy's limits
    look_around: bool = True

    def room_for_any(self, policy: Policy) -> bool:
        """Tell whether there is room for anything but case.* events."""
        return self.room_for_own and any(map(self.room, policy.all))


@dataclass(frozen=True)
class Rulings:
    """What looking depends on: the policy, what the ruleset reads of an event, and whether text that would have to be neutralised is rejected."""

    policy: Policy
    reads: RuleReads
    reject: bool


@dataclass(frozen=True)
class Candidate:
    """A case with its newest event, the policy that it is under, and whether it goes."""

    member: Member
    policy: CasePolicy
    decision: Decision


class Look:
    """One look at the cases, in one transaction."""

    def __init__(self, by: Rulings, tx: Transaction, inventory: Snapshot, now: float) -> None:
        self._by = by
        self._tx = tx
        self._inventory = inventory
        self._now = now
        self._conditions = conditions_now(tx, inventory, now)
        self._busy = frozenset(host for each in tx.unfinished_dispatches() if each.state == PLANNED for host in each.hosts)

    def at(self, case: Case) -> Candidate:
        """Look at a case: whose hosts is it about now, and may it go."""
        row = self._tx.event(case.event_row)
        hosts = hosts_of(row.event, self._inventory)
        if hosts != case.hosts:
            # A person decided on the hosts of then; the inventory may have come to mean others by the same names.
            case = replace(case, hosts=hosts, decided_by=case.decided_by if set(hosts) <= set(case.hosts) else "")
        subject = subject_of_event(row.event, case.hosts, row.child)
        policy = self._by.policy.of(subject)
        decision: Decision = admitted(row.event, self._inventory, policy.mode)
        if isinstance(decision, Open):
            decision = self._reject(row) or self._too_long(case) or self._gate(case, row.event.not_before, subject, policy)
        return Candidate(Member(case, row), policy, decision)

    def around(self, cases: Iterable[Case]) -> bool:
        """Write down of cases why they do not go, where that is so, and tell whether it was; not more of them than are quickly read."""
        decided, read = False, 0
        for case in cases:
            read += self._tx.event_bytes(case.event_row)
            if read > _MOST_BYTES_AROUND:
                break
            candidate = self.at(case)
            if not isinstance(candidate.decision, Go):
                self.decide(candidate)
                decided = True
        return decided

    def decide(self, candidate: Candidate) -> None:
        """Write down why a case does not go."""
        case = candidate.member.case
        note_storm(self._tx, self._inventory, self._conditions, candidate.decision)
        if isinstance(candidate.decision, (Observe, Suppress)):
            # Whoever sent it out, this is no person's decision: when what stands in the way is gone, it is acted upon.
            case = replace(case, decided_by="")
        carry_out(self._tx, case, candidate.decision, candidate.policy, self._now)

    def may_fly(self, candidate: Candidate, traffic: Traffic) -> bool:
        """Tell whether the engine has room for it and nothing works on its hosts; the inventory may have changed them since it was saved."""
        case = candidate.member.case
        if not self._busy.isdisjoint(case.target_hosts):
            self._tx.save_case(case, "")
            return False
        return is_own(case.type) or traffic.room(candidate.policy)

    def plan(self, lead: Candidate, traffic: Traffic) -> Planned | Later:
        """Gather what goes with a case, and write the dispatch down unless more may come."""
        members, hosts = self._gathered(lead)
        case = lead.member.case
        until = wait_for_more(
            lead.policy.coalesce,
            gathered_hosts=len(hosts),
            alone=traffic.alone,
            ready_since=case.due_at,
            last_arrival=traffic.last_arrival,
            now=self._now,
        )
        if until is not None:
            return Later(until)
        return self._written(members, hosts, lead.policy)

    def _gathered(self, lead: Candidate) -> tuple[list[Member], list[str]]:
        members = [lead.member]
        same = same_work(lead.member, lead.policy)
        hosts = work_by_host(lead.member, same)
        key = self._key(lead.member, same)
        most = lead.policy.coalesce.max_hosts
        if key is None or len(hosts) >= most or self._is_large(lead.member.case) or _is_last_call(lead):
            return members, list(hosts)
        room = Room(lead.member)
        for case in self._alike(lead.member.case, most, any_name=same is not None):
            if self._is_large(case):
                continue
            candidate = self.at(case)
            if not isinstance(candidate.decision, Go) or candidate.policy != lead.policy:
                continue
            same = same_work(candidate.member, candidate.policy)
            if self._key(candidate.member, same) != key:
                continue
            work = work_by_host(candidate.member, same)
            if any(hosts.get(host, each) != each for host, each in work.items()):
                continue  # a playbook can do one thing on a host, and would do it by the data of the most urgent there
            joined = {**hosts, **work}
            if len(joined) <= most and self._busy.isdisjoint(work) and _limit_bytes(joined) <= MAX_LIMIT_BYTES:
                if not room.take(candidate.member):
                    break
                members.append(candidate.member)
                hosts = joined
                if len(hosts) == most:
                    break
        return members, list(hosts)

    def _is_large(self, case: Case) -> bool:
        """Tell whether a case's event is so large that it goes alone: senders would wait while hundreds of them are read and compared."""
        return self._tx.event_bytes(case.event_row) > _LARGE_BYTES

    def _alike(self, lead: Case, most: int, any_name: bool) -> Iterator[Case]:
        """Go through what may go with a case: first as many as fit, then, as some may differ in what rules read, more."""
        seen = 0
        for limit in (most, most * _CANDIDATES_PER_HOST):
            cases = self._tx.ready_cases(self._now, limit, like=lead, any_name=any_name)
            yield from cases[seen:]
            seen = len(cases)
            if seen < limit:
                return

    def _written(self, members: list[Member], hosts: list[str], policy: CasePolicy) -> Planned:
        attempt = members[0].case.attempt + 1
        shares = tuple(Share(member.case.id, member.case.target_hosts) for member in members)
        dispatch = Dispatch(uuid=str(uuid.uuid4()), attempt=attempt, hosts=tuple(hosts), shares=shares, planned_at=self._now)
        self._tx.add_dispatch(dispatch)
        sent = []
        company = f", with {len(members) - 1} more case(s)" if len(members) > 1 else ""
        for member in members:
            case = replace(member.case, state=DISPATCHED, reason="", waits_for="", attempt=attempt, dispatch=dispatch.uuid, updated_at=self._now, again=False)
            self._tx.save_case(case, f"attempt {attempt} to {', '.join(case.target_hosts)}{company}, as {dispatch.uuid}")
            sent.append(Member(case, member.row))
        return Planned(dispatch, tuple(sent), policy)

    def _gate(self, case: Case, not_before: float, subject: Subject, policy: CasePolicy) -> Decision:
        last_run = None
        if policy.cooldown and not case.attempt and not case.decided_by and not is_own(case.type):
            last_run = self._tx.last_run(case.dedup_key, but=case.id)
        return gate(case, subject, policy, self._conditions, last_run, not_before)

    def _key(self, member: Member, same: str | None) -> Hashable | None:
        return merging_key(member, same, self._by.reads, self._by.policy.base.attempts.max)

    def _reject(self, row: EventRow) -> Suppress | None:
        if self._by.reject and neutralize(row.event.to_mapping())[1]:
            return Suppress("its text holds template markers or other text that is not safe for the engine (neutralize: reject)")
        return None

    def _too_long(self, case: Case) -> Suppress | None:
        length = _limit_bytes(case.target_hosts)
        if length > MAX_LIMIT_BYTES:
            return Suppress(f"its {len(case.hosts)} hosts make a --limit of {length} bytes, at most {MAX_LIMIT_BYTES} can be given")
        return None


def _is_last_call(candidate: Candidate) -> bool:
    """Tell whether people are called for the last time: what cannot be told of one case must not keep them from hearing of another."""
    case = candidate.member.case
    return is_own(case.type) and case.attempt + 1 >= candidate.policy.attempts.max


def _limit_bytes(hosts: Iterable[str]) -> int:
    return sum(len(host) + 1 for host in hosts)
