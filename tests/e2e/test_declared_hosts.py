# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Hosts that no inventory has: a source says how they are reached, playbooks reach them by that, and the source hears what came of it."""

from __future__ import annotations

import json
from pathlib import Path

from ansible_collections.eventops.infra.tests.e2e.harness import Rulebook
from ansible_collections.eventops.infra.tests.e2e.ledger import Ledger
from ansible_collections.eventops.infra.tests.e2e.waiting import wait_until

# A source as ours are: it hands in what a file says, once, and writes down what it hears. It runs inside the router.
SOURCE = """
import asyncio, json
from pathlib import Path
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event

async def main(queue, args):
    folder = Path(args["folder"])
    await queue.follow_cases()
    if not await queue.recall_keys(["done"]):
        events = [Event(extra={}, **{**each, "hosts": tuple(each["hosts"])}) for each in json.loads((folder / "events.json").read_text())]
        await queue.keep(events, {"done": "yes"})
    while True:
        for each in await queue.finished():
            heard = [each.event.id, each.case.state, each.case.reason, each.error]
            with (folder / "heard.jsonl").open("a") as file:
                file.write(json.dumps(heard) + "\\n")
            await queue.keep([], {}, heard=[each.id])
        await queue.wait_for_finished()
"""
# It looks twice: the second time after other runs have had their turn.
PLAYBOOK = """
- hosts: all
  gather_facts: false
  connection: local
  vars:
    ansible_python_interpreter: "{{ ansible_playbook_python }}"
    look: echo "{{ inventory_hostname }} {{ ansible_host }} {{ ansible_user }}" >> "{{ trace }}"
  tasks:
    - ansible.builtin.import_role: {name: eventops.infra.guard}
    - ansible.builtin.shell: "{{ look }}"
    - ansible.builtin.pause: {seconds: "{{ seconds }}"}
    - ansible.builtin.meta: refresh_inventory
    - ansible.builtin.shell: "{{ look }}"
"""


class Site:
    """A router around such a source, with an inventory that has nothing but localhost and the hosts of cases."""

    def __init__(self, rulebook: Rulebook, events: list[dict], *, seconds: int = 1) -> None:
        self.rulebook = rulebook
        folder = rulebook.directory
        self.trace, self._heard = folder / "trace", folder / "heard.jsonl"
        self.sources = folder / "own sources"
        self.sources.mkdir()
        (self.sources / "declaring.py").write_text(SOURCE)
        (folder / "events.json").write_text(json.dumps(events))
        store = folder / "state" / "store.db"
        store.parent.mkdir()
        self.ledger = Ledger(store)
        policy = {"attempts": {"max": 2, "backoff": 0.5, "jitter": 0}, "max_in_flight": 4}
        router = {"store": str(store), "mode": "enforce", "policy": policy, "sources": [{"name": "netbox", "declaring": {"folder": str(folder)}}]}
        action = {"run_playbook": {"name": "onboard.yml", "extra_vars": {"trace": str(self.trace), "seconds": seconds}}}
        rule = {"name": "Onboard", "condition": 'event.type == "netbox.virtualmachine.ready"', "action": action}
        sources = [{"name": "router", "eventops.infra.router": router}]
        ruleset = {"name": "Onboarding", "hosts": "all", "execution_strategy": "parallel", "sources": sources, "rules": [rule]}
        rulebook.write([ruleset], {})
        (folder / "inventory" / "cases.eventops.yml").write_text("plugin: eventops.infra.cases\n")
        rulebook.write_playbook("onboard.yml", PLAYBOOK)

    def start(self) -> None:
        self.rulebook.start("--source-dir", str(self.sources))

    def wait_until_heard(self, number: int) -> dict[str, list]:
        return {
            each[0]: each[1:]
            for each in wait_until(lambda: len(self.heard) >= number and self.heard, f"{number} ends", 120, lambda: self.rulebook.output[-4000:])
        }

    @property
    def heard(self) -> list[list]:
        return _lines(self._heard, json.loads)

    @property
    def ran(self) -> list[str]:
        return _lines(self.trace, str)


def _lines(path: Path, read) -> list:
    return [read(line) for line in path.read_text().splitlines()] if path.exists() else []


def ready(number: int, name: str, address: str | None = None) -> dict:
    return {
        "id": f"change/{number}",
        "source": "netbox:https://netbox.example.com",
        "type": "netbox.virtualmachine.ready",
        "subject": name,
        "time": "2026-01-31T12:00:00Z",
        "severity": "info",
        "hosts": [name],
        "dedup_key": f"netbox/{number}",
        "data": {"number": number},
        "connections": {name: {"ansible_host": address, "ansible_user": f"user{number}"}} if address else {},
    }


def test_each_machine_is_reached_where_the_source_says_and_nothing_runs_for_a_name_that_is_none(rulebook):
    names = {1: "vm-1", 2: "vm-1", 3: "vm-2", 4: "all", 5: "localhost", 6: "-e@x", 7: "web*"}
    site = Site(rulebook, [*(ready(number, name, f"192.0.2.{number}") for number, name in names.items()), ready(8, "vm-8")])
    site.start()
    heard = site.wait_until_heard(8)
    assert {id_: state for id_, (state, _reason, _error) in heard.items()} == {
        **{f"change/{number}": "resolved" for number in (1, 2, 3)},
        **{f"change/{number}": "suppressed" for number in (4, 5, 6, 7, 8)},
    }
    assert sorted(site.ran) == sorted(f"{names[number]} 192.0.2.{number} user{number}" for number in (1, 2, 3) for _look in range(2))
    assert "localhost: to Ansible" in heard["change/5"][1] and "vm-8: the inventory has no such host" in heard["change/8"][1]
    assert all("192.0.2" not in json.dumps(each["body"]["data"]) for each in site.ledger.events())
    assert rulebook.stop() == 0


def test_after_a_kill_the_machine_is_reached_again_and_the_source_hears_of_it_once(rulebook):
    site = Site(rulebook, [ready(1, "vm-1", "192.0.2.1"), ready(2, "vm-1", "192.0.2.2")], seconds=3)
    site.start()
    wait_until(lambda: site.ran, "the first look", 60, lambda: rulebook.output[-4000:])
    rulebook.kill()
    site.start()
    assert {id_: state for id_, (state, *_why) in site.wait_until_heard(2).items()} == {"change/1": "resolved", "change/2": "resolved"}
    assert set(site.ran) == {"vm-1 192.0.2.1 user1", "vm-1 192.0.2.2 user2"}
    assert site.ran == sorted(site.ran), "one after the other"
    assert len(site.ledger.cases(type="netbox.virtualmachine.ready")) == len(site.heard) == 2
    assert rulebook.stop() == 0
