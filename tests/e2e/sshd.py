# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Debian's OpenSSH server on loopback addresses: a process of the test with keys, a port and a configuration of its own, never the system's service."""

from __future__ import annotations

import getpass
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.tests.e2e import processes
from ansible_collections.eventops.infra.tests.e2e.services import free_port
from ansible_collections.eventops.infra.tests.e2e.waiting import wait_until

PROGRAM = "/usr/sbin/sshd"

# Those that run. sshd writes its title over its environment, so `processes.end_all` does not find it.
_running: list[subprocess.Popen[bytes]] = []
needed = pytest.mark.skipif(not (os.path.exists(PROGRAM) and shutil.which("ssh")), reason="needs Debian's openssh-server and openssh-client")

# sshd run by root wants it, and the system's service makes it.
SEPARATION = Path("/run/sshd")

CONFIGURATION = """\
ListenAddress {address}:{port}
HostKey "{directory}/host_key"
PidFile none
AuthorizedKeysFile "{directory}/authorized_keys"
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
Subsystem sftp internal-sftp
LogLevel VERBOSE
{more}
"""


class Sshd:
    """A machine that is reached by SSH: this one, at an address and a port, as the user of the test.

    Args:
        directory: gets its keys, its configuration and its log.
        env: the environment of the process; what a session starts is ended with all that a test has started.
        address: of the loopback network, such as 127.0.0.2.
        port: by default a free one.
    """

    def __init__(self, directory: Path, env: Mapping[str, str], address: str = "127.0.0.1", port: int | None = None) -> None:
        self.directory = directory
        self.address = address
        self.port = port or free_port(address)
        self.user = getpass.getuser()
        self.identity = directory / "identity"
        self._env = dict(env)
        self._more: list[str] = []
        self._process: subprocess.Popen[bytes] | None = None
        directory.mkdir(parents=True)
        make_key(self.identity)
        self.authorize()
        self.new_host_key()

    @property
    def host_key(self) -> str:
        """Its public host key: kind and base64."""
        return public_key(self.directory / "host_key")

    @property
    def variables(self) -> dict[str, object]:
        """The variables of a host that is this machine."""
        return {**self.connection, "ansible_ssh_private_key_file": str(self.identity), "ansible_python_interpreter": sys.executable}

    @property
    def connection(self) -> dict[str, object]:
        """Those of them that NetBox has."""
        return {"ansible_connection": "ssh", "ansible_host": self.address, "ansible_port": self.port, "ansible_user": self.user}

    @property
    def known_hosts_line(self) -> str:
        """What a user's known_hosts file says of it."""
        return f"[{self.address}]:{self.port} {self.host_key}\n"

    @property
    def log(self) -> str:
        """What it has written so far."""
        path = self.directory / "log.txt"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    @property
    def logins(self) -> int:
        """How often somebody was let in."""
        return len(re.findall(r"^Accepted publickey", self.log, re.MULTILINE))

    def authorize(self) -> None:
        """Let the test's key in."""
        shutil.copy(self.identity.with_suffix(".pub"), self.directory / "authorized_keys")

    def lock_out(self) -> None:
        """Let nobody in."""
        (self.directory / "authorized_keys").write_text("", encoding="ascii")

    def new_host_key(self) -> None:
        """Have another host key from the next start on, as a machine that was made anew."""
        for path in (self.directory / "host_key", self.directory / "host_key.pub"):
            path.unlink(missing_ok=True)
        make_key(self.directory / "host_key")
        self._more = []

    def certify(self, authority: Path, name: str) -> None:
        """Have a certificate for a name, signed by an authority, from the next start on."""
        command = ["ssh-keygen", "-q", "-s", str(authority), "-I", name, "-h", "-n", name, str(self.directory / "host_key.pub")]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
        self._more = [f'HostCertificate "{self.directory}/host_key-cert.pub"']

    def start(self) -> Sshd:
        """Start it; it listens when this returns."""
        if os.geteuid() == 0:
            SEPARATION.mkdir(mode=0o755, exist_ok=True)
        word = self._env.get(processes.VARIABLE)
        # As if within a shell: bash would read the user's own ~/.bashrc otherwise, which may take its time.
        environment = {"SHLVL": "1", **({processes.VARIABLE: word} if word else {})}
        more = [*self._more, "SetEnv " + " ".join(f"{name}={value}" for name, value in environment.items())]
        configuration = self.directory / "sshd_config"
        text = CONFIGURATION.format(address=self.address, port=self.port, directory=self.directory, more="\n".join(more))
        configuration.write_text(text, encoding="utf-8")
        with open(self.directory / "log.txt", "ab") as log:
            command = [PROGRAM, "-D", "-e", "-f", str(configuration)]
            self._process = subprocess.Popen(command, env=self._env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        _running.append(self._process)
        wait_until(lambda: self._process.poll() is not None or self._listens(), f"sshd at {self.address}:{self.port}", 20, lambda: self.log)
        assert self._process.poll() is None, self.log
        return self

    def stop(self) -> None:
        """End it, and nothing of what its sessions do."""
        assert self._process, "it was never started"
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(10)

    def _listens(self) -> bool:
        with socket.socket() as client:
            client.settimeout(1)
            return client.connect_ex((self.address, self.port)) == 0


def end_all() -> None:
    """End every one that was started and still runs."""
    while _running:
        process = _running.pop()
        process.kill()
        process.wait(10)


def make_key(path: Path) -> Path:
    """Make a pair of keys, the public one with the ending .pub."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", str(path)], check=True, stdin=subprocess.DEVNULL)
    return path


def public_key(path: Path) -> str:
    """Return the public one of a pair, kind and base64."""
    return " ".join(Path(f"{path}.pub").read_text(encoding="ascii").split()[:2])
