# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Many alerts at once, on the real ansible-rulebook: few runs, no host twice at once, and none at all when it is a storm."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from ansible_collections.eventops.infra.tests.e2e.harness import Rulebook
from ansible_collections.eventops.infra.tests.e2e.ledger import Ledger
from ansible_collections.eventops.infra.tests.e2e.waiting import wait_until
from ansible_collections.eventops.infra.tests.e2e.webhook import Webhook

# What a run leaves behind: which hosts it had, when it had them, and what the event said of each.
PLAYBOOK = """
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.command:
        argv: [sh, -c, 'echo "$1 $2 began $(date +%s.%N)" >> "$3"', sh, "{{ ansible_eda.event.meta.uuid }}", "{{ inventory_hostname }}", "{{ trace }}"]
    - ansible.builtin.fail:
        msg: this host is broken
      when: inventory_hostname in broken
    - ansible.builtin.command:
        argv: [sh, -c, 'echo "$1 $2 ended $(date +%s.%N) $4" >> "$3"', sh, "{{ ansible_eda.event.meta.uuid }}", "{{ inventory_hostname }}", "{{ trace }}",
               "{{ (ansible_eda.event.events | selectattr('hosts', 'contains', inventory_hostname) | first).data.number }}"]
"""
CALL = """
- hosts: localhost
  gather_facts: false
  tasks:
    - ansible.builtin.lineinfile:
        line: "{{ ansible_eda.event.type }} {{ ansible_eda.event.data.hosts | length }}"
        path: "{{ trace }}.calls"
        create: true
        insertafter: EOF
        mode: "0600"
"""
EXTRA = {"trace": "{{ trace }}"}
RULES = [
    {
        "name": "Heal",
        "condition": 'event.type == "alert.firing" and event.data.name == "Down"',
        "action": {"run_playbook": {"name": "heal.yml", "extra_vars": {**EXTRA, "broken": "{{ broken }}"}}},
    },
    {
        "name": "Call",
        "condition": 'event.type in ["case.storm", "case.exhausted"]',
        "action": {"run_playbook": {"name": "call.yml", "extra_vars": EXTRA, "lock": "call"}},
    },
    {"name": "Act without a trace", "condition": 'event.type == "case.resolved"', "action": {"debug": {"msg": "resolved"}}},
]


class Fleet:
    """A fleet of local hosts whose monitor posts envelopes to a stock webhook."""

    def __init__(self, rulebook: Rulebook, number: int, *, broken: tuple[str, ...] = (), strategy: str = "parallel", **policy) -> None:
        self.rulebook = rulebook
        self.hosts = [f"host-{each:02d}" for each in range(1, number + 1)]
        self.webhook = Webhook(rulebook)
        self.trace = rulebook.directory / "trace"
        self.store = rulebook.directory / "state" / "store.db"
        self.store.parent.mkdir()
        self.ledger = Ledger(self.store)
        attempts = {"max": 2, "backoff": 0.5}
        arguments = {"store": str(self.store), "mode": "enforce", "policy": {"attempts": attempts, "cooldown": 0, **policy}, "sources": [self.webhook.source]}
        ruleset = {"name": "Fleet", "hosts": "all", "execution_strategy": strategy, "sources": [{"name": "router", "eventops.infra.router": arguments}]}
        rulebook.write([{**ruleset, "rules": RULES}], {host: {} for host in self.hosts}, {"trace": str(self.trace), "broken": list(broken)})
        rulebook.write_playbook("heal.yml", PLAYBOOK)
        rulebook.write_playbook("call.yml", CALL)

    def start(self) -> Fleet:
        self.rulebook.start()
        self.webhook.wait()
        return self

    def alert(self, host: str, number: int = 0, *, type_: str = "alert.firing", name: str = "Down") -> int:
        event = {"specversion": "1.0", "type": type_, "subject": host, "hosts": [host], "data": {"name": name, "number": number}}
        return self.webhook.post(event)

    def alerts(self, hosts: list[str], **changes) -> None:
        """Post one alert for each host, a few at a time, as a monitor does."""
        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(lambda pair: self.alert(pair[1], pair[0], **changes), enumerate(hosts))) == {200}

    def began(self) -> list[tuple[str, str]]:
        """List (run, host) for all that playbooks have begun with."""
        return [(run, host) for run, host, what, *_rest in self._lines() if what == "began"]

    def spans(self) -> dict[str, list[tuple[float, float]]]:
        """Return from when to when each host was worked on."""
        found: dict[str, list[tuple[float, float]]] = {}
        begun: dict[tuple[str, str], float] = {}
        for run, host, what, when, *_rest in self._lines():
            if what == "began":
                begun[run, host] = float(when)
            else:
                found.setdefault(host, []).append((begun[run, host], float(when)))
        return found

    def told(self) -> dict[str, str]:
        """Return what each host's own entry of the event said."""
        return {host: rest[0] for _run, host, what, _when, *rest in self._lines() if what == "ended"}

    def calls(self) -> list[str]:
        path = self.trace.with_name("trace.calls")
        return path.read_text().splitlines() if path.exists() else []

    def _lines(self) -> list[list[str]]:
        return [line.split() for line in self.trace.read_text().splitlines()] if self.trace.exists() else []


def test_a_hundred_alerts_are_few_runs_and_each_host_is_judged_by_itself(rulebook):
    fleet = Fleet(rulebook, 24, broken=("host-07",), max_unhealthy="100%").start()
    for _repetition in range(4):
        fleet.alerts(fleet.hosts)
    fleet.ledger.wait_for(lambda ledger: len(ledger.cases(type="alert.firing", state="verifying")) == 23, "every host that can be is healed", 120)
    fleet.ledger.wait_for(lambda ledger: ledger.cases(type="alert.firing", state="exhausted"), "the broken one is given up", 60)
    wait_until(lambda: fleet.calls() == ["case.exhausted 1"], "a person is called", 60, lambda: str(fleet.calls()))
    runs = {run for run, _host in fleet.began()}
    assert len(runs) <= 8, "few runs: the first, the rest, the second attempt of the broken one"
    assert sorted({host for _run, host in fleet.began()}) == fleet.hosts
    assert [host for _run, host in fleet.began()].count("host-07") == 2
    assert all(len(spans) == 1 for spans in fleet.spans().values())
    assert fleet.told()["host-03"] == "2", "its own entry, not the first one's"
    (exhausted,) = fleet.ledger.cases(type="alert.firing", state="exhausted")
    assert exhausted["hosts"] == ["host-07"] and exhausted["count"] == 4
    fleet.alerts(fleet.hosts, type_="alert.resolved")
    fleet.ledger.wait_for(lambda ledger: len(ledger.cases(type="alert.firing", state="resolved")) == 23, "all is confirmed")


@pytest.mark.parametrize("strategy", ["parallel", "sequential"])
def test_no_host_is_worked_on_twice_at_once(rulebook, strategy):
    fleet = Fleet(rulebook, 3, strategy=strategy, max_unhealthy="100%", coalesce={"max_hosts": 1}).start()
    for host in fleet.hosts:
        for name in ("Down", "Down too"):
            event = {"specversion": "1.0", "type": "alert.firing", "dedup_key": f"{host}/{name}", "hosts": [host], "data": {"name": "Down", "number": 1}}
            assert fleet.webhook.post(event) == 200
    fleet.ledger.wait_for(lambda ledger: len(ledger.cases(state="verifying")) == 6, "all six", 120)
    for host, spans in fleet.spans().items():
        first, second = sorted(spans)
        assert first[1] <= second[0], f"two runs at once on {host}"
    flat = sorted(span for spans in fleet.spans().values() for span in spans)
    overlap = any(one[1] > other[0] for one, other in zip(flat, flat[1:]))
    assert overlap is (strategy == "parallel"), "several at once where the ruleset allows it, else one after another"


def test_a_storm_of_eighty_percent_touches_no_host_and_goes_on_when_it_has_passed(rulebook):
    fleet = Fleet(rulebook, 40).start()
    fleet.alerts(fleet.hosts[:32])
    fleet.ledger.wait_for(lambda ledger: ledger.cases(type="case.storm"), "the storm is known")
    wait_until(fleet.calls, "a person is called", 60, lambda: rulebook.output[-3000:])
    time.sleep(2)  # for what must not happen
    assert len(fleet.calls()) == 1 and fleet.calls()[0].startswith("case.storm")
    assert fleet.began() == [], "no host was touched"
    held = fleet.ledger.cases(type="alert.firing", state="waiting")
    assert len(held) == 32 and {case["waits_for"] for case in held} == {"storm"}
    assert "of 40 hosts fail at once" in held[0]["reason"]
    fleet.alerts(fleet.hosts[:24], type_="alert.resolved")
    fleet.ledger.wait_for(lambda ledger: len(ledger.cases(type="alert.firing", state="verifying")) == 8, "the rest is healed", 60)
    assert sorted({host for _run, host in fleet.began()}) == fleet.hosts[24:32]
    assert len(fleet.ledger.cases(type="case.storm")) == 1 and len(fleet.calls()) == 1
