# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How long NetBox's worker waits for the answer of a delivery: one after another and in bursts, with idle processors and with playbooks that use them up.

NetBox's API, its workers, and ansible-rulebook with the router and the source are three processes. Each delivery is about a change that is in the
change log, which the source looks for at once: what it reads, tells and hands in is done beside the answers.
"""

from __future__ import annotations

import statistics
import time
from dataclasses import asdict, dataclass

import pytest
from ansible_collections.eventops.infra.tests.doubles.netbox import running_netbox
from ansible_collections.eventops.infra.tests.e2e.waiting import wait_until

from .netbox_followed import ADDRESS, VM, Followed, Lab
from .netbox_worker import Workers
from .processors import Busy
from .results import Table, milliseconds, publish, seconds

MACHINES = 100
SINGLE, PAUSE_SECONDS = 500, 0.05  # NetBox was seen to send 12 in a second
BURST = 400
BURNERS = [f"host-{number:03}" for number in range(1, 5)]  # as many runs as the router has under way at once
RULES = [
    {"name": "Take", "condition": 'event.type == "netbox.virtualmachine.updated"', "action": {"none": {}}},
    {"name": "Burn", "condition": 'event.type == "netbox.virtualmachine.ready"', "action": {"run_playbook": {"name": "burn.yml"}}},
]
BURN = """
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.command: touch burning-{{ inventory_hostname }}
      args: {chdir: "%s"}
    - ansible.builtin.command: "true"
      loop: "{{ range(20000) | list }}"
"""


@dataclass(frozen=True)
class Waits:
    """How long workers waited, in seconds, how long all of it took, and how busy the processors were."""

    deliveries: int
    p50: float
    p99: float
    longest: float
    took: float
    told_after: float
    busy: float


class Sender:
    """Changes machines in NetBox, and has workers tell of it."""

    def __init__(self, followed: Followed, machines: list[int], env: dict[str, str]) -> None:
        self._followed, self._netbox, self._machines, self._env = followed, followed.netbox, machines, env
        self._changes = 0

    def one_after_another(self, deliveries: int) -> Waits:
        """Change machines with a pause between two, and tell of each at once."""
        with Workers(1, self._env) as workers, Busy() as busy:
            began, accepted = time.monotonic(), self._followed.accepted()
            for _number in range(deliveries):
                workers.put(self._change(1))
                time.sleep(PAUSE_SECONDS)
            waits, took = workers.waits(), time.monotonic() - began
            told_after = self._told(accepted + deliveries, began)
        return _waits(waits, took, told_after, busy)

    def burst(self, deliveries: int, workers: int) -> Waits:
        """Change machines as fast as that goes, and only then let workers tell of all."""
        accepted = self._followed.accepted()
        changes = self._change(deliveries)
        with Workers(workers, self._env) as sending, Busy() as busy:
            began = time.monotonic()
            sending.put(changes)
            waits, took = sending.waits(), time.monotonic() - began
            told_after = self._told(accepted + deliveries, began)
        return _waits(waits, took, told_after, busy)

    def _change(self, times: int) -> list:
        before = len(self._netbox.deliveries)
        for _number in range(times):
            self._changes += 1
            self._netbox.update(VM, self._machines[self._changes % MACHINES], comments=f"change {self._changes}")
        return self._netbox.deliveries[before:]

    def _told(self, accepted: int, began: float) -> float:
        output = self._followed.rulebook
        wait_until(lambda: self._followed.accepted() >= accepted, "the events", 120, lambda: output.output[-3000:])
        taken = time.monotonic() - began
        self._followed.wait_until_quiet()
        return taken


@pytest.fixture(name="scene")
def _scene(directory, env, collections):
    with running_netbox() as netbox:
        netbox.workers = 0  # they are elsewhere
        lab = Lab(netbox)
        machines = [lab.ready_vm(f"vm-{number}") for number in range(MACHINES)]
        place = directory / "netbox"
        followed = Followed(place, env, netbox, RULES, playbooks={"burn.yml": BURN % place}, hosts=BURNERS)
        followed.hook([VM, ADDRESS])
        try:
            followed.start()
            yield followed, lab, Sender(followed, machines, env | {"PYTHONPATH": str(collections)})
        finally:
            followed.close()


def test_netbox_deliveries(scene):
    followed, lab, sender = scene
    sender.one_after_another(50)  # Java has compiled nothing yet
    found: dict[str, Waits] = {}

    def measure(under: str) -> None:
        found[f"one after another, {under}"] = sender.one_after_another(SINGLE)
        for workers in (1, 4):
            found[f"a burst of {BURST}, {workers} worker{'s' * (workers > 1)}, {under}"] = sender.burst(BURST, workers)
        print(f"{under}: {found}", flush=True)

    measure("no playbook")
    for name in BURNERS:
        lab.ready_vm(name)
    # With no worker of the double's nobody tells of these: the change log is read on in half a minute.
    burning = [followed.directory / f"burning-{name}" for name in BURNERS]
    wait_until(lambda: all(each.exists() for each in burning), "a busy machine", 120, lambda: followed.rulebook.output[-3000:])
    time.sleep(1)
    measure("playbooks on all cores")
    _report(found)


def _waits(waits: list[float], took: float, told_after: float, busy: Busy) -> Waits:
    ordered = sorted(waits)
    return Waits(len(waits), statistics.median(ordered), ordered[int(len(ordered) * 0.99)], ordered[-1], took, told_after, busy.share)


def _report(found: dict[str, Waits]) -> None:
    table = Table("NetBox's worker waits", ["deliveries", "p50", "p99", "longest", "sent within", "all events in the store after", "processors in use"])
    for name, waits in found.items():
        times = [milliseconds(waits.p50), milliseconds(waits.p99), milliseconds(waits.longest), seconds(waits.took), seconds(waits.told_after)]
        table.rows.append([name, *times, f"{waits.busy:.0%}"])
    table.notes.append(f"{SINGLE} one after another, {1 / PAUSE_SECONDS:.0f} in a second; {MACHINES} machines. What the worker itself has to do counts.")
    publish("netbox", {name: asdict(waits) for name, waits in found.items()}, table)
