# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From the sender's POST to the first task of the playbook: the same rulebook with the router and without, side by side.

Both run at once and are asked in turn, so that whatever else the machine does meets both alike.
"""

from __future__ import annotations

import json
import statistics
import time
import urllib.request
from pathlib import Path

from ansible_collections.eventops.infra.tests.e2e.harness import Rulebook
from ansible_collections.eventops.infra.tests.e2e.services import free_port
from ansible_collections.eventops.infra.tests.e2e.waiting import wait_until

from .results import Table, milliseconds, publish

ROUNDS = 20
WARM_UP = 2  # the first events meet a JVM that has not compiled anything yet
RULES = [{"name": "Run", "condition": "event.payload.number is defined", "action": {"run_playbook": {"name": "first.yml"}}}]
PLAYBOOK = """
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.command:
        argv: ["{}"]
"""


class Contestant:
    """ansible-rulebook with a webhook, whose playbook's first task writes down when it ran."""

    def __init__(self, directory: Path, env: dict[str, str], *, router: bool) -> None:
        self.port = free_port()
        self.stamps = directory / "stamps"
        directory.mkdir()
        stamp = directory / "stamp"
        stamp.write_text(f'#!/bin/sh\ndate +%s.%N >> "{self.stamps}"\n')
        stamp.chmod(0o755)
        webhook = {"name": "hook", "eda.builtin.webhook": {"host": "127.0.0.1", "port": self.port}}
        adapter = {"generic": {"type": {"value": "request.report"}, "hosts": {"value": "host-01"}}}
        wrapped = {"store": str(directory / "store.db"), "mode": "enforce", "sources": [{**webhook, "adapter": adapter}]}
        source = {"name": "router", "eventops.infra.router": wrapped} if router else webhook
        self.rulebook = Rulebook(directory / "rulebook", env)
        self.rulebook.write([{"name": "Bench", "hosts": "host-01", "sources": [source], "rules": RULES}], {"host-01": {}})
        self.rulebook.write_playbook("first.yml", PLAYBOOK.format(stamp))

    def first_task_seconds(self, number: int) -> float:
        """Post an event, wait for the playbook's end, and return how long after the POST its first task ran."""
        before = self._stamps()
        body = json.dumps({"number": number}).encode()
        posted = time.time()
        urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{self.port}/", body, {"Content-Type": "application/json"}), timeout=60)
        stamps = wait_until(lambda: len(found := self._stamps()) > len(before) and found, "the first task", 60, lambda: self.rulebook.output[-3000:])
        time.sleep(1.0)  # the rest of the run, so that the next event meets an idle engine
        return stamps[-1] - posted

    def _stamps(self) -> list[float]:
        return [float(line) for line in self.stamps.read_text().split()] if self.stamps.exists() else []


def test_post_to_first_task(directory, env):
    stock = Contestant(directory / "stock", env, router=False)
    ours = Contestant(directory / "router", env, router=True)
    try:
        for contestant in (stock, ours):
            contestant.rulebook.start()
            time.sleep(8)
        times: dict[str, list[float]] = {"stock": [], "router": []}
        for number in range(WARM_UP + ROUNDS):
            for name, contestant in (("stock", stock), ("router", ours)):
                seconds = contestant.first_task_seconds(number)
                if number >= WARM_UP:
                    times[name].append(seconds)
    finally:
        stock.rulebook.close()
        ours.rulebook.close()
    _report(times)


def _report(times: dict[str, list[float]]) -> None:
    medians = {name: statistics.median(values) for name, values in times.items()}
    added, ratio = medians["router"] - medians["stock"], medians["router"] / medians["stock"]
    table = Table(f"POST to first task, {ROUNDS} times", ["", "median", "fastest", "slowest"])
    for name, values in times.items():
        table.rows.append([name, *(milliseconds(each) for each in (medians[name], min(values), max(values)))])
    table.notes.append(f"The router adds {milliseconds(added)}, ratio {ratio:.3f}.")
    publish("first_task", {"rounds": ROUNDS, "median_seconds": medians, "added_seconds": added, "ratio": ratio, "seconds": times}, table)
