# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The console of the real ansible-rulebook: a person pauses, approves and reads what happened; a restart forgets none of it."""

from __future__ import annotations

import html
import json
import socket
import urllib.error
import urllib.parse
import urllib.request

from ansible_collections.eventops.infra.tests.e2e.ledger import Ledger
from ansible_collections.eventops.infra.tests.e2e.services import free_port
from ansible_collections.eventops.infra.tests.e2e.waiting import wait_until

TOKEN = "the-token-of-ann-0123456789"
PLAYBOOK = [{"hosts": "all", "gather_facts": False, "tasks": [{"ansible.builtin.debug": {"msg": "healed"}}]}]
RULES = [{"name": "Heal", "condition": 'event.payload.alert == "Down"', "action": {"run_playbook": {"name": "heal.yml"}}}]
TYPES = {"path": "payload.status", "map": {"down": "alert.firing", "ok": "alert.resolved"}}
ADAPTER = {"generic": {"type": TYPES, "name": "payload.alert", "hosts": "payload.host"}}


class Console:
    """The console of a router with a webhook, and the ledger to compare it with."""

    def __init__(self, rulebook, directory, **router) -> None:
        self.rulebook = rulebook
        self.hook, self.port = free_port(), free_port()
        self.store = directory / "store.db"
        self.ledger = Ledger(self.store)
        listen = {"address": f"127.0.0.1:{self.port}", "tokens": [{"name": "ann", "env": "TOKEN_OF_ANN"}]}
        sources = [{"name": "hook", "eda.builtin.webhook": {"host": "127.0.0.1", "port": self.hook}, "adapter": ADAPTER}]
        arguments = {"store": str(self.store), "mode": "enforce", "listen": listen, "sources": sources, **router}
        ruleset = {"name": "Theirs", "hosts": "all", "sources": [{"name": "router", "eventops.infra.router": arguments}], "rules": RULES}
        rulebook.write([ruleset], {"web-01": {}, "web-02": {}})
        rulebook.write_playbook("heal.yml", PLAYBOOK)

    def start(self) -> None:
        self.rulebook.start(TOKEN_OF_ANN=TOKEN)
        wait_until(lambda: self.status("/readyz") == 200, "a router that is ready", 90, lambda: self.rulebook.output)
        wait_until(lambda: self.alert("web-02", "ok"), "the webhook", 60, lambda: self.rulebook.output)

    def alert(self, host: str, status: str = "down") -> bool:
        body = json.dumps({"alert": "Down", "host": host, "status": status}).encode()
        try:
            return urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{self.hook}/", body), timeout=30).status == 200
        except OSError:
            return False

    def get(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as response:
            return response.read().decode()

    def status(self, path: str) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as response:
                return response.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def order(self, path: str, **fields: str) -> dict:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", urllib.parse.urlencode(fields).encode(), headers)
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)

    def health(self) -> dict:
        return json.loads(self.get("/healthz"))


def test_a_person_pauses_from_the_console_and_a_restart_keeps_it(rulebook, directory):
    console = Console(rulebook, directory)
    console.start()
    health = console.health()
    assert (health["status"], health["mode"], health["children"]["hook"]["state"]) == ("ok", "enforce", "running")

    assert console.order("/pause", why="we are deploying")["changed"]
    assert console.alert("web-01")
    console.ledger.wait_for(lambda ledger: ledger.cases(type="alert.firing"), "the alert is a case")
    wait_until(lambda: "Down <span" in console.get("/"), "the case is shown", 30)
    (case,) = console.ledger.cases(type="alert.firing")
    assert console.ledger.dispatches() == []
    assert "we are deploying" in console.get("/") and "pause" in console.get(f"/cases/{case['id']}")
    assert "eventops_paused 1.0" in console.get("/metrics")

    stream = urllib.request.urlopen(f"http://127.0.0.1:{console.port}/live", timeout=30)
    stream.readline()
    assert rulebook.stop() == 0, "an open page holds nobody up"
    stream.close()
    console.start()
    (pause,) = console.health()["pauses"]
    assert (pause["by"], pause["why"]) == ("ann", "we are deploying") and console.ledger.dispatches() == []

    assert console.order("/resume")["changed"]
    console.ledger.wait_for(lambda ledger: ledger.cases(id=case["id"], state="verifying"), "it is healed")
    assert console.alert("web-01", "ok")
    console.ledger.wait_for(lambda ledger: ledger.cases(id=case["id"], state="resolved"), "it is confirmed")
    page = wait_until(lambda: (text := console.get(f"/cases/{case['id']}")) and "state-resolved" in text and text, "its page says so", 30)
    for told in ("Attempt 1", "heal.yml", "web-01", "status-ok", '"alert": "Down"'):
        assert told in html.unescape(page)
    assert TOKEN not in rulebook.output + page + console.get("/healthz")


def test_a_person_approves(rulebook, directory):
    console = Console(rulebook, directory, mode="approve")
    console.start()
    assert console.alert("web-01")
    (case,) = console.ledger.wait_for(lambda ledger: ledger.cases(state="awaiting_approval"), "it awaits an approval")
    assert console.ledger.dispatches() == []
    assert console.order(f"/cases/{case['id']}/approve", why="I know this one")["changed"]
    console.ledger.wait_for(lambda ledger: ledger.cases(id=case["id"], state="verifying"), "it is healed")
    assert "ann" in [row["by"] for row in console.ledger.history(case["id"])]


def test_a_mistake_in_listen_ends_the_start(rulebook, directory):
    Console(rulebook, directory, listen={"address": "0.0.0.0:5050", "tokens": []})
    rulebook.start()
    assert rulebook.wait_for_exit() != 0
    assert "Theirs: sources[0].eventops.infra.router.listen.tokens: must name at least one token" in rulebook.output


def test_an_address_in_use_ends_the_start(rulebook, directory):
    console = Console(rulebook, directory)
    with socket.create_server(("127.0.0.1", console.port)):
        rulebook.start(TOKEN_OF_ANN=TOKEN)
        assert rulebook.wait_for_exit() != 0
    assert "listen.address: must be an address that is free" in rulebook.output and TOKEN not in rulebook.output
