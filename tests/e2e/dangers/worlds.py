# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The same rules, playbooks and senders twice: on stock ansible-rulebook, and with the router around the same source.

A danger is seen by what it leaves behind: playbooks and attacks make files in the directory that `$TRACES` names.
"""

from __future__ import annotations

import copy
import http.client
import json
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from ansible_collections.eventops.infra.scripts.environment import environment
from ansible_collections.eventops.infra.tests.e2e import processes
from ansible_collections.eventops.infra.tests.e2e.harness import Rulebook
from ansible_collections.eventops.infra.tests.e2e.ledger import Ledger
from ansible_collections.eventops.infra.tests.e2e.services import free_port
from ansible_collections.eventops.infra.tests.e2e.waiting import wait_until

START_SECONDS = 120
HANDLED_SECONDS = 120  # a playbook takes two; events wait for one another, and a busy machine takes several times as long

# How a user reads the events of their webhook. Stock reads the hosts by a filter.
# An event that names no hosts is about none here: that is one of the dangers.
HOSTS = {"path": "payload.hosts", "optional": True}
ADAPTER = {"generic": {"type": {"value": "danger.shown"}, "hosts": HOSTS, "dedup_key": "payload.label", "name": "payload.do"}}
HOSTS_TO_META = {"eda.builtin.insert_hosts_to_meta": {"host_path": "payload.hosts", "log_error": False}}

# A playbook that leaves `<label>@<host>`.
TOUCH = """
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.raw: '>"$TRACES/{{ label }}@{{ inventory_hostname }}"'
"""


@dataclass(frozen=True)
class Answer:
    """What a sender got: the status, None when there was no answer in time, and how long it waited."""

    status: int | None
    seconds: float
    text: str = ""


@dataclass(frozen=True)
class Plan:
    """What both worlds have in common.

    `filters` are those of the webhook, and `adapter` is how the router reads it. `sources` come beside it: top-level on stock, children of
    the router in ours. In their arguments `HERE` stands for the world's directory, where `files` are written. `store` lies there too, unless its
    path is absolute.
    """

    rules: Sequence[Mapping]
    playbooks: Mapping[str, str]
    hosts: Mapping[str, Mapping] = field(default_factory=dict)
    sources: Sequence[Mapping] = ()
    adapter: Mapping = field(default_factory=lambda: ADAPTER)
    filters: Sequence[Mapping] = (HOSTS_TO_META,)
    policy: Mapping = field(default_factory=lambda: {"attempts": {"max": 2, "backoff": 0.2, "jitter": 0}})
    files: Mapping[str, str] = field(default_factory=dict)
    store: str = "store/store.db"


class World:
    """One ansible-rulebook with a webhook, and what it leaves behind."""

    def __init__(self, plan: Plan, directory: Path, env: Mapping[str, str], *, routed: bool) -> None:
        self.directory = directory
        self.traces = directory / "traces"
        self.port = free_port()
        self.store = directory / plan.store
        self.rulebook = Rulebook(directory / "rulebook", {**env, "TRACES": str(self.traces)})
        self.ledger = Ledger(self.store)
        for folder in (self.traces, self.store.parent):
            folder.mkdir(parents=True, exist_ok=True)
        for name, content in plan.files.items():
            (directory / name).write_text(content, encoding="utf-8")
        for name, content in plan.playbooks.items():
            self.rulebook.write_playbook(f"playbooks/{name}", content)
        self.rulebook.write([self._ruleset(plan, routed)], plan.hosts)

    def start(self, *options: str, **env: str) -> World:
        """Start it; `listens` tells when it takes events."""
        self.rulebook.start(*options, **env)
        return self

    def until_listening(self) -> World:
        """Wait until its webhook takes connections."""
        wait_until(self._listens, f"a webhook on port {self.port}", START_SECONDS, lambda: self.rulebook.output[-4000:])
        return self

    def post(self, payload: object, timeout_seconds: float = HANDLED_SECONDS, headers: Mapping[str, str] = MappingProxyType({})) -> Answer:
        """Send an event as a monitor would; a string is sent as it is."""
        body = (payload if isinstance(payload, str) else json.dumps(payload)).encode("utf-8", "surrogatepass")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout_seconds)
        began = time.monotonic()
        try:
            connection.request("POST", "/", body, {"Content-Type": "application/json", **headers})
            response = connection.getresponse()
            return Answer(response.status, time.monotonic() - began, response.read().decode(errors="replace"))
        except TimeoutError:
            return Answer(None, time.monotonic() - began)
        finally:
            connection.close()

    def left(self, pattern: str = "*") -> set[str]:
        """Name the traces that are there."""
        return {path.name for path in self.traces.glob(pattern)}

    def wait_for(self, trace: str, timeout_seconds: float = HANDLED_SECONDS) -> None:
        """Wait until a trace is there."""
        wait_until(lambda: self.left(trace), f"the trace {trace}", timeout_seconds, self._seen)

    def case_of(self, label: str, *states: str) -> dict:
        """Wait until the newest case of an event is in one of some states, and return it."""

        def found(ledger: Ledger) -> dict | None:
            cases = ledger.cases(dedup_key=label)
            return cases[-1] if cases and cases[-1]["state"] in states else None

        return self.ledger.wait_for(found, f"the case of {label} as {' or '.join(states)}", HANDLED_SECONDS)

    def _seen(self) -> str:
        return f"traces: {sorted(self.left())}\n{self.rulebook.output[-4000:]}"

    def _listens(self) -> bool:
        assert self.rulebook.is_running, f"it has ended\n{self.rulebook.output[-4000:]}"
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=1)
            connection.connect()
        except OSError:
            return False
        connection.close()
        return True

    def _ruleset(self, plan: Plan, routed: bool) -> dict:
        webhook = {"name": "monitors", "eda.builtin.webhook": {"host": "127.0.0.1", "port": self.port}, "filters": list(plan.filters)}
        sources = [webhook, *copy.deepcopy(list(plan.sources))]
        sources = json.loads(json.dumps(sources).replace("HERE", str(self.directory)))
        if routed:
            sources[0]["adapter"] = dict(plan.adapter)
            router = {"store": str(self.store), "mode": "enforce", "policy": dict(plan.policy), "sources": sources}
            sources = [{"name": "router", "eventops.infra.router": router}]
        return {"name": "dangers", "hosts": "all", "sources": sources, "rules": list(plan.rules)}


@dataclass(frozen=True)
class Worlds:
    """The two, to be shown the same."""

    stock: World
    ours: World

    def post(self, payload: object, **options: object) -> None:
        """Send an event to both."""
        for world in (self.stock, self.ours):
            answer = world.post(payload, **options)
            assert answer.status == 200, answer

    def wait_for(self, trace: str) -> None:
        """Wait until a trace is there in both."""
        for world in (self.stock, self.ours):
            world.wait_for(trace)


@contextmanager
def surroundings(directory: Path, collections: Path) -> Iterator[dict[str, str]]:
    """Give the environment of a test's processes; end whatever is left of them afterwards."""
    word = str(uuid.uuid4())
    home = directory / "home"
    home.mkdir(parents=True)
    try:
        yield environment(collections=collections, state=directory / "ansible") | {"HOME": str(home), processes.VARIABLE: word}
    finally:
        processes.end_all(word)


@contextmanager
def both(plan: Plan, directory: Path, collections: Path) -> Iterator[Worlds]:
    """Start stock and ours side by side, and end both."""
    with ExitStack() as stack:
        env = stack.enter_context(surroundings(directory, collections))
        worlds = Worlds(World(plan, directory / "stock", env, routed=False), World(plan, directory / "ours", env, routed=True))
        for world in (worlds.stock, worlds.ours):
            stack.callback(world.rulebook.close)
            world.start()
        for world in (worlds.stock, worlds.ours):
            world.until_listening()
        yield worlds


def rule(name: str, condition: str, playbook: str, **extra_vars: str) -> dict:
    """Make a rule that runs a playbook."""
    return {"name": name, "condition": condition, "action": {"run_playbook": {"name": f"playbooks/{playbook}", "extra_vars": extra_vars}}}


def rule_for(do: str, playbook: str, **extra_vars: str) -> dict:
    """Make the rule that runs a playbook for what monitors send with this `do`."""
    return rule(do, f'event.payload.do == "{do}"', playbook, label="{{ event.payload.label }}", **extra_vars)
