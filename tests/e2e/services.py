# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Real services on addresses of this machine: processes that can be killed, started again, and broken."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from ansible_collections.eventops.infra.tests.e2e.harness import Rulebook
from ansible_collections.eventops.infra.tests.e2e.waiting import wait_until

SERVER = Path(__file__).with_name("http_server.py")

START_PROGRAM = """\
#!/bin/sh
cd {directory}
echo started >> starts
sleep "$(cat delay)"
[ ! -e broken ] || exit 1
exec {server}
"""

RESTART_PROGRAM = """\
#!/bin/sh
cd {directory}
kill "$(cat pid)" && while kill -0 "$(cat pid)"; do sleep 0.05; done
exec ./start
"""


def free_port(address: str = "127.0.0.1") -> int:
    """Return a port that nothing listens on at an address."""
    with socket.socket() as probe:
        probe.bind((address, 0))
        return probe.getsockname()[1]


def wait_until_it_listens(rulebook: Rulebook, port: int) -> None:
    """Wait until ansible-rulebook has a listener at a port of 127.0.0.1; fail when it ends without."""

    def listens() -> bool:
        assert rulebook.is_running, rulebook.output[-4000:]
        return _listens("127.0.0.1", port)

    wait_until(listens, f"port {port}", 60, lambda: rulebook.output[-4000:])


class Service:
    """An HTTP server that answers every GET with 200, and the program that an operator would start it with.

    Args:
        directory: keeps the start program and its traces.
        address: of the loopback network, such as 127.0.0.2.
        env: the environment of the server.
    """

    def __init__(self, directory: Path, address: str, env: Mapping[str, str]) -> None:
        self.address = address
        self.port = free_port(address)
        self.url = f"http://{address}:{self.port}/"
        self._env = dict(env)
        self._directory = directory
        self._starts = directory / "starts"
        self._broken = directory / "broken"
        self._delay = directory / "delay"
        self._pid = directory / "pid"
        directory.mkdir(parents=True)
        self.start_command = [str(directory / "start")]
        server = shlex.join([sys.executable, str(SERVER), address, str(self.port), str(self._pid)])
        program = Path(self.start_command[0])
        program.write_text(START_PROGRAM.format(directory=shlex.quote(str(directory)), server=server), encoding="utf-8")
        program.chmod(0o755)
        self.restart_command = [str(directory / "restart")]
        restart = Path(self.restart_command[0])
        restart.write_text(RESTART_PROGRAM.format(directory=shlex.quote(str(directory))), encoding="utf-8")
        restart.chmod(0o755)
        self.starting_takes(0)

    def start(self) -> None:
        """Start it; it listens when this returns."""
        subprocess.run(self.start_command, env=self._env, check=True, stdin=subprocess.DEVNULL)

    def kill(self) -> None:
        """Kill the server and wait until nothing listens any more."""
        os.kill(int(self._pid.read_text(encoding="ascii")), signal.SIGKILL)
        wait_until(lambda: not self.is_up, f"{self.url} down", timeout_seconds=10)

    def cannot_start(self) -> None:
        """Make every further start fail."""
        self._broken.touch()

    def can_start_again(self) -> None:
        """Undo `cannot_start`."""
        self._broken.unlink()

    def starting_takes(self, seconds: float) -> None:
        """Make every further start last that long."""
        self._delay.write_text(f"{seconds}\n", encoding="ascii")

    @property
    def is_up(self) -> bool:
        """Whether something listens there."""
        return _listens(self.address, self.port)

    @property
    def number_of_starts(self) -> int:
        """How often the start program was run, also when it failed."""
        return len(self._starts.read_text(encoding="ascii").splitlines()) if self._starts.exists() else 0


def _listens(address: str, port: int) -> bool:
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex((address, port)) == 0
