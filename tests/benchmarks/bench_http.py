# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a delivery costs the front door: the source alone, beside stock's webhook source alone, both with HMAC-SHA512, in one run.

Each source runs in a process of its own, before a queue that takes everything at once. They are asked in turn, so that whatever else the
machine does meets both alike. Alone, ours also looks hosts up and makes the text harmless; under the router that is done later, so
there is a third contestant before a queue as the router gives it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import statistics
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import ansible_rulebook
from ansible_collections.eventops.infra.tests.e2e.services import free_port
from ansible_collections.eventops.infra.tests.e2e.waiting import wait_until

from .contestants import CLOCK_TICKS
from .load import Answers, needs_wrk, post
from .results import Table, milliseconds, publish

SECRET = "a-secret-that-is-long-enough"
ROUNDS = 5
SECONDS = 4
CONNECTIONS = 16
BODY = json.dumps(
    {
        "version": "4",
        "groupKey": '{}:{alertname="ServiceDown"}',
        "status": "firing",
        "alerts": [
            {
                "status": "firing",
                "labels": {"alertname": "ServiceDown", "instance": "web-01:9100", "job": "node", "severity": "critical", "team": "web"},
                "annotations": {"summary": "web-01 does not answer", "description": "It has not for 5 minutes."},
                "startsAt": "2026-01-31T12:00:00.123Z",
                "endsAt": "0001-01-01T00:00:00Z",
                "generatorURL": "http://prometheus.example.com/graph?g0.expr=up",
                "fingerprint": "0123456789abcdef",
            }
        ],
    }
).encode()
SIGNATURE = hmac.new(SECRET.encode(), BODY, hashlib.sha512).hexdigest()
HMAC = {"algorithm": "sha512", "header": "X-Signature", "secrets": [SECRET]}
ENDPOINT = {"adapter": "alertmanager", "auth": {"hmac": HMAC}}


@dataclass(frozen=True)
class Cost:
    """What a round showed: processor seconds of the source's process for a request, and what the senders saw."""

    cpu_seconds: float
    answers: Answers


class Alone:
    """A source in a process of its own."""

    def __init__(self, queue: str, plugin: Path, arguments: dict, port: int, env: dict[str, str]) -> None:
        self._process = subprocess.Popen([sys.executable, Path(__file__).with_name("one_source.py"), queue, plugin, json.dumps(arguments)], env=env)
        self.port = port
        wait_until(self._listens, "the source", 30, lambda: f"exit code {self._process.poll()}")

    def _listens(self) -> bool:
        assert self._process.poll() is None
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def round(self, body: Path) -> Cost:
        before = self._cpu_seconds()
        answers = post(f"http://127.0.0.1:{self.port}/hook", body, ("X-Signature", SIGNATURE), connections=CONNECTIONS, seconds=SECONDS)
        assert not answers.refused and not answers.broken, (self._process.args, answers)
        return Cost((self._cpu_seconds() - before) / answers.requests, answers)

    def _cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS

    def close(self) -> None:
        self._process.terminate()
        self._process.wait()


@needs_wrk
def test_http(directory, collections, env):
    body = directory / "body.json"
    body.write_bytes(BODY)
    ours = collections / "ansible_collections/eventops/infra/extensions/eda/plugins/event_source/http.py"
    stock = Path(ansible_rulebook.__file__).parent / "event_source/webhook.py"
    inventory = directory / "inventory.yml"
    inventory.write_text("all: {hosts: {localhost: {ansible_connection: local}, web-01: {}}}\n")
    contestants = {}
    try:
        for name, queue, plugin, arguments in (
            ("stock webhook", "engine", stock, {"host": "127.0.0.1", "hmac_secret": SECRET, "hmac_algo": "sha512", "hmac_header": "X-Signature"}),
            ("http, no adapter", "router", ours, {"endpoints": {"/hook": {"auth": {"hmac": HMAC}}}}),
            ("http, alertmanager", "router", ours, {"endpoints": {"/hook": ENDPOINT}}),
            ("http, alertmanager, without a router", "engine", ours, {"inventory": str(inventory), "endpoints": {"/hook": ENDPOINT}}),
        ):
            port = free_port()
            place = {"port": port} if plugin == stock else {"address": f"127.0.0.1:{port}"}
            contestants[name] = Alone(queue, plugin, arguments | place, port, env | {"PYTHONPATH": str(collections)})
        costs: dict[str, list[Cost]] = {name: [] for name in contestants}
        for number in range(ROUNDS + 1):
            for name, contestant in contestants.items():
                cost = contestant.round(body)
                if number:  # the first one warms up
                    costs[name].append(cost)
    finally:
        for contestant in contestants.values():
            contestant.close()
    _report(costs)


def _report(costs: dict[str, list[Cost]]) -> None:
    table = Table("A delivery to the source alone, HMAC-SHA512", ["source", "requests a second", "processor time of a request", "ratio to stock", "p99"])
    base = statistics.median(cost.cpu_seconds for cost in costs["stock webhook"])
    for name, each in costs.items():
        cpu = statistics.median(cost.cpu_seconds for cost in each)
        rate = statistics.median(cost.answers.rate for cost in each)
        p99 = statistics.median(cost.answers.p99 for cost in each)
        table.rows.append([name, f"{rate:,.0f}", f"{cpu * 1e6:,.0f} µs", f"{cpu / base:.2f}", milliseconds(p99)])
    table.notes.append(f"Medians of {ROUNDS} rounds in turn of {SECONDS} s, {CONNECTIONS} connections of wrk on the same machine, a body of {len(BODY)} bytes.")
    publish("http", {name: [asdict(cost) for cost in each] for name, each in costs.items()}, table)
