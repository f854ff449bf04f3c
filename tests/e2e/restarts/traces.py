# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the playbooks did, as their own work tells it: on which host, for which dispatch, from when to when."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Work:
    """One piece of work of a playbook's run; `ended` is infinite while it has not. Times are seconds since the epoch."""

    run: str
    dispatch: str
    playbook: str
    host: str
    number: int
    pid: int
    began: float
    ended: float = math.inf

    @property
    def is_over(self) -> bool:
        return self.ended < math.inf


def read_trace(path: Path, killed_at: Iterable[float] = ()) -> list[Work]:
    """Read the work, in the order in which it began.

    :param path: the file that work.py writes.
    :param killed_at: the times at which everything was killed, which ended the work that went on then.
    """
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
    ended = {(line["run"], line["pid"]): line["time"] for line in lines if line["what"] == "ended"}
    works = []
    for line in sorted((line for line in lines if line["what"] == "began"), key=lambda line: line["time"]):
        killed = min((time for time in killed_at if time >= line["time"]), default=math.inf)
        own = {key: line[key] for key in ("run", "dispatch", "playbook", "host", "number", "pid")}
        works.append(Work(**own, began=line["time"], ended=min(ended.get((line["run"], line["pid"]), math.inf), killed)))
    return works


def overlaps(works: Iterable[Work]) -> list[tuple[Work, Work]]:
    """Find the pairs of runs that were at work on one host at the same time.

    A run is at work on a host from its first work there to the end of its last, the pauses in between included.
    """
    found = []
    for _host, of_host in _grouped(works, lambda work: work.host):
        runs = sorted((list(of_run) for _run, of_run in _grouped(of_host, lambda work: work.run)), key=lambda run: run[0].began)
        for one, other in itertools.pairwise(runs):
            if other[0].began < max(work.ended for work in one):
                found.append((one[-1], other[0]))
    return found


def _grouped(works: Iterable[Work], key) -> list[tuple[str, list[Work]]]:
    groups: dict[str, list[Work]] = {}
    for work in sorted(works, key=lambda work: work.began):
        groups.setdefault(key(work), []).append(work)
    return list(groups.items())
