# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The services of the demo: real processes with real sockets, each on an address and an inventory host of its own."""

from __future__ import annotations

import json
import shlex
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import processes
from service_program import listens

PROGRAM = Path(__file__).with_name("service_program.py")


class Service:
    """A service, the host of the inventory that it is on, and the program that starts it.

    Args:
        host: the host's name in the inventory.
        name: the service's name.
        address: of the loopback network, such as 127.0.0.11; a free port there is chosen.
        check: how its health is seen, `http` or `tcp`.
        directory: keeps what the start program reads and writes.
        env: the environment of the service.
    """

    def __init__(self, host: str, name: str, address: str, check: str, directory: Path, env: Mapping[str, str]) -> None:
        self.host = host
        self.name = name
        self.address = address
        self.port = _free_port(address)
        self._check = check
        self._directory = directory
        self._env = dict(env)
        self._settings = {"address": address, "port": self.port, "broken": False, "start_seconds": 0}
        # The start command, which the inventory gives to the role `remediate`.
        self.command = [str(directory / f"start-{name}")]
        directory.mkdir(parents=True)
        self._write_settings()
        self._write_program(Path(self.command[0]))

    @property
    def variables(self) -> dict:
        """The variables of its host in the inventory."""
        check = {
            "http": {"http": {"url": f"http://{self.address}:{self.port}/", "status": [200]}},
            "tcp": {"tcp": {"address": self.address, "port": self.port}},
        }
        entry = {"name": self.name, "check": check[self._check], "start": {"command": self.command}}
        return {"ansible_host": self.address, "eventops_services": [entry]}

    def start(self) -> None:
        """Start it; it listens when this returns.

        Raises:
            subprocess.CalledProcessError: it cannot be started.
        """
        subprocess.run(self.command, env=self._env, check=True, stdin=subprocess.DEVNULL)

    def kill(self) -> int:
        """Do what `kill -9` does to the service, and return its process id."""
        pid = int((self._directory / "pid").read_text(encoding="ascii"))
        if not processes.kill(pid, self._env[processes.VARIABLE]):
            raise ProcessLookupError(f"{self.name} on {self.host} does not run")
        return pid

    def cannot_start(self) -> None:
        """Make every further start fail."""
        self._settings["broken"] = True
        self._write_settings()

    def starting_takes(self, seconds: float) -> None:
        """Make every further start last that long."""
        self._settings["start_seconds"] = seconds
        self._write_settings()

    @property
    def answers(self) -> bool:
        """Whether something listens there."""
        return listens((self.address, self.port))

    @property
    def starts(self) -> int:
        """How often the start program was run, also when it failed."""
        starts = self._directory / "starts"
        return len(starts.read_text(encoding="ascii").splitlines()) if starts.exists() else 0

    def _write_program(self, path: Path) -> None:
        words = [sys.executable, str(PROGRAM), str(self._directory)]
        path.write_text(f"#!/bin/sh\nexec {shlex.join(words)}\n", encoding="utf-8")
        path.chmod(0o755)

    def _write_settings(self) -> None:
        # Renamed into place: a start that is under way reads the old settings or the new ones.
        new = self._directory / "service.json.new"
        new.write_text(json.dumps(self._settings), encoding="ascii")
        new.rename(self._directory / "service.json")


def _free_port(address: str) -> int:
    with socket.socket() as probe:
        probe.bind((address, 0))
        return probe.getsockname()[1]
