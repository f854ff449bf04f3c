# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How many events are accepted in a second, and how long their senders wait: stock webhook (nothing is durable) and router (all is).

Each shape of events meets a contestant that was started for it. At first a hundred are sent in a second, then as many as are answered. `busy`
means that a playbook which a rule has started keeps all cores busy meanwhile; the event is taken by a rule with the action `none`, or by no rule.
"""

from __future__ import annotations

import json
import time
import urllib.request
from dataclasses import asdict
from itertools import product

from ansible_collections.eventops.infra.tests.e2e.waiting import wait_until

from .contestants import Contestant
from .load import Alerts, Answers, needs_wrk, send
from .results import Table, milliseconds, publish

WINDOW_SECONDS = 8
CONNECTIONS = 32
STEADY = {"connections": 100, "pause_seconds": 1.0}  # a hundred posts a second
SHAPES = {
    "1,000 alerts again and again": Alerts("Taken", keys=1000),
    "each alert another": Alerts("Taken", keys=0),
    "no rule takes it": Alerts("Other", keys=1000),
}
BUSY_SHAPE = "no rule takes it"
BURNERS = [f"host-{number:03}" for number in range(1, 9)]
RULES = [
    {"name": "Take", "condition": 'event.payload.alert == "Taken"', "action": {"none": {}}},
    {"name": "Burn", "condition": 'event.payload.alert == "Burn"', "action": {"run_playbook": {"name": "burn.yml"}}},
]
BURN = """
- hosts: "~host-00[1-8]"
  gather_facts: false
  tasks:
    - ansible.builtin.command: touch burning-{{ inventory_hostname }}
      args: {chdir: "%s"}
    - ansible.builtin.command: "true"
      loop: "{{ range(5000) | list }}"
"""
ROUTER = {"policy": {"max_unhealthy": "100%"}}


@needs_wrk
def test_accept(directory, env):
    taken: dict[str, dict[str, dict[str, Answers]]] = {}
    for (shape, alerts), busy in product(SHAPES.items(), (False, True)):
        if busy and shape != BUSY_SHAPE:
            continue
        for name, router in (("stock", None), ("router", ROUTER)):
            place = directory / f"{name} {len(taken)} {busy}"
            contestant = Contestant(place, env, RULES, playbooks={"burn.yml": BURN % place}, router=router)
            try:
                contestant.start()
                send(contestant.port, alerts, connections=4, seconds=2, most=200)  # Java has compiled nothing yet
                if busy:
                    _burn(contestant)
                steady = send(contestant.port, alerts, seconds=WINDOW_SECONDS, **STEADY)
                fastest = send(contestant.port, alerts, seconds=WINDOW_SECONDS, connections=CONNECTIONS)
            finally:
                contestant.close()
            print(f"{shape}, {'busy' if busy else 'idle'}, {name}: {fastest.rate:,.0f} a second, p99 at 100 a second {milliseconds(steady.p99)}", flush=True)
            taken.setdefault(f"{shape}{', busy' if busy else ''}", {})[name] = {"steady": steady, "fastest": fastest}
    _report(taken)


def _burn(contestant: Contestant) -> None:
    body = json.dumps({"alert": "Burn", "status": "down", "host": BURNERS, "fingerprint": "burn", "severity": "critical"}).encode()
    urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{contestant.port}/", body, {"Content-Type": "application/json"}), timeout=60).close()
    wait_until((contestant.directory / "burning-host-005").exists, "a busy machine", 60, lambda: contestant.rulebook.output[-3000:])
    time.sleep(1)


def _report(taken: dict[str, dict[str, dict[str, Answers]]]) -> None:
    table = Table("Accepting events", ["events", "", "accepted a second", "sender's wait, p50", "p99", "at 100 a second: p50", "p99"])
    for shape, by_name in taken.items():
        for name, answers in by_name.items():
            fastest, steady = answers["fastest"], answers["steady"]
            refused = f" ({fastest.refused:,} refused)" if fastest.refused else ""
            waits = [milliseconds(each) for each in (fastest.p50, fastest.p99, steady.p50, steady.p99)]
            table.rows.append([shape, name, f"{fastest.rate:,.0f}{refused}", *waits])
        ratio = by_name["router"]["fastest"].rate / by_name["stock"]["fastest"].rate
        table.rows.append([shape, "ratio", f"{ratio:.2f}", "", "", "", ""])
    table.notes.append(f"Senders: wrk on the same machine, {CONNECTIONS} connections. What is accepted is on disk with the router, and only in memory without.")
    publish("accept", {shape: {name: {pace: asdict(each) for pace, each in by.items()} for name, by in names.items()} for shape, names in taken.items()}, table)
