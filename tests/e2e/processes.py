# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The processes that a test has started, and their children wherever they went.

ansible-runner gives playbooks a session of their own and services make themselves daemons, so neither parent nor process
group leads to them. Each test puts a word of its own into the environment, which every child inherits.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "EVENTOPS_TEST_PROCESS"


@dataclass(frozen=True)
class Process:
    """A running process: its id and its command line."""

    pid: int
    command: str


def started_with(word: str) -> list[Process]:
    """Return the running processes that have the test's word in their environment."""
    found = []
    for directory in Path("/proc").iterdir():
        if directory.name.isdigit() and _has(int(directory.name), word):
            with contextlib.suppress(OSError):
                command = (directory / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
                found.append(Process(int(directory.name), command))
    return found


def end_all(word: str, timeout_seconds: float = 10) -> None:
    """Kill the processes that have the test's word in their environment, and wait until they are gone."""
    deadline = time.monotonic() + timeout_seconds
    while processes := started_with(word):
        for process in processes:
            _kill(process.pid, word)
        if time.monotonic() > deadline:
            raise TimeoutError(f"still running: {processes}")
        time.sleep(0.02)


def _kill(pid: int, word: str) -> None:
    with contextlib.suppress(ProcessLookupError):
        descriptor = os.pidfd_open(pid)
        try:
            if _has(pid, word):  # asked again, now that the id cannot pass to another process
                signal.pidfd_send_signal(descriptor, signal.SIGKILL)
        finally:
            os.close(descriptor)


def _has(pid: int, word: str) -> bool:
    try:
        return f"{VARIABLE}={word}".encode() in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:  # it has ended, or is another user's
        return False
