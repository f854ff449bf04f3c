# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The processes of a Linux machine and what each uses, from /proc (proc(5)). Their arguments are not read: they may be secrets."""

from __future__ import annotations

import os
import pwd
import time
from dataclasses import dataclass, replace

from ansible_collections.eventops.infra.plugins.module_utils.host.pressure.owner import owner_of
from ansible_collections.eventops.infra.plugins.module_utils.host.text import printable

# How many processes are asked for their share of shared memory, which the kernel has to add up: the largest ones.
_ASKED_FOR_PSS = 50
_UTIME, _STIME, _START = 11, 12, 19  # fields of /proc/PID/stat after the name, from 0


@dataclass(frozen=True)
class Process:
    """A process: what it uses, and whose it is (a container, a systemd unit, or neither)."""

    pid: int
    name: str
    user: str
    unit: str
    container: str
    memory_bytes: int
    cpu_ticks: int
    started: int

    @property
    def owner(self) -> str:
        """What it is told under: its container, its unit, or its own name."""
        if self.container:
            return f"container {self.container[:12]}"
        return self.unit or f"process {self.name}"


def processes(proc: str = "/proc") -> dict:
    """Return every process by its number. One that ends meanwhile is left out."""
    page, own = os.sysconf("SC_PAGE_SIZE"), os.getpid()
    found = {}
    for entry in os.listdir(proc):
        if entry.isdigit() and int(entry) != own:
            process = _read(os.path.join(proc, entry), int(entry), page)
            if process:
                found[process.pid] = process
    return found


def with_shared_memory_split(found: dict, proc: str = "/proc") -> dict:
    """Return processes with the memory that they share counted once, in parts, where the kernel tells: PostgreSQL's buffers are not each worker's own."""
    largest = sorted(found.values(), key=lambda each: each.memory_bytes, reverse=True)[:_ASKED_FOR_PSS]
    exact = {each.pid: replace(each, memory_bytes=_pss(os.path.join(proc, str(each.pid)), each.memory_bytes)) for each in largest}
    return {**found, **exact}


def ticks_since(before: dict, after: dict) -> dict:
    """Return the ticks of CPU that each process took between two looks; of a new one, all."""
    taken = {}
    for pid, now in after.items():
        then = before.get(pid)
        taken[pid] = now.cpu_ticks - (then.cpu_ticks if then and then.started == now.started else 0)
    return taken


def sample(seconds: float, ticks: object, sleep: object = time.sleep) -> tuple:
    """Return the processes, the share of all CPUs that each took meanwhile in percent, and the share that was busy.

    Args:
        seconds: between the two looks.
        ticks: a function that returns the busy ticks and all ticks.
    """
    busy_before, all_before = ticks()
    before = processes()
    sleep(seconds)
    after = processes()
    busy_after, all_after = ticks()
    passed = max(all_after - all_before, 1)
    shares = {pid: round(100 * taken / passed, 1) for pid, taken in ticks_since(before, after).items()}
    return after, shares, round(min(100 * (busy_after - busy_before) / passed, 100), 1)


def _read(directory, pid, page):
    try:
        with open(os.path.join(directory, "stat"), encoding="utf-8", errors="replace") as file:
            before, _parenthesis, after = file.read().rpartition(")")
        with open(os.path.join(directory, "statm"), encoding="ascii") as file:
            resident = int(file.read().split()[1]) * page
        # A name may have a carriage return in it, which is no end of a line here.
        with open(os.path.join(directory, "cgroup"), encoding="utf-8", errors="replace", newline="\n") as file:
            unit, container = owner_of(file.read())
        uid = os.stat(directory).st_uid
    except (OSError, IndexError, ValueError):
        return None
    fields = after.split()
    name = printable(before.partition("(")[2], 64)
    ticks = int(fields[_UTIME]) + int(fields[_STIME])
    return Process(pid, name, _user(uid), unit, container, resident, ticks, int(fields[_START]))


def _user(uid):
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _pss(directory, resident):
    try:
        with open(os.path.join(directory, "smaps_rollup"), encoding="ascii", errors="replace") as file:
            return next((int(line.split()[1]) * 1024 for line in file if line.startswith("Pss:")), resident)
    except OSError:  # not granted, or a kernel before 4.14
        return resident
