# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Capacity for a time: the playbook scale, and the real ansible-rulebook with a router that has it given back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

import pytest
from ansible_collections.eventops.infra.tests.e2e.harness import Rulebook
from ansible_collections.eventops.infra.tests.e2e.ledger import Ledger
from ansible_collections.eventops.infra.tests.integration.roles.site import Site
from ansible_collections.eventops.infra.tests.integration.scaling.fleet import Fleet

ASKED = {"scale_group": "{{ event.data.group }}", "scale_direction": "out", "scale_by": 2, "scale_for": "{{ event.data.for }}"}
ENDED = {"scale_group": "{{ event.data.group }}", "scale_give_back": "{{ event.data.temporary }}"}


def rule(kind: str, variables: dict) -> dict:
    action = {"run_playbook": {"name": "eventops.infra.scale", "extra_vars": variables}}
    return {"name": kind, "condition": f'event.type == "{kind}"', "action": action}


class Place:
    """A fleet that rules scale."""

    def __init__(self, site: Site, mode: str = "enforce") -> None:
        self.site = site
        self.fleet = Fleet(site, 2)
        self.fleet.inventory()
        self.ledger = Ledger(site.directory.parent / "store.db")
        self.rulebook = Rulebook(site.directory.parent / "rulebook", site.env)
        router = {"name": "router", "eventops.infra.router": {"mode": mode, "sources": []}}
        ruleset = {"name": "Scale", "hosts": "all", "execution_strategy": "parallel", "sources": [router]}
        rules = [rule("request.scale", ASKED), rule("scale.temporary_ended", ENDED)]
        variables = {"scale_groups": [self.fleet.entry()], "scale_interval": 1}
        self.rulebook.write([{**ruleset, "rules": rules}], {"localhost": variables})

    def asks(self, **data: object) -> None:
        """Hand an event to the router, once it is there."""
        task = {"eventops.infra.event": {"type": "request.scale", "data": data}, "register": "handed", "until": "handed is success", "retries": 60, "delay": 1}
        play = self.site.write("asks.yml", str([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]))
        assert self.site.play(play).rc == 0

    def case(self, seconds: float = 90, **wanted: object) -> dict:
        """Wait until there is such a case."""
        return self.ledger.wait_for(lambda ledger: next(iter(ledger.cases(**wanted)), None), f"a case with {wanted}", seconds)

    def notes(self, case: dict) -> list[str]:
        """Return what playbooks wrote into the history of a case."""
        return [row["why"] for row in self.ledger.history(case["id"]) if row["by"] == "eventops.infra.scale"]


@pytest.fixture
def place(site: Site) -> Iterator[Place]:
    place = Place(site)
    yield place
    place.rulebook.close()


def test_what_is_added_for_a_time_is_given_back_by_itself_and_the_cases_tell_of_it(place):
    place.rulebook.start()
    place.asks(group="fleet", **{"for": "20s"})

    asked = place.case(type="request.scale", state="resolved")
    ended = place.case(type="scale.temporary_ended", state="resolved")

    assert place.fleet.sets == ["set size=4", "set size=2"]
    before, after = place.notes(asked)
    until = re.fullmatch(r"scaling fleet from 2 to 4 instances, until (\S+)\.", before)[1]
    dispatched = next(row["time"] for row in place.ledger.history(ended["id"]) if row["to_state"] == "dispatched")
    assert dispatched >= datetime.fromisoformat(until).timestamp()
    assert after.endswith("Came: node-3, node-4. Went: none that it names.")
    assert "fleet has been scaled from 4 to 2 instances, as 2 were added for a time" in place.notes(ended)[-1]


def test_without_a_router_nothing_is_added_for_a_time(place):
    run = place.fleet.scale(scale_direction="out", scale_for="2h")

    assert run.rc == 2
    assert "fleet was not scaled: what is added for a time is given back by the router, which cannot be told of it" in run.text
    assert place.fleet.sets == []


def test_an_event_of_somebody_else_gives_nothing_back(place):
    run = place.fleet.scale(scale_give_back="t0a1b2c3d")

    assert run.rc == 0, run.output
    assert "fleet is left as it is: what was added for a time is given back already" in run.text
    assert place.fleet.sets == []


def test_a_router_that_only_observes_would_give_nothing_back_so_nothing_is_added(site):
    place = Place(site, mode="observe")
    try:
        place.rulebook.start()
        place.asks(group="fleet")
        run = place.fleet.scale(scale_direction="out", scale_for="2h")
    finally:
        place.rulebook.close()

    assert run.rc == 2, run.output
    assert "given back by the router, which does not act on it: mode observe" in run.text
    assert place.fleet.sets == []
