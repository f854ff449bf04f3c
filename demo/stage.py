# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The stage: services, an inventory of them, and two ansible-rulebooks, one with the shipped rulebook, one behind a webhook."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import TypeVar

import processes
import yaml
from ledger import Records
from narrator import Narrator
from rulebook import Rulebook
from services import Service
from timeline import QUIET, Timeline
from waiting import until

Found = TypeVar("Found")

SHIPPED = "eventops.infra.auto_heal"
ALERTS = Path(__file__).with_name("alerts")
BACKOFF_SECONDS = 3.0

# host, service, address, how its health is seen
_SERVICES = (
    ("web-01", "web", "127.0.0.11", "http"),
    ("orders-01", "orders", "127.0.0.12", "http"),
    ("search-01", "search", "127.0.0.13", "tcp"),
    ("mail-01", "mail", "127.0.0.14", "tcp"),
    ("cache-01", "cache", "127.0.0.15", "tcp"),
)
_TICK_SECONDS = 0.2
_SETTLED_SECONDS = 0.3  # what happened so long ago has been read from the stores, so the order of lines is final


class Stage:
    """Everything that the acts play with.

    Args:
        directory: empty; gets all files.
        env: the environment of all processes.
        timeline: where the story is told.
        patience_seconds: how long each thing is waited for.
    """

    def __init__(self, directory: Path, env: Mapping[str, str], timeline: Timeline, patience_seconds: float) -> None:
        self.directory = directory
        self.timeline = timeline
        self.patience_seconds = patience_seconds
        self.escalations = directory / "escalations.log"
        self.traces = directory / "traces"
        self.webhook = ("127.0.0.1", _free_port())
        self.answering_at_the_end: set[str] = set()
        self._word = env[processes.VARIABLE]
        self._telling: asyncio.Task | None = None
        self._looking = threading.Lock()
        self.services = {host: Service(host, name, address, check, directory / "services" / host, env) for host, name, address, check in _SERVICES}
        inventory = self._write_inventory(directory / "inventory")
        for folder in (self.traces, directory / "tmp"):
            folder.mkdir()
        self.healing = Rulebook(SHIPPED, directory / "healing", inventory, self._healing_variables(), env)
        self.alerts = Rulebook(str(ALERTS / "rulebook.yml"), directory / "alerts", inventory, self._alerts_variables(), env)
        self._narrators = {rulebook: Narrator(rulebook.ledger, timeline) for rulebook in (self.healing, self.alerts)}

    @contextlib.asynccontextmanager
    async def told(self) -> AsyncIterator[None]:
        """Tell the story as it happens, while entered."""
        self._telling = asyncio.create_task(self._tell())
        try:
            yield
        finally:
            self._telling.cancel()
            self._look()
            self.timeline.show()

    async def opens(self) -> None:
        """Start the services and both ansible-rulebooks, and wait until they work."""
        await asyncio.gather(*(asyncio.to_thread(service.start) for service in self.services.values()))
        for service in self.services.values():
            self.timeline.tell(service.host, f"{service.name} answers on {service.address}:{service.port}", colour=QUIET)
        self.timeline.tell("ansible-rulebook", f"starts with the shipped rulebook: -r {SHIPPED}, mode enforce (process {self.healing.start()})", colour=QUIET)
        alerts = self.alerts.start()
        self.timeline.tell("ansible-rulebook", f"starts with a user's own: the router around eda.builtin.webhook (process {alerts})", colour=QUIET)
        await self.until(self._all_seen_up, "the probe sees every service up")
        self.timeline.tell("probe", "sees every service up", colour=QUIET)
        await self.until(self._webhook_listens, "the webhook listens")
        self.timeline.tell("webhook", "listens on {}:{}".format(*self.webhook), colour=QUIET)

    async def closes(self) -> None:
        """End both ansible-rulebooks, so that their stores are final, and see which services are up."""
        await asyncio.gather(self.healing.stop(), self.alerts.stop())
        self.answering_at_the_end = {host for host, service in self.services.items() if service.answers}

    async def until(self, look: Callable[[], Found], what: str) -> Found:
        """Wait until a function returns something true, and return that.

        Raises:
            NotSeen: it did not in time, or an ansible-rulebook ended by itself.
        """
        return await until(look, what, self.patience_seconds, self._require_alive)

    def kill(self, pid: int) -> bool:
        """Do what `kill -9` does to a process of the demo; return whether there was one."""
        return processes.kill(pid, self._word)

    def records(self, rulebook: Rulebook) -> Records:
        """Return what a router has written down, as of the last look."""
        return self._narrators[rulebook].records

    def calls(self) -> list[str]:
        """Return the lines that the escalation wrote for a person to read."""
        return self.escalations.read_text(encoding="utf-8").splitlines() if self.escalations.exists() else []

    async def _tell(self) -> None:
        while True:
            now = time.time()
            await asyncio.to_thread(self._look)
            self.timeline.show(until=now - _SETTLED_SECONDS)
            await asyncio.sleep(_TICK_SECONDS)

    def _look(self) -> None:
        with self._looking:
            for narrator in self._narrators.values():
                narrator.look()

    def _require_alive(self) -> None:
        if self._telling and self._telling.done():
            self._telling.result()  # raises what ended it
        for rulebook in self._narrators:
            rulebook.require_running()

    def _all_seen_up(self) -> bool:
        up = {event.body["subject"] for event in self.records(self.healing).events if event.type == "alert.resolved"}
        return up >= self.services.keys()

    def _webhook_listens(self) -> bool:
        with socket.socket() as client:
            return client.connect_ex(self.webhook) == 0

    def _healing_variables(self) -> dict:
        return {
            "eventops_mode": "enforce",
            "eventops_check_interval": 1,
            "eventops_check_timeout": 2,
            "eventops_check_fall": 2,
            "eventops_check_rise": 4,  # so that a playbook has ended before the probe confirms what it did
            "eventops_backoff": BACKOFF_SECONDS,
            "eventops_confirm_within": 30,
            "eventops_heal_wait": 20,
            "eventops_escalation_log": str(self.escalations),
        }

    def _alerts_variables(self) -> dict:
        address, port = self.webhook
        return {"webhook_address": address, "webhook_port": port, "playbook": str(ALERTS / "write_down.yml"), "traces": str(self.traces)}

    def _write_inventory(self, directory: Path) -> Path:
        directory.mkdir()
        hosts = {"localhost": {}} | {host: service.variables for host, service in self.services.items()}
        local = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
        content = {"all": {"hosts": hosts, "vars": local}}
        (directory / "hosts.yml").write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
        return directory


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
