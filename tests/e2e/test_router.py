# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A user's own rulebook and playbook, which know nothing of the collection, with the router around their source."""

from __future__ import annotations

import json
import resource
import signal
import time
from pathlib import Path

import yaml
from ansible_collections.eventops.infra.plugins.plugin_utils.store.sqlite import SqliteStore
from ansible_collections.eventops.infra.tests.e2e.harness import Rulebook
from ansible_collections.eventops.infra.tests.e2e.ledger import Ledger
from ansible_collections.eventops.infra.tests.e2e.waiting import wait_until
from ansible_collections.eventops.infra.tests.e2e.webhook import Webhook
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.store.promises.examples import add_case

# Theirs. It leaves a line for each host it ran on, and fails while a file says so.
PLAYBOOK = """
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.shell: echo "{{ inventory_hostname }}" >> "{{ trace }}"
    - ansible.builtin.pause:
        seconds: "{{ ansible_eda.event.payload.seconds | default(0) }}"
    - ansible.builtin.fail:
        msg: the disk is on fire
      when: (trace ~ '.broken') is exists
"""
RULES = [
    {
        "name": "Heal",
        "condition": 'event.payload.alert == "Down"',
        "action": {"run_playbook": {"name": "heal.yml", "extra_vars": {"trace": "{{ trace }}"}}},
    },
    {
        "name": "Call a person",
        "condition": 'event.type == "case.exhausted"',
        "action": {"run_playbook": {"name": "call.yml", "extra_vars": {"trace": "{{ trace }}"}}},
    },
]
CALL = """
- hosts: localhost
  gather_facts: false
  tasks:
    - ansible.builtin.copy:
        content: "{{ ansible_eda.event.data | to_json }}"
        dest: "{{ trace }}.called"
"""
# The few lines that it takes: how to read the payload, and that the monitor's "ok" ends a case.
ADAPTER = {
    "generic": {
        "type": {"path": "payload.status", "map": {"down": "alert.firing", "ok": "alert.resolved"}},
        "name": "payload.alert",
        "hosts": "payload.host",
        "id": "payload.id",
    }
}


class User:
    """A user with a webhook, a playbook, and a monitor that posts to it."""

    def __init__(self, rulebook: Rulebook, *, hosts: tuple[str, ...] = ("web-01", "web-02"), **router) -> None:
        self.rulebook = rulebook
        self.webhook = Webhook(rulebook)
        self.trace = rulebook.directory / "trace"
        self.store = rulebook.directory / "state" / "store.db"
        self.store.parent.mkdir()
        self.ledger = Ledger(self.store)
        hook = {**self.webhook.source, "adapter": ADAPTER}
        policy = {"attempts": {"max": 3, "backoff": 0.5, "jitter": 0}, "confirm": {"within": 60}}
        arguments = {"store": str(self.store), "mode": "enforce", "policy": policy, "sources": [hook], **router}
        rules = [{"name": "Theirs", "hosts": "all", "sources": [{"name": "router", "eventops.infra.router": arguments}], "rules": RULES}]
        rulebook.write(rules, {host: {} for host in hosts}, {"trace": str(self.trace)})
        rulebook.write_playbook("heal.yml", PLAYBOOK)
        rulebook.write_playbook("call.yml", CALL)

    def start(self, *options: str, **env: str) -> User:
        self.rulebook.start(*options, **env)
        self.webhook.wait()
        return self

    def post(self, **payload) -> int:
        """Post a payload; return the status."""
        return self.webhook.post({"alert": "Down", "status": "down", "host": "web-01", **payload})

    @property
    def ran_on(self) -> list[str]:
        return self.trace.read_text().split() if self.trace.exists() else []

    def wait_for_state(self, state: str, case_id: int = 1) -> dict:
        return self.ledger.wait_for(lambda ledger: next(iter(ledger.cases(id=case_id, state=state)), None), f"case {case_id} {state}")


def test_a_playbook_of_their_own_gets_confirmation_and_history(rulebook):
    user = User(rulebook).start()
    assert user.post() == 200
    user.wait_for_state("verifying")
    assert user.post(status="ok") == 200
    user.wait_for_state("resolved")
    assert user.ran_on == ["web-01"]
    assert user.ledger.states(1) == ["open", "dispatched", "running", "verifying", "resolved"]
    (execution,) = user.ledger.executions()
    assert (execution["host"], execution["status"], execution["error"]) == ("web-01", "ok", None)
    assert rulebook.stop() == 0


def test_a_playbook_of_their_own_gets_retries_with_growing_waits_and_a_call_for_help(rulebook):
    user = User(rulebook)
    Path(f"{user.trace}.broken").touch()
    user.start()
    user.post()
    exhausted = user.wait_for_state("exhausted")
    assert "the disk is on fire" in exhausted["reason"]
    called = wait_until(lambda: Path(f"{user.trace}.called").exists() and json.loads(Path(f"{user.trace}.called").read_text()), "the call", 30)
    assert (called["name"], called["hosts"], called["attempts"]) == ("Down", ["web-01"], 3)
    assert user.ran_on == ["web-01"] * 3
    waits = [row["time"] for row in user.ledger.history(1) if row["to_state"] in ("waiting", "dispatched")][1:]
    first, second = waits[1] - waits[0], waits[3] - waits[2]
    assert 0.4 < first < second
    assert user.post() == 200 and len(user.ledger.wait_for(lambda ledger: ledger.cases(count=2), "the repeated alert counted")) == 1
    assert "case 1, Down on web-01: exhausted: attempt 3 of 3 failed" in rulebook.output, "a warning in the log of ansible-rulebook"


def test_what_was_broken_and_is_mended_heals_at_the_next_attempt(rulebook):
    user = User(rulebook, policy={"attempts": {"max": 3, "backoff": 3, "jitter": 0}})
    broken = Path(f"{user.trace}.broken")
    broken.touch()
    user.start()
    user.post()
    user.wait_for_state("waiting")
    broken.unlink()
    assert user.wait_for_state("verifying")["attempt"] == 2


def test_an_alert_that_nobody_confirms_is_a_failed_attempt(rulebook):
    user = User(rulebook, policy={"attempts": {"max": 2, "backoff": 0.1, "jitter": 0}, "confirm": {"within": 1}}).start()
    user.post()
    exhausted = user.wait_for_state("exhausted")
    assert "did not confirm" in exhausted["reason"] and user.ran_on == ["web-01"] * 2


def test_the_sender_does_not_wait_for_the_playbook_and_a_repeated_delivery_is_one_event(rulebook):
    user = User(rulebook).start()
    user.post(id="one", seconds=10)
    user.wait_for_state("running")
    began = time.monotonic()
    assert [user.post(id=f"e{number}", host="web-02") for number in range(10)] == [200] * 10
    assert time.monotonic() - began < 9, "ten senders together waited less than one playbook takes"
    assert [user.post(id="e0", host="web-02") for _again in range(3)] == [200] * 3
    user.wait_for_state("verifying", 2)
    assert len(user.ledger.events()) == 11 and user.ledger.cases(id=2)[0]["count"] == 10
    assert user.ran_on == ["web-01", "web-02"]


def test_observe_writes_down_what_it_would_do_and_runs_nothing(rulebook):
    user = User(rulebook, mode="observe").start()
    user.post()
    observed = user.wait_for_state("observed")
    assert "web-01" in observed["reason"]
    assert rulebook.stop() == 0
    assert user.ran_on == []
    assert "mode observe: the router writes down what it would do, and runs nothing" in rulebook.output


def test_sigterm_lets_the_running_playbook_end_and_keeps_the_rest_for_the_next_start(rulebook):
    user = User(rulebook).start()
    user.post(seconds=4)
    user.wait_for_state("running")
    user.post(host="web-02")
    user.wait_for_state("open", 2)
    rulebook.send_signal(signal.SIGTERM)
    assert rulebook.wait_for_exit() == 0
    assert user.ran_on == ["web-01"]
    assert [case["state"] for case in user.ledger.cases()] == ["verifying", "open"]
    user.start()
    user.wait_for_state("verifying", 2)
    assert user.ran_on == ["web-01", "web-02"]


def test_a_second_signal_ends_at_once(rulebook):
    user = User(rulebook).start()
    user.post(seconds=30)
    user.wait_for_state("running")
    rulebook.send_signal(signal.SIGTERM)
    time.sleep(1)
    rulebook.send_signal(signal.SIGTERM)
    assert rulebook.wait_for_exit(5) != 0


def test_a_full_disk_is_said_to_the_sender_and_nothing_is_lost(rulebook):
    """A limit on the size of files, set on the running process, stands for the full disk: writing the store fails.

    It is less than one event takes: the store's log is written from its start again and again, within the size that it has.
    """
    user = User(rulebook).start()
    assert user.post(id="before", alert="Other") == 200
    before = resource.prlimit(rulebook.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(rulebook.pid, resource.RLIMIT_FSIZE, (4096, before[1]))
    statuses = [user.post(id="during", alert="Other", padding="x" * 50_000) for _again in range(2)]
    assert statuses == [503, 503]
    resource.prlimit(rulebook.pid, resource.RLIMIT_FSIZE, before)
    wait_until(lambda: user.post(id="during", alert="Other", padding="x" * 50_000) == 200, "intake after the disk has room", 30)
    assert user.post(id="after") == 200
    user.ledger.wait_for(lambda ledger: ledger.cases(dedup_key="alert/Down/web-01", state="verifying"), "the next alert healed")
    assert len([event for event in user.ledger.events() if event["event_id"] == "during"]) == 1


def test_a_child_that_fails_is_started_again_and_takes_nobody_with_it(rulebook):
    broken = {"name": "broken", "eda.builtin.generic": {"payload_file": "not there"}}
    user = _with_child(User(rulebook), broken).start()
    rulebook.wait_for(r"broken: the source eda.builtin.generic failed, next start in 2 s")
    assert user.post() == 200
    user.wait_for_state("verifying")


def test_a_stock_source_that_finishes_ends_the_router_when_all_is_done(rulebook):
    """eda.builtin.generic with a stock filter."""
    events = [{"payload": {"alert": "Down", "status": "down", "host": "web-01"}}, {"nested": {"payload-x": 1}}]
    filters = [{"eda.builtin.dashes_to_underscores": {}}]
    child = {"name": "events", "eda.builtin.generic": {"payload": events}, "adapter": ADAPTER, "filters": filters}
    user = _with_child(User(rulebook), child, only=True)
    rulebook.start()
    assert rulebook.wait_for_exit() == 0
    assert user.ran_on == ["web-01"]
    assert [case["state"] for case in user.ledger.cases()] == ["verifying", "suppressed"]
    assert user.ledger.events()[1]["body"]["data"] == {"nested": {"payload_x": 1}}


def test_the_filter_takes_in_what_a_top_level_source_receives(rulebook):
    user = User(rulebook, sources=[])
    (ruleset,) = yaml.safe_load((rulebook.directory / "rulebook.yml").read_text())
    filters = [{"eventops.infra.intake": {"source": "hook", "adapter": ADAPTER}}]
    ruleset["sources"].append({**user.webhook.source, "filters": filters})
    (rulebook.directory / "rulebook.yml").write_text(yaml.safe_dump([ruleset], sort_keys=False))
    user.start()
    assert user.post() == 200
    assert user.wait_for_state("verifying")["child"] == "hook"
    assert user.ran_on == ["web-01"]


def _with_child(user: User, child: dict, *, only: bool = False) -> User:
    path = user.rulebook.directory / "rulebook.yml"
    rulesets = yaml.safe_load(path.read_text())
    arguments = rulesets[0]["sources"][0]["eventops.infra.router"]
    arguments["sources"] = [child] if only else [*arguments["sources"], child]
    path.write_text(yaml.safe_dump(rulesets, sort_keys=False))
    return user


def test_what_is_older_than_is_to_be_kept_is_deleted_and_nothing_else(rulebook):
    user = User(rulebook, retention="90d")
    store = SqliteStore(user.store)
    day = 86_400
    for number, age in enumerate((100, 80)):
        then = time.time() - age * day
        over = {"state": "resolved", "live": False, "opened_at": then, "updated_at": then}
        store.run_now(lambda tx, number=number, over=over: add_case(tx, number, dedup_key=f"{number}", **over))
    store.close()
    user.start()
    user.ledger.wait_for(lambda ledger: [case["dedup_key"] for case in ledger.cases()] == ["1"], "what is old is deleted")
    assert len(user.ledger.events()) == 1
