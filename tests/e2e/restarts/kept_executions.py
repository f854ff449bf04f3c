# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every execution file that a router's playbooks ever made, kept from being removed: what the callback wrote, with no router in between."""

from __future__ import annotations

import json
import os
import re
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_LOOK_SECONDS = 0.03
_NAME = re.compile(r"(?P<dispatch>[0-9a-f-]{36})\.(?P<pid>\d+)")


@dataclass(frozen=True)
class Kept:
    """One run of a playbook for a dispatch; the times are RFC 3339 as the callback writes them. `ended` None: it was cut off."""

    dispatch: str
    pid: int
    playbook: str
    started: str
    ended: str | None
    hosts: tuple[str, ...]


class KeptExecutions:
    """Give every file that appears in a directory of executions a second name elsewhere, where nobody removes it.

    :param executions: need not exist yet.
    :param keep: on the same file system.
    """

    def __init__(self, executions: Path, keep: Path) -> None:
        self._executions = executions
        self._keep = keep
        self._ending = threading.Event()
        keep.mkdir()
        self._watching = threading.Thread(target=self._watch, daemon=True)
        self._watching.start()

    def close(self) -> None:
        self._ending.set()
        self._watching.join()

    def __len__(self) -> int:
        return len(os.listdir(self._keep))

    def read(self) -> list[Kept]:
        """Read all, in the order in which they started."""
        kept = [_read(path) for path in self._keep.iterdir()]
        return sorted(kept, key=lambda each: each.started)

    def _watch(self) -> None:
        while not self._ending.wait(_LOOK_SECONDS):
            with suppress(FileNotFoundError):
                for entry in os.scandir(self._executions):
                    if _NAME.match(entry.name):
                        # With its number, as a name may come again; the number can't while the file has a name here.
                        with suppress(FileNotFoundError, FileExistsError):
                            os.link(entry.path, self._keep / f"{entry.name}.{entry.inode()}")


def _read(path: Path) -> Kept:
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.endswith("}")]
    name = _NAME.match(path.name)
    ended = next((line["time"] for line in lines if line["line"] == "ended"), None)
    hosts = tuple(line["host"] for line in lines if line["line"] == "host")
    return Kept(name["dispatch"], int(name["pid"]), lines[0]["playbook"], lines[0]["time"], ended, hosts)
