# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A running ansible-rulebook, and the ledger of its router."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

import yaml
from ledger import Ledger
from waiting import NotSeen

_STOP_SECONDS = 15
_SHOWN_LINES = 12


class Rulebook:
    """The real ansible-rulebook with one rulebook; it may be killed and started again.

    Args:
        rulebook: a file, or the name of a rulebook in a collection.
        directory: gets the variables, the router's store and the log.
        inventory: the directory of the inventory.
        variables: what the rulebook reads as variables, beside `eventops_store`.
        env: the environment of the process.
    """

    def __init__(self, rulebook: str, directory: Path, inventory: Path, variables: Mapping, env: Mapping[str, str]) -> None:
        self.log = directory / "ansible-rulebook.log"
        self.ledger = Ledger(directory / "store.db")
        self._rulebook = rulebook
        self._inventory = inventory
        self._env = dict(env)
        self._variables = directory / "variables.yml"
        self._process: subprocess.Popen[bytes] | None = None
        directory.mkdir(parents=True)
        self._variables.write_text(yaml.safe_dump({"eventops_store": str(self.ledger.store), **variables}, sort_keys=False), encoding="utf-8")

    def start(self) -> int:
        """Start it in a process group of its own and return its process id."""
        command = ["ansible-rulebook", "--rulebook", self._rulebook, "--inventory", self._inventory, "--vars", self._variables]
        with open(self.log, "ab") as log:
            self._process = subprocess.Popen(
                command, cwd=self.log.parent, env=self._env, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
        return self._process.pid

    async def kill(self) -> int:
        """Do what `kill -9` does to ansible-rulebook alone, not to the playbooks that it runs, and return its process id."""
        process, self._process = self._process, None
        process.kill()
        await asyncio.to_thread(process.wait)
        return process.pid

    async def stop(self) -> None:
        """End it as a service manager would: politely, then its whole process group."""
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            await asyncio.to_thread(process.wait, _STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            await asyncio.to_thread(process.wait)

    def require_running(self) -> None:
        """Raise NotSeen when it has ended by itself."""
        if self._process is not None and self._process.poll() is not None:
            last = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-_SHOWN_LINES:]
            shown = "\n".join(f"    | {line}" for line in last)
            raise NotSeen(f"ansible-rulebook with {self._rulebook} ended by itself, exit code {self._process.returncode}:\n{shown}")
