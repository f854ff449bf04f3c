# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Planning: which cases go next, together in one dispatch, and which must wait; written down before the engine sees anything."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, replace

from ansible_collections.eventops.infra.plugins.plugin_utils.event import RESERVED_PREFIX
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Snapshot
from ansible_collections.eventops.infra.plugins.plugin_utils.neutralize import neutralize
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import Transaction
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import DISPATCHED, OPEN, PLANNED, Case, Dispatch, EventRow, Share

from ..engine.case_fields import case_fields
from ..engine.dispatch_event import MAX_IDENTITY_BYTES, MAX_LIMIT_BYTES, identity_bytes
from ..engine.rule_reads import RuleReads
from ..policy.case_life import INCIDENT, goes_on, is_own
from ..policy.coalescing import wait_for_more
from ..policy.decisions import Decision, Go, Observe, Open, Suppress
from ..policy.gates import gate
from ..policy.settings import CasePolicy, Policy
from .admission import admitted, subject_of_event
from .carrying_out import carry_out
from .flight import Member, Planned, cases_of
from .weather import conditions_now, note_storm

_PAGE = 200  # cases that are looked at together; with as many that may not go, further ones are looked at
_MOST_LOOKED_AT = 20_000
_MOST_BYTES_AROUND = 2_097_152
_LARGE_BYTES = 65_536
# A case whose event differs from the leading one's in what rules read is passed over, so more are looked at than fit.
_CANDIDATES_PER_HOST = 4


@dataclass(frozen=True)
class Later:
    """Cases are ready, but more of the same may come: look again at the given time."""

    at: float


@dataclass(frozen=True)
class Again:
    """Something was decided but nothing is dispatched yet: look again at once."""


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
class _Candidate:
    member: Member
    policy: CasePolicy
    decision: Decision


@dataclass(frozen=True)
class Planner:
    """Choose the next dispatch by a policy.

    :param reads: what the ruleset reads of an event: cases go together only when they agree in all of it.
    :param reject: put aside events whose text would have to be neutralised.
    """

    policy: Policy
    reads: RuleReads
    reject: bool

    def __call__(self, tx: Transaction, inventory: Snapshot, traffic: Traffic, now: float) -> Planned | Later | Again | None:
        """Write the next dispatch down; None when nothing is due.

        A case is about the hosts that its newest event names and that the inventory has now.
        """
        if traffic.room_for_any(self.policy):
            return self._choose(_Look(self, tx, inventory, traffic, now), tx, now)
        if traffic.room_for_own and (own := tx.ready_cases(now, _PAGE, types=RESERVED_PREFIX)):
            look = _Look(self, tx, inventory, traffic, now)
            if found := next((found for case in own if (found := look.settle(case))), None):
                return found
        if traffic.look_around:
            look = _Look(self, tx, inventory, traffic, now)
            if look.around(tx.ready_cases(now, _PAGE)):
                return Again()
        return None

    def _choose(self, look: _Look, tx: Transaction, now: float) -> Planned | Later | Again | None:
        limit, seen, decided = _PAGE, 0, False
        later: Later | None = None
        windows = {policy.coalesce.window for policy in self.policy.all}
        while True:
            cases = tx.ready_cases(now, limit)
            for case in cases[seen:]:
                candidate = look.at(case)
                if not isinstance(candidate.decision, Go):
                    look.decide(candidate)
                    decided = True
                elif candidate.policy.coalesce.window <= max(windows) and look.may_fly(candidate):
                    found = look.plan(candidate)
                    if isinstance(found, Planned):
                        return found
                    later = found if later is None else min(later, found, key=lambda each: each.at)
                    # Whoever waits less than this one is not held up by it.
                    windows = {window for window in windows if window < candidate.policy.coalesce.window}
                    if not windows:
                        return later
            if decided:
                return Again()
            seen = len(cases)
            if seen < limit or limit >= _MOST_LOOKED_AT:
                return later
            limit *= 5

    def replan(self, tx: Transaction, dispatch: Dispatch, inventory: Snapshot, now: float) -> Planned | None:
        """Read back a dispatch of an earlier life that was cut off, to put it once more under its own uuid.

        None when it may not go out again as it was: the engine ended too often with it, or one of its cases is over, is about other hosts
        now, or has to wait; then those that may still go are planned anew, without having lost an attempt.
        """
        own = [case for case in cases_of(tx, dispatch) if case.dispatch == dispatch.uuid and case.in_flight]
        if not own or not goes_on(dispatch.interruptions):
            return None
        look = _Look(self, tx, inventory, None, now)
        found = [look.at(case) for case in own]
        hosts = {share.case_id: share.hosts for share in dispatch.shares}
        whole = len(own) == len(dispatch.shares)
        if whole and all(isinstance(each.decision, Go) and each.member.case.target_hosts == hosts[each.member.case.id] for each in found):
            return Planned(dispatch, tuple(each.member for each in found), found[0].policy)
        for each in found:
            case = replace(each.member.case, state=OPEN, reason="", dispatch=None, attempt=each.member.case.attempt - 1, due_at=now, updated_at=now)
            tx.save_case(case, "its run was cut off and cannot go out again as it was")
        return None


class _Look:
    """One look at the cases, in one transaction."""

    def __init__(self, planner: Planner, tx: Transaction, inventory: Snapshot, traffic: Traffic | None, now: float) -> None:
        self._planner = planner
        self._tx = tx
        self._inventory = inventory
        self._traffic = traffic
        self._now = now
        self._conditions = conditions_now(tx, inventory, now)
        self._busy = frozenset(host for each in tx.unfinished_dispatches() if each.state == PLANNED for host in each.hosts)

    def at(self, case: Case) -> _Candidate:
        """Look at a case: whose hosts is it about now, and may it go."""
        row = self._tx.event(case.event_row)
        hosts = self._inventory.resolve_all(row.event.hosts)
        if hosts != case.hosts:
            # A person decided on the hosts of then; the inventory may have come to mean others by the same names.
            case = replace(case, hosts=hosts, decided_by=case.decided_by if set(hosts) <= set(case.hosts) else "")
        subject = subject_of_event(row.event, case.hosts, row.child)
        policy = self._planner.policy.of(subject)
        decision: Decision = admitted(row.event, self._inventory, policy.mode)
        if isinstance(decision, Open):
            decision = self._reject(row) or self._too_long(case) or self._gate(case, subject, policy)
        return _Candidate(Member(case, row), policy, decision)

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

    def settle(self, case: Case) -> Planned | Later | Again | None:
        """Plan a case or write down why it does not go; None when its turn has not come."""
        candidate = self.at(case)
        if not isinstance(candidate.decision, Go):
            self.decide(candidate)
            return Again()
        return self.plan(candidate) if self.may_fly(candidate) else None

    def decide(self, candidate: _Candidate) -> None:
        """Write down why a case does not go."""
        case = candidate.member.case
        note_storm(self._tx, self._conditions, candidate.decision, case)
        if isinstance(candidate.decision, (Observe, Suppress)):
            # Whoever sent it out, this is no person's decision: when what stands in the way is gone, it is acted upon.
            case = replace(case, decided_by="")
        carry_out(self._tx, case, candidate.decision, candidate.policy, self._now)

    def may_fly(self, candidate: _Candidate) -> bool:
        """Tell whether the engine has room for it and nothing works on its hosts; the inventory may have changed them since it was saved."""
        case = candidate.member.case
        if not self._busy.isdisjoint(case.target_hosts):
            self._tx.save_case(case, "")
            return False
        return is_own(case.type) or self._traffic.room(candidate.policy)

    def plan(self, lead: _Candidate) -> Planned | Later:
        """Gather what goes with a case, and write the dispatch down unless more may come."""
        members, hosts = self._gathered(lead)
        traffic, case = self._traffic, lead.member.case
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

    def _gathered(self, lead: _Candidate) -> tuple[list[Member], list[str]]:
        members = [lead.member]
        hosts = dict.fromkeys(lead.member.case.target_hosts, lead.member.row.event.data)  # with the data that says what is done there
        key = self._key(lead.member)
        most = lead.policy.coalesce.max_hosts
        if key is None or len(hosts) >= most or self._is_large(lead.member.case):
            return members, list(hosts)
        room = MAX_IDENTITY_BYTES
        for case in self._alike(lead.member.case, most):
            if self._is_large(case):
                continue
            candidate = self.at(case)
            if not isinstance(candidate.decision, Go) or candidate.policy != lead.policy or self._key(candidate.member) != key:
                continue
            targets = candidate.member.case.target_hosts
            data = candidate.member.row.event.data
            if any(hosts.get(host, data) != data for host in targets):
                continue  # a playbook can do one thing on a host, and would do it by the data of the most urgent there
            joined = {**hosts, **dict.fromkeys(targets, data)}
            size = identity_bytes(candidate.member.case, candidate.member.row)
            if size > room:
                break
            if len(joined) <= most and self._busy.isdisjoint(targets) and _limit_bytes(joined) <= MAX_LIMIT_BYTES:
                members.append(candidate.member)
                hosts = joined
                room -= size
                if len(hosts) == most:
                    break
        return members, list(hosts)

    def _is_large(self, case: Case) -> bool:
        """Tell whether a case's event is so large that it goes alone: senders would wait while hundreds of them are read and compared."""
        return self._tx.event_bytes(case.event_row) > _LARGE_BYTES

    def _alike(self, lead: Case, most: int) -> Iterator[Case]:
        """Go through what may go with a case: first as many as fit, then, as some may differ in what rules read, more."""
        seen = 0
        for limit in (most, most * _CANDIDATES_PER_HOST):
            cases = self._tx.ready_cases(self._now, limit, like=lead)
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
            case = replace(
                member.case, state=DISPATCHED, reason="", waits_for="", attempt=attempt, dispatch=dispatch.uuid, updated_at=self._now, again=False
            )
            self._tx.save_case(case, f"attempt {attempt} to {', '.join(case.target_hosts)}{company}, as {dispatch.uuid}")
            sent.append(Member(case, member.row))
        return Planned(dispatch, tuple(sent), policy)

    def _gate(self, case: Case, subject, policy: CasePolicy) -> Decision:
        last_run = None
        if policy.cooldown and not case.attempt and not case.decided_by and not is_own(case.type):
            last_run = self._tx.last_run(case.dedup_key, but=case.id)
        return gate(case, subject, policy, self._conditions, last_run)

    def _reject(self, row: EventRow) -> Suppress | None:
        if self._planner.reject and neutralize(row.event.to_mapping())[1]:
            return Suppress("its text holds template markers or other text that is not safe for the engine (neutralize: reject)")
        return None

    def _too_long(self, case: Case) -> Suppress | None:
        length = _limit_bytes(case.target_hosts)
        if length > MAX_LIMIT_BYTES:
            return Suppress(f"its {len(case.hosts)} hosts make a --limit of {length} bytes, at most {MAX_LIMIT_BYTES} can be given")
        return None

    def _key(self, member: Member) -> Hashable | None:
        case, event = member.case, member.row.event
        own = {"case": case_fields(case, case.attempt + 1, self._planner.policy.base.attempts.max), "meta": {"source": {"child": member.row.child}}}
        key = self._planner.reads.key_of({**event.to_mapping(), **own}, event.extra.keys())
        if key is None:
            return None
        # An incident is about its hosts, which all get the run. The work of a request, of a change, and of what is about no host is in its data.
        work = "" if case.kind == INCIDENT and case.hosts else json.dumps(event.data, sort_keys=True, default=str)
        return event.type, case.name, key, work


def _limit_bytes(hosts: Iterable[str]) -> int:
    return sum(len(host) + 1 for host in hosts)
