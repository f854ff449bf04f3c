# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run the real ansible-rulebook on a rulebook, an inventory and variables, and see what it does."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml
from ansible_collections.eventops.infra.tests.e2e.waiting import wait_until

SHOWN_CHARACTERS = 6000  # of the output, when something did not happen


class Rulebook:
    """ansible-rulebook over files in one directory; start it again after it has ended to see a restart.

    Args:
        directory: gets rulebook.yml, inventory/hosts.yml, variables.yml and the output of every run.
        env: the environment of the process.
    """

    def __init__(self, directory: Path, env: Mapping[str, str]) -> None:
        self.directory = directory
        self.env = dict(env)
        self._rulebook = "rulebook.yml"
        self._process: subprocess.Popen[bytes] | None = None
        self._runs = 0
        directory.mkdir(parents=True, exist_ok=True)

    def write(self, rulebook: str | Sequence[Mapping], hosts: Mapping[str, Mapping], variables: Mapping | None = None) -> None:
        """Write what the next start reads.

        Args:
            rulebook: the rulesets, as data or as YAML; or the name of a rulebook in a collection.
            hosts: the hosts of the inventory with their variables; `localhost` is added.
            variables: what the rulebook reads as variables.
        """
        if isinstance(rulebook, str) and re.fullmatch(r"\w+\.\w+\.\w+", rulebook):
            self._rulebook = rulebook
        else:
            self._rulebook = "rulebook.yml"
            self._write("rulebook.yml", rulebook)
        local = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
        inventory = {name: local | dict(of_host) for name, of_host in {"localhost": {}, **hosts}.items()}
        self._write("inventory/hosts.yml", {"all": {"hosts": inventory}})
        self._write("variables.yml", dict(variables or {}))

    def write_playbook(self, name: str, plays: str | Sequence[Mapping]) -> Path:
        """Write a playbook beside the rulebook and return its path."""
        return self._write(name, plays)

    def start(self, *options: str, **env: str) -> Rulebook:
        """Start ansible-rulebook in a process group of its own.

        Args:
            options: further options of ansible-rulebook.
            env: further environment variables.
        """
        assert not self.is_running, "it is running already"
        self._runs += 1
        command = ["ansible-rulebook", "--rulebook", self._rulebook, "--inventory", "inventory", "--vars", "variables.yml", *options]
        with open(self._output_path, "wb") as output:
            self._process = subprocess.Popen(
                command, cwd=self.directory, env=self.env | env, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
            )
        return self

    @property
    def output(self) -> str:
        """What this run has written so far, both streams."""
        return self._output_path.read_text(encoding="utf-8", errors="replace")

    @property
    def pid(self) -> int:
        """The process id of this run."""
        assert self._process, "it was never started"
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def wait_for(self, pattern: str, timeout_seconds: float = 60) -> re.Match[str]:
        """Return the first match of a pattern in the output of this run; fail when the run ends without one."""

        def found() -> re.Match[str] | None:
            ended = not self.is_running
            match = re.search(pattern, self.output)
            assert match or not ended, f"{pattern!r}: ended with {self._exit_code()} without it\n{self._end_of_output()}"
            return match

        return wait_until(found, repr(pattern), timeout_seconds, self._end_of_output)

    def wait_for_exit(self, timeout_seconds: float = 60) -> int:
        """Return the exit code once it has ended."""
        wait_until(lambda: not self.is_running, "the end of ansible-rulebook", timeout_seconds, self._end_of_output)
        return self._exit_code()

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal to ansible-rulebook alone, not to the playbooks that it runs."""
        assert self.is_running, "it is not running"
        os.kill(self.pid, number)

    def kill(self) -> None:
        """Do what `kill -9` does, and wait until it is gone; its playbooks live on."""
        self.send_signal(signal.SIGKILL)
        self.wait_for_exit()

    def stop(self, timeout_seconds: float = 60) -> int:
        """End it as a service manager would, and return the exit code."""
        self.send_signal(signal.SIGTERM)
        return self.wait_for_exit(timeout_seconds)

    def close(self) -> None:
        """End its process group, if it still runs, whatever state it is in."""
        if self.is_running:
            os.killpg(self.pid, signal.SIGKILL)
            self.wait_for_exit()

    @property
    def _output_path(self) -> Path:
        return self.directory / f"output-{self._runs}.txt"

    def _write(self, name: str, content: object) -> Path:
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
        return path

    def _exit_code(self) -> int:
        assert self._process
        return self._process.wait()

    def _end_of_output(self) -> str:
        return f"--- {self._output_path.name}\n{self.output[-SHOWN_CHARACTERS:]}"
