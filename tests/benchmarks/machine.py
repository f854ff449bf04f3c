# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the figures were taken on: enough to compare, nothing that names the machine."""

from __future__ import annotations

import os
import platform
import re
import sqlite3
import subprocess
from importlib.metadata import version
from pathlib import Path

_LOAD_AT_START = round(os.getloadavg()[0], 1)


def describe() -> dict[str, object]:
    """Describe processors, memory and versions, and how busy the machine was with other things."""
    total = int(re.search(r"MemTotal:\s+(\d+) kB", Path("/proc/meminfo").read_text(encoding="ascii"))[1])
    model = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    wrk = subprocess.run(["wrk", "-v"], capture_output=True, text=True, check=False)
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": model[1] if model else platform.machine(),
        "memory_gib": round(total / 2**20, 1),
        "kernel": platform.release().split("-")[0],
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "ansible-rulebook": version("ansible-rulebook"),
        "ansible-core": version("ansible-core"),
        "wrk": (re.search(r"\d+(\.\d+)+", wrk.stdout + wrk.stderr) or ["unknown"])[0],
        "load_at_start": _LOAD_AT_START,  # what others did; with more than a few tenths, figures are taken beside other load
    }
