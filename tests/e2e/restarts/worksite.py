# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A site whose ansible-rulebook is killed: a router around a stock webhook, and playbooks that leave a trace of their work."""

from __future__ import annotations

import http.client
import json
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from ansible_collections.eventops.infra.tests.e2e import processes
from ansible_collections.eventops.infra.tests.e2e.harness import Rulebook
from ansible_collections.eventops.infra.tests.e2e.ledger import Ledger
from ansible_collections.eventops.infra.tests.e2e.restarts.traces import Work, overlaps, read_trace
from ansible_collections.eventops.infra.tests.e2e.services import free_port
from ansible_collections.eventops.infra.tests.e2e.waiting import wait_until

HERE = Path(__file__).parent
ANSWER_SECONDS = 30.0

QUICK = {"attempts": {"max": 3, "backoff": 0.5, "factor": 1, "jitter": 0}, "confirm": {"within": 60}}
RULES = (
    {"name": "Serve", "condition": 'event.case.kind == "request"', "action": {"run_playbook": {"name": "serve.yml"}}},
    {"name": "Heal", "condition": 'event.type == "alert.firing"', "action": {"run_playbook": {"name": "heal.yml"}}},
)


class Site:
    """The files of a site, and what its senders and operators do.

    :param hosts: of the inventory, beside localhost.
    :param store: where the router keeps its store; by default away from the playbooks.
    :param rules: of the ruleset; their playbooks are written, each with the given number of tasks.
    :param persistent: whether the engine keeps its own state, too (--persistence-id).
    :param routed: False is stock: the webhook feeds the engine itself.
    :param tasks: how many works a playbook does on each host, one after another.
    :param ruleset: further keys of the ruleset.
    """

    def __init__(
        self,
        rulebook: Rulebook,
        *,
        hosts: Sequence[str] = ("web-01", "web-02"),
        store: Path | None = None,
        rules: Sequence[Mapping] = RULES,
        policy: Mapping | None = None,
        persistent: bool = False,
        routed: bool = True,
        tasks: int = 1,
        **ruleset: object,
    ) -> None:
        self.rulebook = rulebook
        self.store = store or rulebook.directory.parent / "state" / "store.db"
        self.store.parent.mkdir(exist_ok=True)
        self.ledger = Ledger(self.store)
        self.port = free_port()
        self.killed_at: list[float] = []  # when everything was killed
        self._gate = rulebook.directory.parent / "gate"
        self._trace = rulebook.directory.parent / "trace"
        self._numbers = 0
        self._options = ("--persistence-id", "site") if persistent else ()
        hook = {"name": "hook", "eda.builtin.webhook": {"host": "127.0.0.1", "port": self.port}}
        router = {"store": str(self.store), "mode": "enforce", "policy": dict(policy or QUICK), "sources": [hook]}
        source = {"name": "router", "eventops.infra.router": router} if routed else hook
        rulesets = [{"name": "Site", "hosts": "all", "execution_strategy": "parallel", **ruleset, "sources": [source], "rules": list(rules)}]
        variables = {"drools_db_file_path": str(rulebook.directory.parent / "engine")} if persistent else {}
        rulebook.write(rulesets, {host: {} for host in hosts}, variables)
        for name in ("serve", "heal", "follow", "call"):
            rulebook.write_playbook(f"{name}.yml", [self._play(name, tasks)])

    def start(self, **env: str) -> Site:
        """Start ansible-rulebook; it may not listen yet when this returns."""
        self.rulebook.start(*self._options, **env)
        return self

    def kill_everything(self) -> None:
        """Kill ansible-rulebook and every playbook and task of it, as the out-of-memory killer of a service's group does."""
        self.rulebook.send_signal(signal.SIGKILL)
        processes.end_all(self.rulebook.env[processes.VARIABLE])
        self.rulebook.wait_for_exit()
        self.killed_at.append(time.time())

    def post(self, type_: str, host: str = "web-01", *, name: str = "Down", id: str | None = None, seconds: float = 0, **attributes: object) -> bool:
        """Post an event until it got its answer, starting anew when the router is not there yet."""
        self._numbers += 1
        event = {
            "specversion": "1.0",
            "id": id or f"event-{self._numbers}",
            "type": type_,
            "subject": host,
            "hosts": [host],
            "data": {"name": name, "number": self._numbers, "seconds": seconds},
            **attributes,
        }
        wait_until(lambda: self._is_running() and send(self.port, event), f"the answer to {event['id']}", 90, lambda: self.rulebook.output[-4000:])
        return True

    def hold(self, *hosts: str) -> None:
        """Have the work on these hosts go on until `release`."""
        for host in hosts:
            Path(f"{self._gate}.{host}").touch()

    def release(self, *hosts: str) -> None:
        for host in hosts:
            Path(f"{self._gate}.{host}").unlink()

    def holding_playbooks(self, name: str = "") -> dict[str, str]:
        """Return the environment of a life whose ansible-playbook processes hold at `start` and at `exit`; see gates/sitecustomize.py.

        :param name: of the playbook that does; by default all do.
        """
        return {"PYTHONPATH": str(HERE / "gates"), "EVENTOPS_TEST_GATE": str(self._gate), "EVENTOPS_TEST_GATE_FOR": name}

    @property
    def works(self) -> list[Work]:
        return read_trace(self._trace, self.killed_at)

    def works_on(self, host: str) -> list[Work]:
        return [work for work in self.works if work.host == host]

    def wait_for_work_on(self, host: str, number: int = 1) -> Work:
        """Wait until that many pieces of work have begun on a host, and return the last."""
        wait_until(lambda: len(self.works_on(host)) >= number, f"work on {host}", 60, lambda: self.rulebook.output[-4000:])
        return self.works_on(host)[number - 1]

    def wait_for_case(self, case_id: int, state: str, timeout_seconds: float = 60) -> dict:
        return self.ledger.wait_for(
            lambda ledger: next(iter(ledger.cases(id=case_id, state=state)), None), f"case {case_id} {state}", timeout_seconds
        )

    def playbook_processes(self) -> list[processes.Process]:
        """List the processes of the playbooks that run, workers included."""
        return [each for each in processes.started_with(self.rulebook.env[processes.VARIABLE]) if "ansible-playbook" in each.command]

    @property
    def cpu_seconds(self) -> float:
        """Seconds of processor time that this life of ansible-rulebook has used, in user and in kernel mode (proc(5): utime, stime)."""
        fields = Path(f"/proc/{self.rulebook.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def never_two_at_once(self) -> bool:
        """Check that no two runs were at work on one host at a time."""
        found = overlaps(self.works)
        assert not found, found
        return True

    def _is_running(self) -> bool:
        assert self.rulebook.is_running, self.rulebook.output[-4000:]
        return True

    def _play(self, name: str, tasks: int) -> dict:
        words = [sys.executable, "-I", HERE / "work.py", self._trace, "{{ ansible_eda.event.meta.uuid }}", name, "{{ inventory_hostname }}"]
        data = "(ansible_eda.event.data | default(ansible_eda.event.payload.data))"
        # The first host takes longest, and the first task, so that a kill finds runs in all stages.
        host_share = "(1 if inventory_hostname == (ansible_eda.event.meta.hosts | default(ansible_play_hosts)) | first else 0.3)"
        seconds = [f"{{{{ ({data}.seconds | default(0)) * {host_share} * {task_share} }}}}" for task_share in (1, *(0.2,) * (tasks - 1))]
        words += [f"{{{{ {data}.number | default(0) }}}}"]
        works = [_command(*words, each, self._gate) for each in seconds]
        fail = {"name": "Fail", "ansible.builtin.fail": {"msg": "as told"}, "when": f"{data}.fails | default(false)"}
        return {"name": name, "hosts": "all", "gather_facts": False, "tasks": [*works, fail]}


def _command(*words: object) -> dict:
    return {"name": "Work", "ansible.builtin.command": {"argv": [str(word) for word in words]}, "changed_when": True}


def send(port: int, event: Mapping) -> bool:
    """Post an event once; return whether it got its answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
    try:
        connection.request("POST", "/events", json.dumps(event), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        return 200 <= answer.status < 300
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
