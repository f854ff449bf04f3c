# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Danger: senders wait while playbooks run, and a stop or a crash loses their events and leaves a playbook alone, which the next life does not see.

A playbook works on a host until its event is let go; `twice-at-once@<host>` is left by one that finds another at work there.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.tests.e2e import processes
from ansible_collections.eventops.infra.tests.e2e.dangers.worlds import Plan, World, Worlds, both, rule_for

WORK = """
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.raw: 'cd "$TRACES"; mkdir "at-work@{{ inventory_hostname }}" || mkdir "twice-at-once@{{ inventory_hostname }}"; >"began@{{ label }}"'
    - ansible.builtin.raw: 'cd "$TRACES"; until [ -e "go-on@{{ label }}" ]; do sleep 0.1; done'
    - ansible.builtin.raw: 'cd "$TRACES"; rmdir "at-work@{{ inventory_hostname }}"; >"ended@{{ label }}"'
"""
PLAN = Plan(hosts={"web1": {}, "web2": {}}, rules=[rule_for("work", "work.yml")], playbooks={"work.yml": WORK})
PATIENCE_SECONDS = 4  # of a sender
# Stock's engine takes a dozen before it waits for its actions.
STORM = [f"storm-{number}" for number in range(20)]


@pytest.fixture
def worlds(tmp_path: Path, collections: Path) -> Iterator[Worlds]:
    with both(PLAN, tmp_path / "a directory", collections) as worlds:
        yield worlds


def work(label: str, host: str = "web1") -> dict:
    return {"do": "work", "label": label, "hosts": [host]}


def let_go(world: World, label: str) -> None:
    (world.traces / f"go-on@{label}").touch()


def playbooks_of(world: World) -> list[processes.Process]:
    """List the ansible-playbook processes that a world has started, also in an earlier life."""
    word = world.rulebook.env[processes.VARIABLE]
    mine = str(world.traces).encode()
    return [each for each in processes.started_with(word) if "/ansible-playbook " in each.command and mine in Path(f"/proc/{each.pid}/environ").read_bytes()]


def test_senders_do_not_wait_and_a_stop_loses_nothing(worlds: Worlds) -> None:
    worlds.post(work("first"))
    worlds.wait_for("began@first")
    assert any(worlds.stock.post(work(label), PATIENCE_SECONDS).status is None for label in STORM)
    assert all(worlds.ours.post(work(label, "web2"), PATIENCE_SECONDS).status == 200 for label in STORM)

    for world in (worlds.stock, worlds.ours):
        world.rulebook.send_signal(signal.SIGTERM)
    assert worlds.stock.rulebook.wait_for_exit() == 143
    assert playbooks_of(worlds.stock)
    assert worlds.ours.rulebook.is_running  # it waits for its playbook
    let_go(worlds.ours, "first")
    assert worlds.ours.rulebook.wait_for_exit() == 0
    assert "ended@first" in worlds.ours.left()
    assert playbooks_of(worlds.ours) == []

    for world in (worlds.stock, worlds.ours):
        let_go(world, STORM[0])
        let_go(world, "last")
        world.start()
    worlds.stock.until_listening().post(work("last"))
    worlds.stock.wait_for("ended@last")
    assert worlds.stock.left("began@*") == {"began@first", "began@last"}  # what was answered is gone
    assert "twice-at-once@web1" in worlds.stock.left()

    worlds.ours.wait_for(f"ended@{STORM[0]}")
    assert {case["dedup_key"] for case in worlds.ours.ledger.cases()} == {"first", *STORM}
    assert worlds.ours.left("twice-at-once@*") == set()


def test_a_crash_does_not_run_a_playbook_twice_at_once(worlds: Worlds) -> None:
    worlds.post(work("first"))
    worlds.wait_for("began@first")
    for world in (worlds.stock, worlds.ours):
        world.rulebook.kill()
        assert playbooks_of(world)
        world.start()
    for world in (worlds.stock, worlds.ours):
        world.until_listening()
        world.post(work("first"))  # the sender has seen no effect, and tells it again
    worlds.stock.wait_for("twice-at-once@web1")

    let_go(worlds.ours, "elsewhere")
    worlds.ours.post(work("elsewhere", "web2"))
    worlds.ours.wait_for("ended@elsewhere")  # it works, and leaves web1 to the playbook that is there
    assert playbooks_of(worlds.ours)
    let_go(worlds.ours, "first")
    assert worlds.ours.case_of("first", "resolved")["attempt"] == 1
    assert worlds.ours.left("twice-at-once@*") == set()
