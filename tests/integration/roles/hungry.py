# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Processes that really use memory or CPU, under a name of their own, and in a control group that is named as systemd or a container engine names it."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ansible_collections.eventops.infra.plugins.module_utils.host.pressure.measuring import memory
from ansible_collections.eventops.infra.tests.e2e.waiting import wait_until

# What it uses is read once, when it starts: whoever changes the file and starts it again gets one that uses something else.
PROGRAM = """\
#!{python}
import os, pathlib, time
directory = pathlib.Path({directory!r})
words = (directory / "uses").read_text().split()
kept = b"x" * int(words[1]) if words[0] == "memory" else b""
with open(directory / "starts", "a") as file:
    file.write("started\\n")
if words[0] == "cpu":
    for _number in range(os.cpu_count() - 1):
        if not os.fork():
            break
ends = time.monotonic() + 60
while words[0] != "cpu" or time.monotonic() < ends:
    if words[0] != "cpu":
        time.sleep(1)
"""
# Not the one of a virtual environment: the kernel takes no interpreter with a space in its path, which a checkout may have.
PYTHON = Path(sys.executable).resolve()
# The unified hierarchy, alone or beside those of version 1.
_GROUPS = next((path for path in (Path("/sys/fs/cgroup/unified"), Path("/sys/fs/cgroup")) if (path / "cgroup.procs").exists()), None)


class Hungry:
    """A process that uses something up.

    Args:
        directory: gets its files.
        name: what the kernel calls it, at most 15 characters, and nothing else on this machine.
        env: its environment.
    """

    def __init__(self, directory: Path, name: str, env: Mapping[str, str]) -> None:
        self.directory = directory
        self.name = name
        self._env = dict(env)
        directory.mkdir(parents=True)
        self.program = directory / name
        self.program.write_text(PROGRAM.format(python=PYTHON, directory=str(directory)), encoding="utf-8")
        self.program.chmod(0o755)
        self.becomes("nothing")
        self.group: Path | None = None

    @property
    def starts(self) -> int:
        """How often it was started."""
        path = self.directory / "starts"
        return len(path.read_text().splitlines()) if path.exists() else 0

    @property
    def started_again(self) -> bool:
        """Whether it was started a second time, and no more: a program that starts may take a moment."""
        wait_until(lambda: self.starts >= 2, f"{self.name} to start again", 30)
        return self.starts == 2

    @property
    def restarts(self) -> Path:
        """A program that ends it and starts it again as it would be then; in its control group, if it has one."""
        path = self.directory / "restart"
        start = f"setsid {shlex.quote(str(self.program))} >/dev/null 2>&1 &"
        place = f"echo $! > {self.group}/cgroup.procs\n" if self.group else ""
        kill = f"for p in /proc/[0-9]*; do [ \"$(cat $p/comm 2>/dev/null)\" = {self.name} ] && kill -9 ${{p#/proc/}}; done\n"
        path.write_text(f"#!/bin/sh\n{kill}{start}\n{place}exit 0\n", encoding="utf-8")
        path.chmod(0o755)
        return path

    def becomes(self, *uses: object) -> None:
        """Say what it uses from its next start on: memory BYTES, cpu (all of it, for a minute at most), or nothing."""
        (self.directory / "uses").write_text(" ".join(map(str, uses)))

    def start(self, *uses: object) -> None:
        """Start it, and wait until it uses that; from its next start on it uses nothing."""
        self.becomes(*uses)
        before = self.starts
        subprocess.run([str(self.restarts)], env=self._env, check=True)
        wait_until(lambda: self.starts > before, f"{self.name} to start", 30)
        self.becomes("nothing")


@contextmanager
def control_group(name: str) -> Iterator[Path | None]:
    """Make a control group, such as system.slice/app.service, and take it away; None where that cannot be done."""
    if _GROUPS is None or not os.access(_GROUPS, os.W_OK):
        yield None
        return
    path = _GROUPS / name
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError:
        yield None
        return
    try:
        yield path
    finally:
        for process in (path / "cgroup.procs").read_text().split():
            os.kill(int(process), 9)
        wait_until(lambda: not (path / "cgroup.procs").read_text().split(), "the control group to be empty", 10)
        path.rmdir()


def share_of_memory(percent: float) -> int:
    """Return some percent of this machine's memory in bytes."""
    return int(memory()["total_bytes"] * percent / 100)


def used_percent() -> float:
    """Return how much of this machine's memory is in use."""
    return memory()["used_percent"]
