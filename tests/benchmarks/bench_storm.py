# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A storm: a thousand alerts for two hundred hosts within ten seconds. How long until every host has been remediated, by how many runs?

The floor is what bare ansible-playbook needs for four runs over fifty hosts each, the least work that does it. Stock ansible-rulebook gets
twenty of the alerts, because a thousand would take it most of an hour: it starts a run for each, so its time for all is that of one, times a
thousand. The rulebook and the playbook are the same files; stock ansible-rulebook reads the alerts with the event filter `eventops.infra.envelope`.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from ansible_collections.eventops.infra.tests.e2e.waiting import wait_until

from .contestants import ADAPTER, Contestant
from .load import Alerts, Answers, Sender, needs_wrk
from .results import Table, milliseconds, publish, seconds

HOSTS, ALERTS, SENDING_SECONDS = 200, 1000, 10
STOCK_ALERTS = 20
FLOOR_RUNS = 4
_LONGEST_SECONDS = 600
RULES = [{"name": "Heal", "condition": 'event.type == "alert.firing"', "action": {"run_playbook": {"name": "heal.yml"}}}]
# Each run leaves a file of its own for each host: its name says which host, its time when.
HEAL = """
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.command:
        argv: [mktemp, "%s/{{ inventory_hostname }}.XXXXXX"]
"""
ROUTER = {"policy": {"max_unhealthy": "100%"}}


@dataclass(frozen=True)
class Healed:
    """What became of a storm: when each host had been remediated (seconds after the first alert), by how many runs, and what senders saw."""

    alerts: int
    hosts: int
    all_healed: float
    median_healed: float
    runs: int
    answers: Answers | None = None


class Patient:
    """A contestant whose playbook leaves traces."""

    def __init__(self, directory: Path, env: Mapping[str, str], **how) -> None:
        self.traces = directory.with_name(f"{directory.name} traces")
        self.traces.mkdir()
        self.contestant = Contestant(directory, env, RULES, playbooks={"heal.yml": HEAL % self.traces}, hosts=HOSTS, **how)

    def suffer(self, alerts: int, *, connections: int, sending_seconds: int) -> Healed:
        """Send alerts, a host after the other, and wait until all has been done."""
        pause = connections * sending_seconds / alerts
        hosts = min(HOSTS, alerts)
        kinds = Alerts("ServiceDown", hosts=hosts, keys=hosts)
        began = time.time()
        how = {"connections": connections, "seconds": _LONGEST_SECONDS, "most": alerts, "pause_seconds": pause}
        with Sender(self.contestant.port, kinds, **how) as sender:
            wait_until(lambda: len(self._healed()) == hosts, "all hosts remediated", _LONGEST_SECONDS, lambda: self.contestant.rulebook.output[-3000:])
            times = sorted(moment - began for moment in self._healed().values())
            self._wait_for_quiet()
            sender.stop()
            answers = sender.answers()
        assert answers.requests == alerts and not answers.refused, answers
        return Healed(alerts, hosts, times[-1], times[len(times) // 2], self._runs, answers)

    def close(self) -> None:
        self.contestant.close()

    def _healed(self) -> dict[str, float]:
        """Return when each host was remediated for the first time."""
        found: dict[str, float] = {}
        for trace in self.traces.iterdir():
            host = trace.name.partition(".")[0]
            found[host] = min(trace.stat().st_mtime, found.get(host, float("inf")))
        return found

    @property
    def _runs(self) -> int:
        return self.contestant.rulebook.output.count("PLAY RECAP")

    def _wait_for_quiet(self) -> None:
        """Wait until no playbook has ended for five seconds: what repeated alerts set off belongs to the number of runs."""
        seen, since = -1, time.monotonic()
        while time.monotonic() - since < 5:
            if self._runs != seen:
                seen, since = self._runs, time.monotonic()
            time.sleep(0.2)


@needs_wrk
def test_storm(directory, env):
    router = _storm(directory / "router", env, ALERTS, sending_seconds=SENDING_SECONDS, router=ROUTER)
    floor = _floor(directory / "router", env)
    filters = [{"eventops.infra.envelope": {"adapter": ADAPTER, "inventory": "inventory"}}]
    stock = {
        strategy: _storm(directory / f"stock {strategy}", env, STOCK_ALERTS, sending_seconds=1, filters=filters, strategy=strategy)
        for strategy in ("parallel", "sequential")
    }
    _report(router, floor, stock)


def _storm(directory: Path, env: Mapping[str, str], alerts: int, *, sending_seconds: int, **how) -> Healed:
    patient = Patient(directory, env, **how)
    try:
        patient.contestant.start()
        time.sleep(5)  # Java compiles
        return patient.suffer(alerts, connections=min(100, alerts), sending_seconds=sending_seconds)
    finally:
        patient.close()


def _floor(directory: Path, env: Mapping[str, str]) -> list[float]:
    """Run the playbook over fifty hosts at a time, with nothing but ansible-playbook; return how long each run took."""
    taken = []
    size = HOSTS // FLOOR_RUNS
    for run in range(FLOOR_RUNS):
        limit = ",".join(f"host-{number:03}" for number in range(run * size + 1, (run + 1) * size + 1))
        began = time.monotonic()
        command = ["ansible-playbook", "--inventory", "inventory", "--limit", limit, "heal.yml"]
        subprocess.run(command, cwd=directory / "rulebook", env=dict(env), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
        taken.append(time.monotonic() - began)
    return taken


def _report(router: Healed, floor: list[float], stock: dict[str, Healed]) -> None:
    scaled = {name: healed.all_healed / healed.alerts * ALERTS for name, healed in stock.items()}
    table = Table(f"A storm: {ALERTS:,} alerts for {HOSTS} hosts within {SENDING_SECONDS} s", ["", "every host remediated after", "runs", "sender's wait, p99"])
    table.rows.append(["router", seconds(router.all_healed), f"{router.runs}", milliseconds(router.answers.p99)])
    table.rows.append([f"floor: {FLOOR_RUNS} bare runs of {HOSTS // FLOOR_RUNS} hosts", seconds(sum(floor)), f"{FLOOR_RUNS}", ""])
    for name, healed in stock.items():
        table.rows.append([f"stock, {name} (scaled)", seconds(scaled[name]), f"{ALERTS:,}", milliseconds(healed.answers.p99)])
    figures = {f"times sooner than stock, {name}": taken / router.all_healed for name, taken in scaled.items()}
    figures |= {"times the floor": router.all_healed / sum(floor), "runs": router.runs}
    table.notes.append(f"Stock got {STOCK_ALERTS} alerts; its time for {ALERTS:,} is that of one of its runs, times {ALERTS:,}.")
    table.notes.append("; ".join(f"{name}: {value:.2f}" if isinstance(value, float) else f"{name}: {value}" for name, value in figures.items()))
    measured = {"router": asdict(router), "floor_seconds": floor, "stock": {name: asdict(each) for name, each in stock.items()}}
    publish("storm", {**measured, "stock_scaled_seconds": scaled, "ratios": figures}, table)
