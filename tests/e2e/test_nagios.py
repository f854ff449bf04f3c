# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Notifications of the real Nagios become events, with the notify command and the configuration that docs/nagios.md shows."""

from __future__ import annotations

import json
import shlex
import time
from pathlib import Path

import pytest
import yaml
from ansible_collections.eventops.infra.tests.e2e import nagios as real
from ansible_collections.eventops.infra.tests.e2e.documents import block, changed
from ansible_collections.eventops.infra.tests.e2e.harness import Rulebook
from ansible_collections.eventops.infra.tests.e2e.ledger import Ledger
from ansible_collections.eventops.infra.tests.e2e.nagios import Nagios
from ansible_collections.eventops.infra.tests.e2e.services import free_port, wait_until_it_listens
from ansible_collections.eventops.infra.tests.e2e.waiting import wait_until

pytestmark = real.needed

PAGE = "nagios.md"
TOKEN = "a-token-of-the-test"
RULES = [{"name": "Nothing", "condition": 'event.type == "never"', "action": {"none": {}}}]
# Quotation marks, backslashes, markers of templates, commands, a comment of the shell, what ends JSON, and letters that are no ASCII.
HOSTILE = """'"\\" \\x {{ 7 * 7 }} {% raw %} $(touch PWNED) `touch PWNED` & # ", "hosts": ["web-02"], "x": "${PATH} $HOSTNAME$ %s <b> größe"""


class Site:
    """The page's site: web-01 with the service web, the notify command, and a rulebook that takes what comes."""

    def __init__(self, rulebook: Rulebook, directory: Path, env: dict[str, str]) -> None:
        self.rulebook = rulebook
        self.nagios = Nagios(directory / "nagios", env)
        self.ledger = Ledger(directory / "store.db")
        self._directory = directory
        self._seen = 0

    def start(self) -> None:
        port = free_port()
        token, header, command = (self._directory / name for name in ("nagios.token", "eventops.header", "nagios-notify"))
        token.write_text(f"{TOKEN}\n", encoding="ascii")
        header.write_text(f"Authorization: Bearer {TOKEN}\n", encoding="ascii")
        here = f"127.0.0.1:{port}"
        command.write_text(
            changed(block(PAGE, "sh", "#!/bin/sh"), {"@/etc/nagios4/eventops.header": shlex.quote(f"@{header}"), "127.0.0.1:5001": here}), encoding="utf-8"
        )
        command.chmod(0o755)

        shown = yaml.safe_load(changed(block(PAGE, "yaml", "sources:"), {"127.0.0.1:5001": here, "/etc/eventops/nagios.token": f'"{token}"'}))
        shown["sources"][0]["eventops.infra.router"]["store"] = str(self.ledger.store)
        self.rulebook.write([{"name": "Nagios", "hosts": "all", **shown, "rules": RULES}], {"web-01": {}, "web-02": {}})
        self.rulebook.start()
        objects = changed(block(PAGE, "ini", "# conf.d/eventops.cfg"), {"/usr/local/lib/eventops/nagios-notify": shlex.quote(str(command))})
        self.nagios.start(block(PAGE, "ini", "# nagios.cfg"), objects, {"web-01": ["web"]})
        wait_until_it_listens(self.rulebook, port)

    def next_event(self) -> dict:
        """Wait for the event after the one that this returned last."""

        def told() -> str:
            return self.nagios.log() + self.rulebook.output[-2000:]

        events = wait_until(lambda: self.ledger.events()[self._seen :], "the next event", 30, told)
        self._seen += 1
        return events[0]["body"]


@pytest.fixture
def site(rulebook: Rulebook, directory: Path, env: dict[str, str]) -> Site:
    site = Site(rulebook, directory, env)
    site.start()
    return site


def test_what_nagios_notifies_of_becomes_events(site, directory):
    nagios = site.nagios

    nagios.service("web-01", "web", 2, "HTTP CRITICAL: connection refused|time=0.01s\\nand a second line")
    problem = site.next_event()
    assert (problem["type"], problem["severity"], problem["hosts"]) == ("alert.firing", "critical", ["web-01"])
    assert (problem["data"]["name"], problem["data"]["summary"]) == ("web", "HTTP CRITICAL: connection refused")
    assert (problem["data"]["description"], problem["data"]["state"], problem["data"]["state_type"]) == ("and a second line", "CRITICAL", "HARD")
    nagios.service("web-01", "web", 0, "HTTP OK")
    recovery = site.next_event()
    assert (recovery["type"], recovery["dedup_key"]) == ("alert.resolved", problem["dedup_key"])

    nagios.service("web-01", "web", 1, HOSTILE)
    hostile = site.next_event()
    assert (hostile["severity"], hostile["data"]["summary"]) == ("warning", HOSTILE)
    assert (hostile["hosts"], hostile["dedup_key"]) == (["web-01"], problem["dedup_key"])
    assert not list(directory.rglob("PWNED"))
    nagios.service("web-01", "web", 0, "HTTP OK")
    assert site.next_event()["type"] == "alert.resolved"

    nagios.host("web-01", 1, "PING CRITICAL - Packet loss = 100%")
    down = site.next_event()
    assert (down["type"], down["severity"], down["hosts"]) == ("alert.firing", "critical", ["web-01"])
    assert (down["data"]["state"], down["data"]["check"]) == ("DOWN", "host")
    nagios.host("web-01", 0, "PING OK")
    up = site.next_event()
    assert (up["type"], up["dedup_key"]) == ("alert.resolved", down["dedup_key"])
    assert down["dedup_key"] != problem["dedup_key"]

    now = int(time.time())
    nagios.command(f"SCHEDULE_SVC_DOWNTIME;web-01;web;{now - 1};{now + 600};1;0;600;somebody;the disk is replaced")
    downtime = site.next_event()
    assert (downtime["type"], downtime["hosts"]) == ("nagios.downtime_start", ["web-01"])
    assert (downtime["data"]["author"], downtime["data"]["comment"]) == ("somebody", "the disk is replaced")
    nagios.command("DEL_SVC_DOWNTIME;1")
    assert site.next_event()["type"] == "nagios.downtime_cancelled"

    types = []
    for state in (2, 0) * 10:  # it flaps
        nagios.service("web-01", "web", state, "wavers")
        types.append(site.next_event()["type"])
        if types[-1].startswith("nagios."):
            break
    assert types[:-1] == (["alert.firing", "alert.resolved"] * 10)[: len(types) - 1]
    assert types[-1] == "nagios.flapping_start"

    assert [case["hosts"] for case in site.ledger.cases()] == [["web-01"]] * len(site.ledger.cases())
    assert TOKEN not in site.rulebook.output + json.dumps(site.ledger.events())
