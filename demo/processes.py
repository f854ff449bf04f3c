# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The processes that the demo has started, and their children wherever they went.

ansible-runner gives playbooks a session of their own and services make themselves daemons, so neither parent nor process
group leads to all of them. The demo puts a word of its own into the environment, which every child inherits: nothing else
is ever ended.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path

VARIABLE = "EVENTOPS_DEMO_PROCESS"


def started_with(word: str) -> list[int]:
    """Return the ids of the running processes that have the word in their environment."""
    pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return [pid for pid in pids if pid != os.getpid() and _has(pid, word)]


def kill(pid: int, word: str) -> bool:
    """Do what `kill -9` does to a process that has the word in its environment; return whether there was one."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return False
    try:
        if not _has(pid, word):  # asked once more, now that the id cannot pass to another process
            return False
        signal.pidfd_send_signal(descriptor, signal.SIGKILL)
        return True
    except ProcessLookupError:
        return False
    finally:
        os.close(descriptor)


def end_all(word: str, timeout_seconds: float = 10) -> None:
    """Kill the processes that have the word in their environment, and wait until they are gone.

    Raises:
        TimeoutError: some did not go.
    """
    deadline = time.monotonic() + timeout_seconds
    while pids := started_with(word):
        for pid in pids:
            kill(pid, word)
        if time.monotonic() > deadline:
            raise TimeoutError(f"still running: {', '.join(map(str, pids))}")
        time.sleep(0.02)


def _has(pid: int, word: str) -> bool:
    with contextlib.suppress(OSError):  # it has ended, or is another user's
        return os.fsencode(f"{VARIABLE}={word}") in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    return False
