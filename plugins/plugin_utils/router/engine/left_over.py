# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an earlier life of the router left running: playbooks go on for a while when ansible-rulebook is killed.

A playbook that is under way holds the lock of its execution file. One that has only just started has none yet; it is found by
the variable that it inherited. Waiting for both is what keeps a host from being worked on twice at once.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from ansible_collections.eventops.infra.plugins.plugin_utils.executions import Execution, list_dispatches, read_dispatch

from .for_playbooks import GENERATION, STORE

_LOOK_SECONDS = 0.2
_PROC = Path("/proc")
# Where there is no /proc (macOS), a playbook that has just started cannot be seen: it gets this long to make its file.
_BLIND_GRACE_SECONDS = 5.0


async def runs_over(executions: Path, uuid: str, generation: str) -> list[Execution]:
    """Wait until no playbook of a dispatch is alive any more, and return its runs.

    :param executions: the directory that the callback writes to.
    :param uuid: the dispatch.
    :param generation: the router's own; playbooks of other generations are left over.
    """
    if not _PROC.is_dir():
        await asyncio.sleep(_BLIND_GRACE_SECONDS)
    store = Path(str(executions.parent).removesuffix(".d"))
    while True:
        starting = left_over(store, generation) - _reporting(executions)  # before the runs are read: one may come in between
        runs = read_dispatch(executions, uuid)
        # One that has made its file and let go of it has ended, and only takes its time to go away.
        starting -= {run.pid for run in runs}
        if not starting and not any(run.alive for run in runs):
            return runs
        await asyncio.sleep(_LOOK_SECONDS)


def left_over(store: Path, generation: str) -> set[int]:
    """Find the ansible-playbook processes that another generation of a store's router started, by process id, without their workers."""
    if not _PROC.is_dir():
        return set()
    found = {int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit() and _is_left_over(entry, store, generation)}
    return {process for process in found if _parent(process) not in found}


def _is_left_over(process: Path, store: Path, generation: str) -> bool:
    try:
        command = (process / "cmdline").read_bytes().split(b"\0")
        if not any(os.path.basename(word) == b"ansible-playbook" for word in command[:3]):
            return False
        variables = dict(entry.partition(b"=")[::2] for entry in (process / "environ").read_bytes().split(b"\0"))
    except OSError:
        return False  # it has ended, or is another user's
    its_store, its_generation = variables.get(STORE.encode()), variables.get(GENERATION.encode())
    if its_store is None or its_generation is None or its_generation == generation.encode():
        return False
    return os.path.realpath(its_store) == os.path.realpath(os.fsencode(store))  # other routers on this machine have others


def _parent(process: int) -> int | None:
    try:
        # proc(5): pid (comm) state ppid ...; the name in brackets may hold anything.
        return int((_PROC / str(process) / "stat").read_bytes().rpartition(b")")[2].split()[1])
    except (OSError, IndexError):
        return None  # it has ended


def _reporting(executions: Path) -> set[int]:
    """List the processes that are alive and have made their file already, for whichever dispatch."""
    return {run.pid for uuid in list_dispatches(executions) for run in read_dispatch(executions, uuid) if run.alive}
