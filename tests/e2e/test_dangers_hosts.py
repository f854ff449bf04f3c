# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Danger: an event without hosts runs a playbook on every host, and a host's name in an event is a pattern of `--limit`.

A trace is `<event>@<host>`: the playbook ran for that event on that host.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.tests.e2e.dangers.worlds import TOUCH, Plan, World, Worlds, both, rule, rule_for

EVERY = {"localhost", "web1", "web2", "db1"}
KEEP = """
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.raw: '>"$TRACES/{{ label }}@{{ inventory_hostname }}"'
    - ansible.builtin.copy:
        content: "{{ ansible_eda.event | to_json }}"
        dest: "{{ lookup('env', 'TRACES') }}/event-of-{{ label }}"
        mode: "0600"
      delegate_to: localhost
      run_once: true
"""


@dataclass(frozen=True)
class Aim:
    """What an event says about hosts, and the hosts that a playbook then runs on: on stock, and with the router."""

    label: str
    payload: dict
    stock: set[str]
    ours: set[str]


AIMS = [
    Aim("absent", {}, EVERY, {"localhost"}),
    Aim("empty", {"hosts": []}, EVERY, {"localhost"}),
    Aim("all", {"hosts": "all"}, EVERY, set()),
    Aim("not", {"hosts": "!web1"}, EVERY - {"web1"}, set()),
    Aim("wildcard", {"hosts": "web*"}, {"web1", "web2"}, set()),
    Aim("expression", {"hosts": "~.*"}, EVERY, set()),
    Aim("comma", {"hosts": "web1,db1"}, {"web1", "db1"}, set()),
    Aim("known-and-pattern", {"hosts": ["web1", "db*"]}, {"web1", "db1"}, {"web1"}),
    Aim("unknown", {"hosts": "nosuch"}, set(), set()),
    Aim("exact", {"hosts": "web2"}, {"web2"}, {"web2"}),
]

# What a sender that can write the top level of an event claims to be: the router's own word, for every host.
FORGED = {
    "what": "forged",
    "label": "forged",
    "hosts": ["db1"],
    "meta": {"hosts": ["all"], "uuid": "00000000-0000-4000-8000-000000000000", "source": {"name": "router", "child": "trusted", "generation": "x"}},
    "case": {"id": 4711, "kind": "request", "attempt": 0, "max_attempts": 99},
    "events": [{"case": 4711, "hosts": ["db1"]}],
    "neutralized": False,
    "text": "{{ 1 }}",
}
CLAIMED = {"specversion": "1.0", "type": "case.exhausted", "id": "1", "hosts": [], "data": {"case": 1, "hosts": ["web1"], "reason": "forged"}}

PLAN = Plan(
    hosts={"web1": {}, "web2": {}, "db1": {}},
    rules=[
        rule_for("touch", "touch.yml"),
        rule("forged", 'event.what == "forged"', "keep.yml", label="forged"),
        rule("call", 'event.type == "case.exhausted"', "touch.yml", label="called"),
    ],
    playbooks={"touch.yml": TOUCH, "keep.yml": KEEP},
    sources=[{"name": "file", "eda.builtin.generic": {"payload_file": "HERE/events.json", "shutdown_after": 3600}}],
    files={"events.json": json.dumps([CLAIMED, FORGED])},
)


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory, collections: Path) -> Iterator[Worlds]:
    with both(PLAN, tmp_path_factory.mktemp("hosts"), collections) as worlds:
        yield worlds


@pytest.fixture(scope="module")
def aimed(worlds: Worlds) -> Worlds:
    """Send every event to both; the last one runs on one known host in both."""
    for aim in AIMS:
        worlds.post({"do": "touch", "label": aim.label, **aim.payload})
    worlds.wait_for(f"{AIMS[-1].label}@web2")
    return worlds


def ran_on(world: World, label: str) -> set[str]:
    return {trace.partition("@")[2] for trace in world.left(f"{label}@*")}


@pytest.mark.parametrize("aim", AIMS, ids=lambda aim: aim.label)
def test_a_playbook_runs_on_the_named_hosts_only(aimed: Worlds, aim: Aim) -> None:
    assert ran_on(aimed.stock, aim.label) == aim.stock
    aimed.ours.case_of(aim.label, "resolved" if aim.ours else "suppressed")
    assert ran_on(aimed.ours, aim.label) == aim.ours


def test_a_sender_cannot_write_what_the_router_says(aimed: Worlds) -> None:
    assert ran_on(aimed.stock, "forged") == EVERY
    stock = json.loads((aimed.stock.traces / "event-of-forged").read_text())
    assert [stock[key] for key in ("case", "events", "neutralized", "hosts")] == [FORGED[key] for key in ("case", "events", "neutralized", "hosts")]
    assert stock["meta"]["uuid"] == FORGED["meta"]["uuid"]
    assert stock["meta"]["source"].items() >= FORGED["meta"]["source"].items()

    assert ran_on(aimed.ours, "forged") == {"localhost"}
    ours = json.loads((aimed.ours.traces / "event-of-forged").read_text())
    [case] = aimed.ours.ledger.cases(type="event.received")
    [dispatch] = [each["uuid"] for each in aimed.ours.ledger.dispatches() if each["uuid"] == ours["meta"]["uuid"]]
    assert dispatch != FORGED["meta"]["uuid"]
    assert (ours["case"]["id"], ours["case"]["attempt"], ours["case"]["max_attempts"]) == (case["id"], 1, 2)
    assert [entry["case"] for entry in ours["events"]] == [case["id"]]
    assert ours["meta"]["hosts"] == ["localhost"]
    assert ours["meta"]["source"]["child"] == "file"
    assert (ours["neutralized"], ours["hosts"]) == (True, [])


def test_only_the_router_speaks_of_cases(aimed: Worlds) -> None:
    assert ran_on(aimed.stock, "called") == EVERY
    assert ran_on(aimed.ours, "called") == set()
    answer = aimed.ours.post(CLAIMED)
    assert answer.status == 422
    assert "case.exhausted" in answer.text


def test_no_sender_takes_the_place_of_a_call_for_a_person(aimed: Worlds) -> None:
    # The router's own event would join this case, and reach nobody.
    answer = aimed.ours.post({"specversion": "1.0", "type": "alert.firing", "dedup_key": "case.exhausted/1000", "data": {"name": "squatter"}})
    assert answer.status == 422
    assert aimed.ours.ledger.cases(dedup_key="case.exhausted/1000") == []
