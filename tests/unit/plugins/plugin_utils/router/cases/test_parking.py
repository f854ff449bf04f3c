# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A dispatch that a rule may take later: it holds no host meanwhile, and has to get its hosts again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.router.cases import flight
from ansible_collections.eventops.infra.plugins.plugin_utils.router.cases.flight import MayBegin
from ansible_collections.eventops.infra.plugins.plugin_utils.router.engine.performed import Performed
from ansible_collections.eventops.infra.plugins.plugin_utils.router.policy.maintenance import Window
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import ENDED, PARKED, PLANNED, RESOLVED, Pause

from .life import Life

UNTAKEN = Performed()


class ParkingLife(Life):
    def parked(self, **event):
        """Let an event come, and its dispatch be parked."""
        self.event(**event)
        planned = self.plan()
        self.store.run_now(flight.park(planned.dispatch.uuid, self.now))
        return planned

    def unpark(self, *planned) -> MayBegin:
        return self.store.run_now(flight.unpark([each.dispatch.uuid for each in planned], self.policy, self.inventory, self.now))

    def state(self, planned) -> str:
        return self.store.run_now(lambda tx: tx.dispatch(planned.dispatch.uuid)).state


@pytest.fixture
def life(tmp_path):
    return ParkingLife(tmp_path)


def test_a_parked_dispatch_keeps_no_host_busy_and_says_what_it_waits_for(life):
    parked = life.parked(dedup_key="a")
    assert life.state(parked) == PARKED
    case = life.case(parked.members[0].case.id)
    assert case.state == "dispatched" and "a rule may take it later" in case.reason
    life.event(dedup_key="b")
    assert life.plan().dispatch.hosts == parked.dispatch.hosts


def test_a_rule_that_takes_it_later_gets_its_hosts(life):
    parked = life.parked()
    assert life.unpark(parked) is MayBegin.GO and life.state(parked) == PLANNED
    life.event(dedup_key="b")
    assert life.plan() is None
    life.land(parked)
    assert life.states(parked.members[0].case) == ["verifying"]


def test_it_has_to_wait_while_something_else_works_on_one_of_its_hosts(life):
    parked = life.parked(dedup_key="a")
    life.event(dedup_key="b")
    other = life.plan()
    assert life.unpark(parked) is MayBegin.LATER and life.state(parked) == PARKED
    life.land(other)
    assert life.unpark(parked) is MayBegin.GO


def test_what_a_rule_takes_together_does_not_stand_in_each_others_way(life):
    left, right = life.parked(dedup_key="a"), life.parked(dedup_key="b")
    assert life.unpark(left, right) is MayBegin.GO
    assert (life.state(left), life.state(right)) == (PLANNED, PLANNED)


def test_it_has_to_wait_while_a_pause_holds(life):
    parked = life.parked()
    pause = life.store.run_now(lambda tx: tx.add_pause(Pause({}, life.now, "me")))
    assert life.unpark(parked) is MayBegin.LATER
    life.store.run_now(lambda tx: tx.end_pause(pause.id, by="me", now=life.now))
    assert life.unpark(parked) is MayBegin.GO


def test_a_pause_holds_the_hosts_that_it_was_sent_to_whatever_its_case_is_about_now(life):
    parked = life.parked(hosts=("web-01",))
    life.store.run_now(lambda tx: tx.add_pause(Pause({"host": "web-01"}, life.now, "me")))
    life.event(hosts=("web-02",))
    assert life.case(parked.members[0].case.id).hosts == ("web-02",)
    assert life.unpark(parked) is MayBegin.LATER


def test_it_may_never_begin_when_its_case_is_over(life):
    over, waits = life.parked(dedup_key="a"), life.parked(dedup_key="b")
    case = life.case(over.members[0].case.id)
    life.store.run_now(lambda tx: tx.save_case(replace(case, state=RESOLVED, live=False), "a person said so"))
    assert life.unpark(over) is MayBegin.NEVER
    assert life.store.run_now(flight.closed_while_parked([over.dispatch.uuid, waits.dispatch.uuid])) == [over.dispatch.uuid]


def test_when_no_rule_took_it_in_the_end_it_is_unmatched(life):
    parked = life.parked()
    life.land(parked, "none", UNTAKEN)
    assert life.states(parked.members[0].case) == ["unmatched"]


def test_after_a_restart_it_goes_out_anew_and_has_lost_no_attempt(life):
    parked = life.parked()
    life.now += 10
    life.store.run_now(flight.reopened(parked.dispatch, life.now))
    assert life.state(parked) == ENDED
    again = life.plan()
    assert again.dispatch.uuid != parked.dispatch.uuid and again.dispatch.attempt == parked.dispatch.attempt == 1


def test_it_has_to_wait_while_a_maintenance_window_is_open(life):
    parked = life.parked()
    calm = life.policy
    life.rule_by(replace(calm, base=replace(calm.base, maintenance=(Window("* * * * *", 120.0),))))
    assert life.unpark(parked) is MayBegin.LATER
    life.rule_by(calm)
    assert life.unpark(parked) is MayBegin.GO
