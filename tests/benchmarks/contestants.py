# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who is measured: ansible-rulebook with its webhook, and the same with the router around the webhook; rules and playbooks are the same files."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

from ansible_collections.eventops.infra.tests.e2e import processes
from ansible_collections.eventops.infra.tests.e2e.harness import Rulebook
from ansible_collections.eventops.infra.tests.e2e.services import free_port
from ansible_collections.eventops.infra.tests.e2e.waiting import wait_until

ADAPTER = {
    "generic": {
        "type": {"path": "payload.status", "map": {"down": "alert.firing", "ok": "alert.resolved"}},
        "name": "payload.alert",
        "hosts": "payload.host",
        "data": "payload",
        "severity": "payload.severity",
    }
}
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


class Contestant:
    """ansible-rulebook over a directory, on a webhook of its own.

    Args:
        directory: is made.
        env: the environment of the processes.
        rules: the ruleset's rules.
        playbooks: their text by file name.
        router: arguments of the router; None: stock ansible-rulebook.
        filters: event filters of the webhook where there is no router.
        strategy: execution_strategy of the ruleset.
    """

    def __init__(
        self,
        directory: Path,
        env: dict[str, str],
        rules: Sequence[Mapping],
        *,
        playbooks: Mapping[str, str],
        hosts: int = 200,
        router: Mapping | None = None,
        filters: Sequence[Mapping] = (),
        strategy: str = "parallel",
    ) -> None:
        self.port = free_port()
        self.directory = directory
        directory.mkdir()
        self.store = directory / "store.db"
        webhook = {"name": "hook", "eda.builtin.webhook": {"host": "127.0.0.1", "port": self.port}}
        if router is None:
            source = {**webhook, "filters": list(filters)} if filters else webhook
        else:
            child = {**webhook, "adapter": ADAPTER}
            source = {"name": "router", "eventops.infra.router": {"store": str(self.store), "mode": "enforce", "sources": [child], **router}}
        ruleset = {"name": "Bench", "hosts": "all", "execution_strategy": strategy, "sources": [source], "rules": list(rules)}
        self._word = str(uuid.uuid4())
        self.rulebook = Rulebook(directory / "rulebook", env | {processes.VARIABLE: self._word})
        self.rulebook.write([ruleset], {f"host-{number:03}": {} for number in range(1, hosts + 1)})
        for name, text in playbooks.items():
            self.rulebook.write_playbook(name, text)

    def start(self) -> Contestant:
        """Start it, and return once its webhook listens."""
        self.rulebook.start()
        wait_until(self._listens, "the webhook", 120, lambda: self.rulebook.output[-4000:])
        return self

    def close(self) -> None:
        """End it with all playbooks that it has started, which would keep the machine busy for the next one."""
        self.rulebook.close()
        processes.end_all(self._word)

    @property
    def resident_bytes(self) -> int:
        """Memory of its process, Java's included."""
        status = Path(f"/proc/{self.rulebook.pid}/status").read_text(encoding="ascii")
        return 1024 * int(status.partition("VmRSS:")[2].split()[0])

    @property
    def cpu_seconds(self) -> float:
        """Processor time of its process, without its playbooks."""
        fields = Path(f"/proc/{self.rulebook.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS

    def _listens(self) -> bool:
        assert self.rulebook.is_running, self.rulebook.output[-4000:]
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0
