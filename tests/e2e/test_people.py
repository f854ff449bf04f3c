# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""People and playbooks decide over a real router, with what docs/people.md shows; and the filter envelope does without a router."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from ansible_collections.eventops.infra.tests.e2e.harness import Rulebook
from ansible_collections.eventops.infra.tests.e2e.ledger import Ledger
from ansible_collections.eventops.infra.tests.e2e.waiting import wait_until
from ansible_collections.eventops.infra.tests.e2e.webhook import Webhook

DOCS = Path(__file__).absolute().parents[2] / "docs" / "people.md"
ADAPTER = {
    "generic": {
        "type": {"path": "payload.status", "map": {"down": "alert.firing", "ok": "alert.resolved"}},
        "name": "payload.alert",
        "hosts": "payload.host",
    }
}


def documented(name: str) -> dict:
    """Return the task of this name in the documentation."""
    blocks = re.findall(r"```yaml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    (task,) = [task for block in blocks for task in yaml.safe_load(block) if task["name"] == name]
    return task


def leaving_a_trace(trace: Path, *tasks: Mapping) -> list[dict]:
    """Return a playbook of a user's own, which writes down where it ran."""
    leave = {"ansible.builtin.shell": f"echo {{{{ inventory_hostname }}}} >> '{trace}'"}
    return [{"hosts": "all", "gather_facts": False, "tasks": [leave, *tasks]}]


class Operator:
    """A person with a terminal on the controller, a monitor that posts alerts, and ansible-rulebook around a stock webhook."""

    def __init__(self, rulebook: Rulebook, store: Path) -> None:
        self.rulebook = rulebook
        self.webhook = Webhook(rulebook)
        self.trace = rulebook.directory / "trace"
        self.store = store
        self.ledger = Ledger(store)

    def has(self, *rules: Mapping, **router: object) -> None:
        """Write a rulebook with the router around the webhook."""
        hook = {**self.webhook.source, "adapter": ADAPTER}
        arguments = {"store": str(self.store), "mode": "enforce", "sources": [hook], **router}
        self.has_source({"name": "router", "eventops.infra.router": arguments}, *rules)

    def has_source(self, source: Mapping, *rules: Mapping) -> None:
        """Write a rulebook with a source of the operator's own."""
        heal = {"name": "Heal", "condition": 'event.type == "alert.firing"', "action": {"run_playbook": {"name": "heal.yml"}}}
        ruleset = {"name": "Theirs", "hosts": "all", "execution_strategy": "parallel", "sources": [dict(source)], "rules": [heal, *rules]}
        self.rulebook.write([ruleset], {"web-01": {}, "web-02": {}, "db-01": {}})
        self.rulebook.write_playbook("heal.yml", leaving_a_trace(self.trace))

    def starts(self) -> None:
        """Start ansible-rulebook and wait until the webhook listens."""
        self.rulebook.start()
        self.webhook.wait()

    def alert(self, host: str, **payload: object) -> None:
        """Have the monitor post an alert."""
        assert self.webhook.post({"alert": "Down", "status": "down", "host": host, **payload}) == 200

    def does(self, task: Mapping) -> dict:
        """Run a task by hand with the real ansible-playbook, and return its result."""
        result = self.rulebook.directory / "result.json"
        keep = {"ansible.builtin.copy": {"content": "{{ result | to_json }}", "dest": str(result)}}
        playbook = [{"hosts": "localhost", "gather_facts": False, "tasks": [{**task, "register": "result"}, keep]}]
        path = self.rulebook.write_playbook("by_hand.yml", playbook)
        command = ["ansible-playbook", "--inventory", str(self.rulebook.directory / "inventory"), str(path)]
        env = self.rulebook.env | {"EVENTOPS_STORE": str(self.store)}
        done = subprocess.run(command, cwd=self.rulebook.directory, env=env, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(result.read_text())

    @property
    def ran_on(self) -> list[str]:
        """Where the playbook ran, in this order."""
        return self.trace.read_text().split() if self.trace.exists() else []

    def wait_for(self, **case: object) -> dict:
        """Wait until there is such a case."""
        return self.ledger.wait_for(lambda ledger: next(iter(ledger.cases(**case)), None), f"a case with {case}")


@pytest.fixture
def operator(rulebook, directory) -> Operator:
    """Return an operator whose store is beside the folder of the playbooks."""
    return Operator(rulebook, directory / "store.db")


def test_a_case_waits_for_an_approval_and_runs_when_it_has_it(operator):
    operator.has(mode="approve")
    operator.starts()
    operator.alert("web-01")
    operator.alert("db-01")
    operator.wait_for(state="awaiting_approval", hosts=["web-01"])
    other = operator.wait_for(state="awaiting_approval", hosts=["db-01"])

    waiting = operator.does(documented("See what waits for a person, and what holds automation up"))
    approved = operator.does(documented("Approve what waits for it"))

    assert {each["hosts"][0] for each in waiting["cases"]} == {"web-01", "db-01"} and waiting["mode"] == "approve"
    assert approved["changed"] and [each["hosts"] for each in approved["cases"]] == [["web-01"]]
    case = operator.wait_for(state="verifying", hosts=["web-01"])
    assert operator.ran_on == ["web-01"]
    assert operator.ledger.cases(id=other["id"], state="awaiting_approval"), "db-01 was not meant"
    (row,) = [row for row in operator.ledger.history(case["id"]) if row["by"] != "router"]
    assert (row["from_state"], row["to_state"], row["by"]) == ("awaiting_approval", "open", "alice")
    assert operator.rulebook.stop() == 0


def test_a_pause_holds_from_the_next_dispatch_on_and_over_a_kill(operator):
    operator.has()
    operator.starts()
    assert operator.does(documented("Leave the database hosts alone"))["changed"]
    operator.alert("db-01")
    operator.wait_for(state="waiting", waits_for="pause", hosts=["db-01"])
    assert operator.does(documented("Stop everything for the time of a change"))["changed"]
    operator.alert("web-01")
    operator.wait_for(state="waiting", waits_for="pause", hosts=["web-01"])

    operator.rulebook.kill()
    operator.starts()
    operator.alert("web-02")
    held = operator.wait_for(state="waiting", waits_for="pause", hosts=["web-02"])

    assert "paused by alice: The core switch is replaced" in held["reason"]
    assert operator.ran_on == []
    resumed = operator.does(documented("Go on"))
    assert resumed["changed"] and [pause["match"] for pause in resumed["pauses"]] == [{"host": "db-*"}], "what is paused by another match stays so"
    for host in ("web-01", "web-02"):
        operator.wait_for(state="verifying", hosts=[host])
    assert sorted(operator.ran_on) == ["web-01", "web-02"]
    assert operator.does({"eventops.infra.case": {"state": "resumed"}})["pauses"] == []
    operator.wait_for(state="verifying", hosts=["db-01"])


def test_a_playbook_tells_its_case_what_it_found_and_hands_in_an_event(operator):
    """As a rule starts it: nothing says where the store is."""
    reported = operator.rulebook.directory / "reported"
    report = {"name": "Report", "condition": 'event.type == "request.report"', "action": {"run_playbook": {"name": "report.yml"}}}
    operator.has(report)
    told = documented("Tell what was found"), documented("Ask for a report")
    operator.rulebook.write_playbook("heal.yml", leaving_a_trace(operator.trace, *told))
    kind = {"ansible.builtin.copy": {"content": "{{ ansible_eda.event.data.kind }}", "dest": str(reported)}}
    operator.rulebook.write_playbook("report.yml", [{"hosts": "localhost", "gather_facts": False, "tasks": [kind]}])
    operator.starts()

    operator.alert("web-01")

    wait_until(reported.exists, "the report", 60, lambda: operator.rulebook.output[-4000:])
    case = operator.wait_for(state="verifying", hosts=["web-01"])
    assert "The disk of web-01 is full of core dumps" in [row["why"] for row in operator.ledger.history(case["id"])]
    asked = operator.wait_for(type="request.report", state="resolved")
    assert reported.read_text() == "usage" and asked["kind"] == "request"


def test_a_person_ends_what_the_policy_would_go_on_with(operator):
    operator.has(policy={"attempts": {"max": 3, "backoff": 3600}, "cooldown": 3600})
    operator.rulebook.write_playbook("heal.yml", leaving_a_trace(operator.trace, {"ansible.builtin.fail": {"msg": "the disk is on fire"}}))
    operator.starts()
    operator.alert("web-01")
    case = operator.wait_for(state="waiting", waits_for="backoff")

    operator.does({"eventops.infra.case": {"case": case["id"], "state": "retried", "by": "alice"}})
    operator.ledger.wait_for(lambda ledger: ledger.cases(id=case["id"], state="waiting", attempt=2), "the second attempt, without the hour between")
    operator.does({"eventops.infra.case": {"case": case["id"], "state": "suppressed", "by": "alice", "why": "it is being replaced"}})
    operator.alert("web-01")

    operator.ledger.wait_for(lambda ledger: ledger.cases(count=2), "the repeated alert")
    (only,) = operator.ledger.cases()
    assert (only["state"], only["reason"]) == ("suppressed", "suppressed by alice: it is being replaced")
    operator.alert("web-01", status="ok")
    operator.ledger.wait_for(lambda ledger: ledger.cases(live=0), "the end of the alert")
    operator.alert("web-01")
    operator.wait_for(state="waiting", waits_for="cooldown")
    operator.does({"eventops.infra.case": {"dedup_key": "alert/Down/web-01", "state": "retried", "by": "alice"}})
    operator.ledger.wait_for(lambda ledger: ledger.cases(id=2, state="waiting", attempt=1), "an attempt that did not wait for the cooldown")
    assert operator.ran_on == ["web-01"] * 3


def test_without_a_router_a_stock_source_gets_the_same_envelope(operator):
    inventory = str(operator.rulebook.directory / "inventory")
    bait = f"{{{{ lookup('pipe', 'touch {operator.rulebook.directory}/PWNED') }}}}"
    envelope = {"eventops.infra.envelope": {"adapter": ADAPTER, "inventory": inventory, "source": "hook"}}
    operator.has_source({**operator.webhook.source, "filters": [envelope]})
    seen = operator.rulebook.directory / "seen"
    look = {"ansible.builtin.copy": {"content": "{{ ansible_eda.event | to_json }}", "dest": f"{seen}-{{{{ inventory_hostname }}}}"}}
    operator.rulebook.write_playbook("heal.yml", leaving_a_trace(operator.trace, look))
    operator.starts()

    for host in ("all", "web-*", "web-99", bait, "web-01"):
        operator.alert(host, note=bait, password="hunter2")

    wait_until(lambda: operator.ran_on, "the playbook", 60, lambda: operator.rulebook.output[-4000:])
    found = Path(f"{seen}-web-01")
    event = json.loads(wait_until(lambda: found.exists() and found.read_text(), "what the playbook saw", 30))
    assert operator.ran_on == ["web-01"]
    assert not (operator.rulebook.directory / "PWNED").exists()
    assert (event["type"], event["hosts"], event["source"], event["meta"]["hosts"]) == ("alert.firing", ["web-01"], "hook", ["web-01"])
    assert event["payload"]["password"] == "[redacted]" and event["payload"]["note"].startswith("\uff5b")
    assert operator.rulebook.is_running
