# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the router tells the outside while it heals: its log of decisions, and its metrics."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.tests.e2e.harness import Rulebook
from ansible_collections.eventops.infra.tests.e2e.services import free_port
from ansible_collections.eventops.infra.tests.e2e.waiting import wait_until
from ansible_collections.eventops.infra.tests.e2e.webhook import Webhook

TYPE = {"path": "payload.status", "map": {"down": "alert.firing", "ok": "alert.resolved"}}
ADAPTER = {"generic": {"type": TYPE, "name": "payload.alert", "hosts": "payload.host"}}
RULES = [{"name": "Heal", "condition": 'event.type == "alert.firing"', "action": {"run_playbook": {"name": "heal.yml"}}}]
HEAL = [{"hosts": "all", "gather_facts": False, "tasks": [{"ansible.builtin.debug": {"msg": "healed"}}]}]


class Monitored:
    """A router around a webhook, with a log of decisions and a console."""

    def __init__(self, rulebook: Rulebook, log: str) -> None:
        self.rulebook = rulebook
        self.webhook, self._console = Webhook(rulebook), free_port()
        hook = {**self.webhook.source, "adapter": ADAPTER}
        router = {
            "store": str(rulebook.directory / "store.db"),
            "mode": "enforce",
            "sources": [hook],
            "log": log,
            "listen": {"address": f"127.0.0.1:{self._console}"},
        }
        ruleset = {"name": "Signals", "hosts": "all", "sources": [{"name": "router", "eventops.infra.router": router}], "rules": RULES}
        rulebook.write([ruleset], {"web-01": {}, "web-02": {}})
        rulebook.write_playbook("heal.yml", HEAL)

    def post(self, **payload: str) -> bool:
        try:
            return self.webhook.post({"alert": "Down", "status": "down", "host": "web-01", **payload}) == 200
        except OSError:
            return False

    def post_at_last(self, **payload: str) -> None:
        wait_until(lambda: self.post(**payload), "the webhook", 60, lambda: self.rulebook.output)

    def metrics(self) -> dict[str, float]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self._console}/metrics", timeout=30) as answer:
            lines = answer.read().decode().splitlines()
        return {name: float(value) for name, _space, value in (line.rpartition(" ") for line in lines if not line.startswith("#"))}


@pytest.fixture(name="log")
def _log(directory: Path) -> Path:
    return directory / "decisions.json"


def lines(*logs: Path) -> list[dict]:
    return [json.loads(line) for log in logs if log.exists() for line in log.read_text().splitlines()]


def states(found: list[dict]) -> list[str]:
    return [line["eventops"]["case"]["state"] for line in found if line["event"]["action"] in ("case-opened", "case-changed")]


def test_a_heal_is_in_the_log_decision_by_decision_and_survives_rotation(rulebook, log):
    monitored = Monitored(rulebook, str(log))
    rulebook.start()
    monitored.post_at_last()
    wait_until(lambda: "verifying" in states(lines(log)), "the heal in the log", 60, lambda: rulebook.output)
    rotated = log.with_suffix(".json.1")
    log.rename(rotated)  # what logrotate does
    assert monitored.post(status="ok")
    wait_until(lambda: "resolved" in states(lines(log)), "the end in a new file", 30, lambda: rulebook.output)
    assert rulebook.stop() == 0
    found = lines(rotated, log)
    assert states(found) == ["open", "dispatched", "running", "verifying", "resolved"]
    assert [line["event"]["sequence"] for line in found] == list(range(1, len(found) + 1))
    dispatch = next(line for line in found if line["event"]["action"] == "dispatch-ended")
    assert (dispatch["event"]["outcome"], dispatch["host"]["name"], dispatch["eventops"]["dispatch"]["cases"]) == ("success", "web-01", [1])
    assert log.stat().st_mode & 0o777 == 0o640


def test_the_log_on_standard_output_is_whole_lines_among_those_of_playbooks(rulebook):
    monitored = Monitored(rulebook, "stdout")
    rulebook.start()
    monitored.post_at_last()

    def logged() -> list[dict]:
        return [json.loads(line) for line in rulebook.output.splitlines() if line.startswith('{"@timestamp"')]

    wait_until(lambda: "verifying" in states(logged()), "the heal on standard output", 60, lambda: rulebook.output)
    assert "PLAY RECAP" in rulebook.output


def test_a_log_that_cannot_be_written_ends_the_start_with_what_to_do(rulebook, directory):
    Monitored(rulebook, str(directory / "not there" / "decisions.json"))
    rulebook.start()
    rulebook.wait_for(r"log: the directory .*not there does not exist; create it")
    assert rulebook.wait_for_exit() != 0


def test_a_heal_is_in_the_metrics_and_what_is_open_still_is_after_a_restart(rulebook, log):
    monitored = Monitored(rulebook, str(log))
    rulebook.start()
    monitored.post_at_last()
    assert monitored.post(host="web-02", alert="Slow")
    healed = 'eventops_dispatches_ended_total{outcome="succeeded"}'
    wait_until(lambda: monitored.metrics()['eventops_case_attempts_total{kind="incident"}'] == 2, "two attempts", 60, lambda: rulebook.output)
    wait_until(lambda: monitored.metrics()['eventops_cases{state="verifying"}'] == 2, "both healed", 60, lambda: rulebook.output)
    found = monitored.metrics()
    assert found['eventops_events_accepted_total{source="hook",type="alert.firing"}'] == 2
    assert found["eventops_case_dispatch_delay_seconds_count"] == 2 and found[healed] >= 1
    assert found["eventops_dispatch_hosts_sum"] == 2 and found["eventops_store_commit_seconds_count"] > 5
    assert found['eventops_source_up{source="hook"}'] == 1 and found["eventops_log_lines_total"] > 5
    assert rulebook.stop() == 0
    rulebook.start()
    wait_until(lambda: monitored.post(status="ok"), "the webhook", 60, lambda: rulebook.output)
    wait_until(lambda: monitored.metrics()['eventops_cases{state="verifying"}'] == 1, "one confirmed, one still open", 30, lambda: rulebook.output)
    found = monitored.metrics()
    assert found['eventops_cases_finished_total{kind="incident",state="resolved"}'] == 1 and found[healed] == 0
