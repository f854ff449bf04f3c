# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A router's life without the engine: events in, dispatches out, outcomes back, on a real store and a clock that tests turn."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace

from ansible_collections.eventops.infra.plugins.plugin_utils.executions import Execution, HostResult
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Snapshot
from ansible_collections.eventops.infra.plugins.plugin_utils.router.cases.correlation import Correlation
from ansible_collections.eventops.infra.plugins.plugin_utils.router.cases.flight import Planned
from ansible_collections.eventops.infra.plugins.plugin_utils.router.cases.landing import Landing
from ansible_collections.eventops.infra.plugins.plugin_utils.router.cases.look import Later, Traffic
from ansible_collections.eventops.infra.plugins.plugin_utils.router.cases.planning import Again, Planner
from ansible_collections.eventops.infra.plugins.plugin_utils.router.cases.upkeep import Swept, Upkeep
from ansible_collections.eventops.infra.plugins.plugin_utils.router.engine.performed import Performed
from ansible_collections.eventops.infra.plugins.plugin_utils.router.engine.rule_reads import RuleReads
from ansible_collections.eventops.infra.plugins.plugin_utils.router.policy.settings import Attempts, CasePolicy, Policy
from ansible_collections.eventops.infra.plugins.plugin_utils.store.sqlite import SqliteStore
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import Case

from ...store.promises.examples import an_event

HOSTS = Snapshot({"web-01": {}, "web-02": {}, "localhost": {}})
POLICY = CasePolicy(mode="enforce", attempts=Attempts(jitter=0), cooldown=0)
RAN = Performed(True, ["run_playbook"])
NOTHING_READ = RuleReads(frozenset(), everything=False)
ALL_READ = RuleReads(frozenset(), everything=True)


class Life:
    """One router with its store; `now` is its clock, `reads` what its rules read, `room` how many dispatches the engine takes.

    Args:
        path: the directory of the store.
        policy: the base policy.
        overrides: what matches, and the policy for that.
        reads: by default rules read everything, so that each case is a dispatch of its own.
    """

    def __init__(
        self,
        path,
        *,
        policy: CasePolicy = POLICY,
        overrides: tuple[tuple[Mapping, CasePolicy], ...] = (),
        inventory: Snapshot = HOSTS,
        reads: RuleReads = ALL_READ,
        reject: bool = False,
        room: int = 1000,
    ) -> None:
        self.changes: list = []
        self.store = SqliteStore(path / "store.db", self.changes.extend)
        self.now = 1000.0
        self.inventory = inventory
        self.room = room
        self.in_flight: list[Planned] = []
        self.last_arrival = 0.0
        self.alone = True
        self._reads, self._reject = reads, reject
        self._numbers = itertools.count(1)
        self.rule_by(Policy(policy, overrides))

    def rule_by(self, policy: Policy) -> None:
        """Take another policy, as after a restart with another rulebook."""
        self.policy = policy
        self.planner = Planner(policy, self._reads, self._reject)
        self._upkeep, self._swept = Upkeep(policy), Swept()

    @property
    def mode(self) -> str:
        return self.policy.base.mode

    @mode.setter
    def mode(self, mode: str) -> None:
        self.rule_by(Policy(replace(self.policy.base, mode=mode), self.policy.overrides))

    def event(self, type_: str = "alert.firing", **changes) -> Case | None:
        """Accept an event and correlate it; return its case."""
        event = an_event(next(self._numbers), type=type_, **changes)
        row = self.store.run_now(lambda tx: tx.insert_event(event, child="monitors", received_at=self.now))
        self.correlate()
        case_id = self.store.run_now(lambda tx: tx.event(row)).case_id
        return case_id and self.case(case_id)

    def correlate(self) -> None:
        correlate = Correlation(self.inventory, self.policy, self._reads)
        while rows := self.store.run_now(lambda tx: tx.unhandled_events(100)):
            self.store.run_now(lambda tx, rows=rows: correlate(tx, rows, self.now))

    def case(self, case_id: int) -> Case:
        return self.store.run_now(lambda tx: tx.case(case_id))

    def states(self, *cases: Case) -> list[str]:
        return [self.case(case.id).state for case in cases]

    def look(self) -> Planned | Later | None:
        """Do what the router does when its bell rings; a dispatch that is planned counts as in flight until it lands."""
        while self.upkeep().more:
            pass
        free = len(self.in_flight) < self.room
        traffic = Traffic(self.last_arrival, not self.in_flight and self.alone, lambda policy: free, True)
        while isinstance(found := self.store.run_now(lambda tx: self.planner(tx, self.inventory, traffic, self.now)), Again):
            self.correlate()
        self.correlate()
        if isinstance(found, Planned):
            self.in_flight.append(found)
        return found

    def upkeep(self) -> Swept:
        """Move on what waits for no time of its own."""
        self._swept = self.store.run_now(lambda tx: self._upkeep(tx, self.inventory, self._swept, self.now))
        return self._swept

    def plan(self) -> Planned | None:
        """Do the same where nothing has to be waited for."""
        found = self.look()
        assert not isinstance(found, Later), found
        return found

    def land(self, planned: Planned, status: str = "ok", performed: Performed = RAN, *, error: str = "no way", **statuses: str) -> None:
        """Let a dispatch end.

        Args:
            status: what becomes of its hosts; `none` when no playbook left a trace.
            error: the message of those that are not ok.
            statuses: other ones for single hosts, with `_` for `-` in their names.
        """
        self.in_flight = [each for each in self.in_flight if each.dispatch.uuid != planned.dispatch.uuid]
        by_host = {host: statuses.get(host.replace("-", "_"), status) for host in planned.dispatch.hosts}
        results = {host: HostResult(each, 0, 1.0, None if each == "ok" else error) for host, each in by_host.items()}
        runs = [Execution(planned.dispatch.uuid, 7, False, "heal.yml", "/tmp", "t", False, True, "t", 0, results)] if status != "none" else []
        landing = Landing(self.policy, lambda: 0.5)
        self.store.run_now(lambda tx: landing(tx, tx.dispatch(planned.dispatch.uuid), runs, performed, self.now))
        self.correlate()

    def replan(self, planned: Planned, interruptions: int = 1) -> Planned | None:
        """Ask whether a dispatch goes out again after it was cut off."""
        dispatch = replace(planned.dispatch, interruptions=interruptions)
        return self.store.run_now(lambda tx: self.planner.replan(tx, dispatch, self.inventory, self.now))

    def own_events(self) -> list[Case]:
        return [case for case in self.store.run_now(lambda tx: tx.unfinished_cases()) if case.type.startswith("case.")]
