# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What must never happen, whatever comes in whatever order: alerts, changes, pauses, people's decisions, failures, time."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Snapshot
from ansible_collections.eventops.infra.plugins.plugin_utils.router.cases.flight import Planned
from ansible_collections.eventops.infra.plugins.plugin_utils.router.control import pausing, people
from ansible_collections.eventops.infra.plugins.plugin_utils.router.control.intervention import NotPossible, UnknownCase
from ansible_collections.eventops.infra.plugins.plugin_utils.router.engine.rule_reads import RuleReads
from ansible_collections.eventops.infra.plugins.plugin_utils.router.policy.case_life import is_own, subject_of
from ansible_collections.eventops.infra.plugins.plugin_utils.router.policy.gates import holding
from ansible_collections.eventops.infra.plugins.plugin_utils.router.policy.settings import Coalesce, MaxUnhealthy
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import UNFINISHED
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from .life import POLICY, Life

HOSTS = [f"web-{number:02d}" for number in range(1, 16)]
ADDRESS = "192.0.2.1"
FLEETS = [Snapshot({host: {} for host in HOSTS} | {"localhost": {}}, addresses={ADDRESS: owner}) for owner in HOSTS[:2]]
READS = RuleReads(frozenset({("data", "name"), ("data", "team"), ("severity",)}), everything=False)
BASE = replace(POLICY, coalesce=Coalesce(0.2, 4), max_unhealthy=MaxUnhealthy(None, 12), cooldown=50.0)
OVERRIDES = (
    ({"name": "Ask"}, replace(BASE, mode="approve", approve_expires=500.0, override=0)),
    ({"name": "Limited"}, replace(BASE, cooldown=0.0, override=1)),
)

names = st.sampled_from(["Down", "Down", "Down", "Ask", "Limited"])
severities = st.sampled_from(["critical", "critical", "critical", "info"])
some_hosts = st.lists(st.sampled_from([*HOSTS, "nowhere", ADDRESS]), max_size=2, unique=True).map(tuple)
matches = st.sampled_from([{}, {"name": "Down"}, {"host": "web-0*"}, {"kind": "change"}])
statuses = st.sampled_from(["ok", "ok", "failed", "unreachable"])


class Storms(RuleBasedStateMachine):
    """A router's life, with what it promised checked after each step."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.life = Life(Path(self._folder.name), policy=BASE, overrides=OVERRIDES, inventory=FLEETS[0], reads=READS, room=3)

    def teardown(self) -> None:
        self._nothing_is_stuck()
        self.life.store.close()
        self._folder.cleanup()

    @rule(name=names, severity=severities, hosts=some_hosts, team=st.sampled_from(["a", "a", "a", "b"]))
    def an_alert_fires(self, name, severity, hosts, team) -> None:
        key = f"{name}/{'+'.join(hosts)}"
        self.life.event(severity=severity, hosts=hosts, subject="s", dedup_key=key, data={"name": name, "team": team})

    @rule(name=names, hosts=st.lists(st.sampled_from([*HOSTS, ADDRESS]), min_size=2, max_size=6, unique=True))
    def a_burst_of_alerts_arrives(self, name, hosts) -> None:
        for host in hosts:
            self.life.event(hosts=(host,), subject="s", dedup_key=f"{name}/{host}", data={"name": name, "team": "a"})

    @rule(name=names, hosts=some_hosts)
    def an_alert_is_resolved(self, name, hosts) -> None:
        self.life.event("alert.resolved", hosts=hosts, dedup_key=f"{name}/{'+'.join(hosts)}", data={"name": name})

    @rule(name=names, hosts=some_hosts)
    def something_changes(self, name, hosts) -> None:
        self.life.event("netbox.device.updated", severity="info", hosts=hosts, dedup_key=f"c/{name}", data={"name": name, "team": "a"})

    @rule(match=matches)
    def somebody_pauses(self, match) -> None:
        self._run(pausing.pause, match)

    @rule()
    def somebody_resumes(self) -> None:
        self._run(pausing.resume_all)

    @rule()
    def somebody_releases_the_storm(self) -> None:
        if self.life.store.run_now(lambda tx: tx.storm()):
            self._run(pausing.release)

    @rule(what=st.sampled_from([people.approve, people.reject, people.retry, people.resolve, people.suppress]), number=st.integers(1, 20))
    def somebody_decides(self, what, number) -> None:
        with suppress(NotPossible, UnknownCase):
            self._run(what, number)

    @rule(fleet=st.sampled_from(FLEETS))
    def an_address_moves_to_another_host(self, fleet) -> None:
        self.life.inventory = fleet

    @rule()
    def the_bell_rings(self) -> None:
        self._look()

    @precondition(lambda self: self.life.in_flight)
    @rule(status=statuses, one=statuses, place=st.integers(0, 5))
    def a_run_ends(self, status, one, place) -> None:
        planned = self.life.in_flight[place % len(self.life.in_flight)]
        first = planned.dispatch.hosts[0]
        before = {share.case_id: self.life.case(share.case_id) for share in planned.dispatch.shares}
        self.life.land(planned, status, **{first.replace("-", "_"): one})
        for share in planned.dispatch.shares:
            if not before[share.case_id].in_flight or before[share.case_id].again:
                continue
            bad = (one if first in share.hosts else "ok", status if set(share.hosts) - {first} else "ok")
            state = self.life.case(share.case_id).state
            assert (state in ("waiting", "exhausted")) == any(each != "ok" for each in bad), "judged by its own hosts"

    @precondition(lambda self: self.life.in_flight)
    @rule(place=st.integers(0, 5))
    def the_engine_dies(self, place) -> None:
        planned = self.life.in_flight[place % len(self.life.in_flight)]
        again = self.life.replan(planned)
        if again is None:
            self.life.land(planned, "none", None)
        else:
            assert again.dispatch.uuid == planned.dispatch.uuid

    @rule(seconds=st.sampled_from([0.1, 1.0, 40.0, 600.0]))
    def time_passes(self, seconds) -> None:
        self.life.now += seconds

    @invariant()
    def no_host_has_two_runs(self) -> None:
        busy = [host for planned in self.life.in_flight for host in planned.dispatch.hosts]
        assert len(busy) == len(set(busy))

    @invariant()
    def what_is_held_has_a_reason(self) -> None:
        for case in self.life.store.run_now(lambda tx: tx.unfinished_cases()):
            assert case.state != "waiting" or (case.waits_for and case.reason)

    def _look(self) -> Planned | None:
        life = self.life
        paused = life.store.run_now(lambda tx: tx.pauses(life.now))
        planned = life.look()
        if planned is None:
            return None
        cases, lead = [member.case for member in planned.members], planned.members[0].case
        for case in cases:
            assert is_own(case.type) or holding(paused, subject_of(case)) is None, "dispatched while paused"
            assert case.mode != "approve" or case.decided_by or is_own(case.type), "dispatched without an approval"
        assert len(planned.dispatch.hosts) <= max(4, len(lead.target_hosts))
        assert {(case.type, case.mode, case.attempt) for case in cases} == {(lead.type, lead.mode, lead.attempt)}
        events = [member.row.event for member in planned.members]
        assert len({(event.data.get("name"), event.data.get("team"), event.severity) for event in events}) == 1, "they differ in what rules read"
        assert set(planned.dispatch.hosts) == {host for share in planned.dispatch.shares for host in share.hosts}
        assert all(host in FLEETS[0].hostvars for host in planned.dispatch.hosts)
        self._nobody_more_urgent_was_passed_over(planned)
        return planned

    def _nobody_more_urgent_was_passed_over(self, planned: Planned) -> None:
        life = self.life
        lead = planned.members[0].case
        busy = {host for each in life.in_flight for host in each.dispatch.hosts}
        if is_own(lead.type):
            return  # they pass by the limit of dispatches in flight
        for case in life.store.run_now(lambda tx: tx.ready_cases(life.now, 1000)):
            # What planning itself raised, a storm, comes with the next look.
            assert is_own(case.type) or not busy.isdisjoint(case.target_hosts) or case.rank >= lead.rank

    def _nothing_is_stuck(self) -> None:
        """Whatever has happened: once people let go and monitors say so, everything comes to an end."""
        life = self.life
        self._run(pausing.resume_all)
        for planned in list(life.in_flight):
            life.land(planned)
        for _round in range(60):
            unfinished = life.store.run_now(lambda tx: tx.unfinished_cases())
            if not unfinished:
                break
            for case in unfinished:
                if case.type == "alert.firing":
                    life.event("alert.resolved", dedup_key=case.dedup_key, hosts=case.hosts)
            while planned := self._look():
                life.land(planned)
            life.now += 1000
        assert not [case for case in life.store.run_now(lambda tx: tx.unfinished_cases()) if case.state in UNFINISHED]
        assert life.store.run_now(lambda tx: tx.unfinished_dispatches()) == []

    def _run(self, what, *args) -> None:
        self.life.store.run_now(lambda tx: what(tx, *args, by="anna", now=self.life.now))


TestStorms = Storms.TestCase
TestStorms.settings = settings(max_examples=40, stateful_step_count=50, deadline=None)
