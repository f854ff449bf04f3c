# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The front door on the real ansible-rulebook: what is answered is kept, over kill -9 and when it stops; alone, it feeds the rules."""

from __future__ import annotations

import hashlib
import hmac
import json
import signal
import ssl
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.tests.e2e.harness import Rulebook
from ansible_collections.eventops.infra.tests.e2e.ledger import Ledger
from ansible_collections.eventops.infra.tests.e2e.services import free_port
from ansible_collections.eventops.infra.tests.e2e.waiting import wait_until

SECRET = "the secret of the test"
GENERIC = {
    "generic": {
        "type": {"path": "payload.status", "map": {"down": "alert.firing", "ok": "alert.resolved"}},
        "name": "payload.alert",
        "hosts": "payload.host",
        "id": "payload.id",
    }
}
WRITE = """
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.shell: echo "{{ inventory_hostname }}" >> "{{ trace }}"
"""
RUN = {"run_playbook": {"name": "write.yml", "extra_vars": {"trace": "{{ trace }}"}}}
RULES = [{"name": "Write", "condition": 'event.type == "alert.firing"', "action": RUN}]


class Sender:
    """ansible-rulebook with a front door, and somebody who signs what it posts there."""

    def __init__(self, rulebook: Rulebook, *, alone: bool = False, **arguments) -> None:
        self.rulebook, self.port = rulebook, free_port()
        self.scheme = "https" if "certfile" in arguments else "http"
        self.trace = rulebook.directory / "trace"
        self.ledger = Ledger(rulebook.directory / "store.db")
        hook = {"adapter": GENERIC, "auth": {"hmac": {"algorithm": "sha256", "header": "X-Signature", "secrets": [{"env": "HOOK_SECRET"}]}}}
        http = {"eventops.infra.http": {"address": f"127.0.0.1:{self.port}", "endpoints": {"/hook": hook}, **arguments}}
        router = {"eventops.infra.router": {"store": str(self.ledger.store), "mode": "enforce", "sources": [{"name": "door", **http}]}}
        ruleset = {"name": "Door", "hosts": "all", "sources": [http if alone else {"name": "router", **router}], "rules": RULES}
        rulebook.write([ruleset], {"web-01": {}, "web-02": {}}, {"trace": str(self.trace)})
        rulebook.write_playbook("write.yml", WRITE)

    def start(self) -> Sender:
        self.rulebook.start(HOOK_SECRET=SECRET)
        wait_until(lambda: self.ask("/nothing", b"") == 404, "the front door", 60, lambda: self.rulebook.output[-4000:])
        return self

    def post(self, **payload) -> int | None:
        """Post a signed payload; return the status, None where nobody answers."""
        return self.ask("/hook", json.dumps({"alert": "Down", "status": "down", "host": "web-01", **payload}).encode())

    def ask(self, path: str, body: bytes, context: ssl.SSLContext | None = None) -> int | None:
        signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", "X-Signature": signature}
        request = urllib.request.Request(f"{self.scheme}://127.0.0.1:{self.port}{path}", body, headers)
        try:
            with urllib.request.urlopen(request, timeout=30, context=context) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return None

    @property
    def ran_on(self) -> list[str]:
        return self.trace.read_text().split() if self.trace.exists() else []


def test_what_is_answered_is_kept_and_known_again_over_kill_9(rulebook):
    sender = Sender(rulebook).start()
    assert sender.post(id="d-1") == 202 == sender.post(id="d-1")
    (event,) = sender.ledger.events()
    assert (event["event_id"], event["type"], event["source"]) == ("d-1", "alert.firing", "eventops.http:/hook")
    rulebook.kill()
    sender.start()
    assert sender.post(id="d-1") == 202 and sender.post(id="d-2", status="ok") == 202
    assert [row["event_id"] for row in sender.ledger.events(child="door")] == ["d-1", "d-2"]
    assert SECRET not in rulebook.output


def test_a_sender_that_is_not_known_reaches_no_rule(rulebook):
    sender = Sender(rulebook).start()
    body = json.dumps({"alert": "Down", "status": "down", "host": "web-01"}).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{sender.port}/hook", body, {"Content-Type": "application/json", "X-Signature": "0" * 64})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=30)
    assert refused.value.code == 401 and json.loads(refused.value.read())["status"] == 401
    assert sender.post(host="web-02") == 202
    wait_until(lambda: sender.ran_on == ["web-02"], "the run for the sender that is known", 60, lambda: rulebook.output[-4000:])
    assert len(sender.ledger.events(child="door")) == 1


def test_a_stop_answers_what_has_come_in_and_everything_answered_is_kept(rulebook):
    sender = Sender(rulebook).start()
    answered: list[str] = []
    stop = threading.Event()

    def post_on(name: str) -> None:
        number = 0
        while not stop.is_set() and rulebook.is_running:
            number += 1
            if sender.post(id=f"{name}-{number}", status="ok", host=f"h{number}") == 202:
                answered.append(f"{name}-{number}")

    posting = [threading.Thread(target=post_on, args=(name,)) for name in "abcd"]
    for each in posting:
        each.start()
    wait_until(lambda: len(answered) > 50, "some answers", 30)
    rulebook.send_signal(signal.SIGTERM)
    assert rulebook.wait_for_exit() == 0
    stop.set()
    for each in posting:
        each.join()
    kept = {row["event_id"] for row in sender.ledger.events(child="door")}
    assert set(answered) <= kept


def test_alone_on_stock_its_events_reach_the_rules_and_only_the_hosts_that_are_meant(rulebook):
    sender = Sender(rulebook, alone=True, inventory=str(rulebook.directory / "inventory")).start()
    assert sender.post(host="web-02", id="d-1") == 202 == sender.post(host="web-02", id="d-1")
    assert sender.post(host="all", id="d-2") == 202
    wait_until(lambda: sender.ran_on == ["web-02"], "the run", 60, lambda: rulebook.output[-4000:])
    wait_until(lambda: rulebook.output.count("PLAY [all]") or "eventops_unresolved" in rulebook.output, "the second event", 30)
    time.sleep(1)
    assert sender.ran_on == ["web-02"]


def test_a_mistake_ends_it_at_the_start_and_names_the_place(rulebook):
    sender = Sender(rulebook, endpoints={"/hook": {"adapter": "generic"}})
    rulebook.start()
    assert rulebook.wait_for_exit() != 0
    assert "sources[0].eventops.infra.router.sources[0].eventops.infra.http.endpoints./hook.auth: is missing" in rulebook.output, sender.rulebook.output[-3000:]


def test_a_new_certificate_is_taken_without_a_restart(rulebook, directory):
    def make(name: str) -> None:
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1"]
        for file in ("crt", "key"):
            Path(directory / f"tls.{file}").unlink(missing_ok=True)
        subprocess.run([*command, "-keyout", directory / "tls.key", "-out", directory / "tls.crt"], check=True, capture_output=True)

    def trusting() -> ssl.SSLContext:
        return ssl.create_default_context(cafile=directory / "tls.crt")

    make("first")
    sender = Sender(rulebook, certfile=str(directory / "tls.crt"), keyfile=str(directory / "tls.key"))
    rulebook.start(HOOK_SECRET=SECRET)
    wait_until(lambda: sender.ask("/nothing", b"", trusting()) == 404, "the front door", 60, lambda: rulebook.output[-4000:])
    make("second")
    wait_until(lambda: sender.ask("/nothing", b"", trusting()) == 404, "the new certificate", 60, lambda: rulebook.output[-4000:])
