# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Danger: a long event holds up the engine, and with a long list of hosts the playbook does not start."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.tests.e2e.dangers.worlds import Plan, Worlds, both, rule_for

MEASURE = """
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.raw: 'echo {{ ansible_eda.event | to_json | length }} > "$TRACES/{{ label }}@{{ inventory_hostname[:8] }}"'
"""
# Linux takes 128 KiB for one argument of a program, such as that of --limit.
MANY = [f"h{number:03}." + "x" * 240 for number in range(540)]
PLAN = Plan(hosts={name: {} for name in MANY}, rules=[rule_for("measure", "measure.yml")], playbooks={"measure.yml": MEASURE})
LONG_TEXT = "all work and no play " * 10_000


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory, collections: Path) -> Iterator[Worlds]:
    with both(PLAN, tmp_path_factory.mktemp("size"), collections) as worlds:
        yield worlds


def test_a_long_event_reaches_the_engine_without_what_is_long(worlds: Worlds) -> None:
    worlds.post({"do": "measure", "label": "long", "text": LONG_TEXT, "hosts": ["localhost"]})
    worlds.wait_for("long@localhos")
    lengths = {world: int((world.traces / "long@localhos").read_text()) for world in (worlds.stock, worlds.ours)}
    assert lengths[worlds.stock] > len(LONG_TEXT)
    assert lengths[worlds.ours] <= 65_536
    [event] = worlds.ours.ledger.events(dedup_key="long")
    assert event["body"]["payload"]["text"] == LONG_TEXT


def test_a_list_of_hosts_that_is_too_long_for_a_limit_is_no_silent_failure(worlds: Worlds) -> None:
    worlds.post({"do": "measure", "label": "many", "hosts": MANY})
    worlds.post({"do": "measure", "label": "next", "hosts": [MANY[0]]})
    worlds.wait_for(f"next@{MANY[0][:8]}")
    assert worlds.stock.left("many@*") == set()
    case = worlds.ours.case_of("many", "suppressed")
    assert "--limit" in case["reason"]
