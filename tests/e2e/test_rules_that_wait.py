# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What each kind of rule and action means for a case (docs/rules.md), on the real ansible-rulebook."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.tests.e2e.harness import Rulebook
from ansible_collections.eventops.infra.tests.e2e.ledger import Ledger
from ansible_collections.eventops.infra.tests.e2e.waiting import wait_until
from ansible_collections.eventops.infra.tests.e2e.webhook import Webhook

# It leaves a line for each host when it begins and when it ends, and ends when there is a file with the name of its gate.
PLAYBOOK = """
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.shell: echo "{{ what }} began {{ inventory_hostname }}" >> "{{ trace }}"
    - ansible.builtin.wait_for:
        path: "{{ trace }}.{{ gate | default('open') }}"
        timeout: 60
    - ansible.builtin.shell: echo "{{ what }} ended {{ inventory_hostname }}" >> "{{ trace }}"
"""


def runs(what: str, **extra) -> dict:
    return {"run_playbook": {"name": "work.yml", "extra_vars": {"trace": "{{ trace }}", "what": what, **extra}}}


def named(name: str) -> str:
    return f'event.type == "alert.firing" and event.data.name == "{name}"'


class Site:
    """Four local hosts whose monitor posts envelopes to a stock webhook, and rules of a user's own."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.rulebook = rulebook
        self.webhook = Webhook(rulebook)
        self.trace = rulebook.directory / "trace"
        self.store = rulebook.directory / "state" / "store.db"
        self.store.parent.mkdir()
        self.ledger = Ledger(self.store)
        self.open("open")

    def has(self, *rules: Mapping, strategy: str = "parallel", max_in_flight: int = 4, persistent: bool = False, **ruleset: object) -> Site:
        """Start ansible-rulebook with the router around the webhook, and these rules; `persistent`: the engine keeps its own state, too."""
        self._options = ("--persistence-id", "site") if persistent else ()
        policy = {"attempts": {"max": 2, "backoff": 60}, "cooldown": 0, "max_in_flight": max_in_flight}
        arguments = {"store": str(self.store), "mode": "enforce", "policy": policy, "sources": [self.webhook.source]}
        sources = [{"name": "router", "eventops.infra.router": arguments}]
        whole = {"name": "Site", "hosts": "all", "execution_strategy": strategy, **ruleset, "sources": sources, "rules": list(rules)}
        variables = {"trace": str(self.trace), "drools_db_file_path": str(self.rulebook.directory.parent / "engine")}
        self.rulebook.write([whole], {f"host-{number}": {} for number in range(1, 5)}, variables)
        self.rulebook.write_playbook("work.yml", PLAYBOOK)
        return self.start()

    def start(self) -> Site:
        self.rulebook.start(*self._options)
        self.webhook.wait()
        return self

    def open(self, gate: str) -> None:
        Path(f"{self.trace}.{gate}").touch()

    def alert(self, name: str, host: str, type_: str = "alert.firing", **data) -> None:
        """Post an alert and wait until it is taken in."""
        event = {"specversion": "1.0", "type": type_, "subject": host, "hosts": [host], "data": {"name": name, **data}}
        assert self.webhook.post(event) == 200

    def case(self, name: str, host: str, state: str) -> dict:
        """Wait until the case of an alert has a state."""
        return self.ledger.wait_for(
            lambda ledger: next(iter(ledger.cases(dedup_key=f"alert/{name}/{host}", state=state)), None), f"{name} on {host} {state}"
        )

    def parked(self, name: str, host: str) -> dict:
        """Wait until a rule may take an alert later."""
        return self.ledger.wait_for(
            lambda ledger: next((case for case in ledger.cases(dedup_key=f"alert/{name}/{host}") if "may take it later" in case["reason"]), None),
            f"{name} on {host} waiting for a rule",
        )

    def lines(self, what: str = "") -> list[str]:
        return [line for line in (self.trace.read_text().splitlines() if self.trace.exists() else []) if line.startswith(what)]

    def wait_for_line(self, line: str) -> None:
        wait_until(lambda: line in self.lines(), line, 60, lambda: f"{self.lines()}\n{self.rulebook.output[-3000:]}")


@pytest.fixture(name="site")
def _site(rulebook: Rulebook) -> Site:
    return Site(rulebook)


LEFT_AND_RIGHT = {
    "name": "Both",
    "condition": {"all": [f"events.left << {named('Left')}", f"{named('Right')} and event.data.pair == events.left.data.pair"], "timeout": "5 minutes"},
    "action": runs("both"),
}


def test_a_throttle_collects_cases_and_one_run_heals_them(site):
    site.has(
        {
            "name": "After a while",
            "condition": named("Slow"),
            "throttle": {"once_after": "10 seconds", "group_by_attributes": ["event.subject"]},
            "action": runs("collected"),
        }
    )
    for host in ("host-1", "host-2"):
        site.alert("Slow", host)
    site.alert("Unknown", "host-3")
    site.case("Unknown", "host-3", "unmatched")
    assert site.parked("Slow", "host-1")["state"] == "dispatched" and site.lines() == []
    for host in ("host-1", "host-2"):
        site.case("Slow", host, "verifying")
    assert sorted(site.lines()) == sorted(f"collected {what} {host}" for what in ("began", "ended") for host in ("host-1", "host-2"))
    assert {row["host"] for row in site.ledger.executions()} == {"host-1", "host-2"} and len({row["pid"] for row in site.ledger.executions()}) == 1
    assert site.rulebook.stop() == 0


def test_two_events_together_wait_for_both_of_their_hosts(site):
    site.has(LEFT_AND_RIGHT, {"name": "Busy", "condition": named("Busy"), "action": runs("busy", gate="done")}, max_in_flight=2)
    site.alert("Left", "host-1", pair=1)
    site.parked("Left", "host-1")
    site.alert("Busy", "host-1")
    site.wait_for_line("busy began host-1")  # what waits for a rule holds no host
    site.alert("Right", "host-2", pair=1)
    site.parked("Right", "host-2")
    site.alert("Busy", "host-2")
    site.wait_for_line("busy began host-2")
    site.open("done")
    for name, host in (("Busy", "host-1"), ("Busy", "host-2"), ("Left", "host-1"), ("Right", "host-2")):
        site.case(name, host, "verifying")
    lines = site.lines()
    first_of_both = min(number for number, line in enumerate(lines) if line.startswith("both"))
    assert all(lines.index(f"busy ended {host}") < first_of_both for host in ("host-1", "host-2"))
    assert sorted(lines[first_of_both:]) == sorted(f"both {what} {host}" for what in ("began", "ended") for host in ("host-1", "host-2"))
    assert site.rulebook.stop() == 0


def test_nothing_is_done_for_a_case_that_was_over_before_the_other_event_came(site):
    site.has(LEFT_AND_RIGHT)
    site.alert("Left", "host-1", pair=1)
    site.parked("Left", "host-1")
    site.alert("Left", "host-1", "alert.resolved")
    site.case("Left", "host-1", "resolved")
    site.alert("Right", "host-2", pair=1)
    site.case("Right", "host-2", "verifying")
    assert site.lines() == ["both began host-2", "both ended host-2"]


def test_what_waits_for_a_rule_does_not_hold_up_a_stop_and_waits_again_after_it(site):
    site.has(LEFT_AND_RIGHT)
    site.alert("Left", "host-1", pair=1)
    site.parked("Left", "host-1")
    began = time.monotonic()
    assert site.rulebook.stop() == 0
    assert time.monotonic() - began < 30, "ansible-rulebook's own delay for what runs is 60 s"
    site.start()
    site.alert("Right", "host-2", pair=1)
    assert site.case("Left", "host-1", "verifying")["attempt"] == 1
    site.case("Right", "host-2", "verifying")
    assert sorted(site.lines("both began")) == ["both began host-1", "both began host-2"]


@pytest.mark.parametrize("persistent", [False, True], ids=["plain", "persistent"])
def test_a_restart_by_kill_loses_nothing_that_waits_for_a_rule(site, persistent):
    # With --persistence-id ansible-rulebook 1.3.2 does not start with a condition that reads another event.
    site.has({**LEFT_AND_RIGHT, "condition": {"all": [named("Left"), named("Right")], "timeout": "5 minutes"}}, persistent=persistent)
    site.alert("Left", "host-1", pair=1)
    site.parked("Left", "host-1")
    site.rulebook.kill()
    site.start()
    site.parked("Left", "host-1")
    site.alert("Right", "host-2", pair=1)
    site.case("Left", "host-1", "verifying")
    site.case("Right", "host-2", "verifying")
    assert sorted(site.lines("both began")) == ["both began host-1", "both began host-2"]


def test_an_alert_whose_other_never_comes_is_unmatched(site):
    site.has(LEFT_AND_RIGHT, default_events_ttl="1 seconds")
    site.alert("Left", "host-1", pair=1)
    site.parked("Left", "host-1")
    site.case("Left", "host-1", "unmatched")
    assert site.lines() == []


ALONE = {"name": "Each alone", "condition": named("Work"), "action": runs("{{ event.subject }}", gate="{{ event.data.gate }}")}


def test_a_parallel_ruleset_runs_as_many_as_the_policy_allows(site):
    site.has(ALONE, max_in_flight=2)
    for number in (1, 2, 3):
        site.alert("Work", f"host-{number}", gate=f"gate-{number}")
    wait_until(lambda: len(site.lines()) == 2, "two at once", 60)
    first = site.lines()[0].split()[0]
    site.open(f"gate-{first[-1]}")
    site.case("Work", first, "verifying")
    wait_until(lambda: sum("began" in line for line in site.lines()) == 3, "the third, now that there is room", 60)
    assert sum("ended" in line for line in site.lines()) == 1
    for number in (1, 2, 3):
        site.open(f"gate-{number}")
    for number in (1, 2, 3):
        site.case("Work", f"host-{number}", "verifying")
    assert site.rulebook.stop() == 0


def test_a_sequential_ruleset_runs_one_after_another(site):
    site.has(ALONE, strategy="sequential")
    for number in (1, 2, 3):
        site.alert("Work", f"host-{number}", gate="open")
    for number in (1, 2, 3):
        site.case("Work", f"host-{number}", "verifying")
    assert [line.split()[1] for line in site.lines()] == ["began", "ended"] * 3
    assert [line.split()[2] for line in site.lines()[::2]] == [line.split()[2] for line in site.lines()[1::2]]


def test_actions_that_no_playbook_reports_for_are_done_when_they_end(site):
    site.has(
        {"name": "Tell", "condition": named("Tell"), "action": {"debug": {"msg": "{{ event.subject }}"}}},
        {"name": "Know", "condition": named("Know"), "action": {"set_fact": {"fact": {"known": "{{ event.subject }}"}}}},
        {"name": "Learn", "condition": 'fact.known == "host-2"', "action": runs("learned")},
        {"name": "Fail", "condition": named("Fail"), "action": {"debug": {"msg": "{{ event.nothere.deeper }}"}}},
        {"name": "First", "condition": named("Twice"), "action": runs("first")},
        {"name": "Second", "condition": named("Twice"), "actions": [{"debug": {"msg": "between"}}, runs("second")]},
        match_multiple_rules=True,
    )
    for name, host in (("Tell", "host-1"), ("Know", "host-2"), ("Fail", "host-3"), ("Twice", "host-4")):
        site.alert(name, host)
    for name, host in (("Tell", "host-1"), ("Know", "host-2"), ("Twice", "host-4")):
        site.case(name, host, "verifying")
    assert "nothere" in site.case("Fail", "host-3", "waiting")["reason"]
    assert site.lines("learned") == ["learned began host-2", "learned ended host-2"], "what the fact set off belongs to its case, and to its host"
    assert {line.split()[0] for line in site.lines() if line.endswith("host-4")} == {"first", "second"}
