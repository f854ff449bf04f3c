# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From the PATCH that gives a machine its primary IP to the first task of the playbook that configures it, by webhook, one machine after another."""

from __future__ import annotations

import json
import statistics
import time
import urllib.request
from typing import Any

from ansible_collections.eventops.infra.tests.doubles.netbox import running_netbox
from ansible_collections.eventops.infra.tests.e2e.ledger import Ledger
from ansible_collections.eventops.infra.tests.e2e.waiting import wait_until

from .netbox_followed import ADDRESS, VM, Followed, Lab
from .results import Table, milliseconds, publish

WARM_UP, ROUNDS = 2, 20
RULES = [{"name": "Run", "condition": 'event.type == "netbox.virtualmachine.ready"', "action": {"run_playbook": {"name": "first.yml"}}}]
PLAYBOOK = """
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.command:
        argv: ["{}", "{{{{ inventory_hostname }}}}"]
"""
READY = "netbox.virtualmachine.ready"


def test_netbox_ready(directory, env):
    names = [f"vm-{number:02}" for number in range(WARM_UP + ROUNDS)]
    stamp, stamps = directory / "stamp", directory / "stamps"
    stamps.mkdir()
    stamp.write_text(f'#!/bin/sh\ndate +%s.%N > "{stamps}/$1"\n')
    stamp.chmod(0o755)
    patched: dict[str, float] = {}
    with running_netbox() as netbox:
        lab = Lab(netbox)
        followed = Followed(directory / "netbox", env, netbox, RULES, playbooks={"first.yml": PLAYBOOK.format(stamp)}, hosts=names)
        followed.hook([VM, ADDRESS])
        try:
            followed.start()
            for name in names:
                vm = lab.vm(name)
                address = lab.address(vm)
                followed.wait_until_quiet(1)  # it has been created, and that is told
                patched[name] = time.time()
                _patch(netbox, vm, {"primary_ip4": address})
                wait_until((stamps / name).exists, "the first task", 60, lambda: followed.rulebook.output[-3000:])
                time.sleep(1.0)  # the rest of the run, so that the next machine meets an idle engine
            ledger = Ledger(followed.store)
            opened = {event["body"]["subject"]: case["opened_at"] for event in ledger.events(type=READY) for case in ledger.cases(id=event["case_id"])}
        finally:
            followed.close()
    ran = {name: float((stamps / name).read_text()) for name in names}
    measured = names[WARM_UP:]
    found = {
        "the event in the store, its case open": [opened[name] - patched[name] for name in measured],
        "the first task": [ran[name] - patched[name] for name in measured],
    }
    table = Table(f"From the PATCH to ..., {ROUNDS} machines", ["", "median", "fastest", "slowest"])
    for what, times in found.items():
        table.rows.append([what, *map(milliseconds, (statistics.median(times), min(times), max(times)))])
    publish("netbox_ready", {"rounds": ROUNDS, "seconds": found}, table)


def _patch(netbox: Any, vm: int, fields: dict) -> None:
    headers = {**netbox.header(), "Content-Type": "application/json"}
    url = f"{netbox.url}/api/virtualization/virtual-machines/{vm}/"
    urllib.request.urlopen(urllib.request.Request(url, json.dumps(fields).encode(), headers, method="PATCH"), timeout=60).close()
