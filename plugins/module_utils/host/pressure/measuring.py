# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How much of a Linux machine's memory and CPU is in use, from /proc (proc(5))."""

from __future__ import annotations

import os

# Not busy: the columns idle and iowait of /proc/stat. guest and guest_nice are counted in user and nice already.
_IDLE, _IOWAIT, _COUNTED = 3, 4, 8


def memory(proc: str = "/proc") -> dict:
    """Return the bytes of memory and swap, and the share that is used: all that is not available without swapping."""
    with open(os.path.join(proc, "meminfo"), encoding="ascii") as file:
        fields = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in file if len(line.split()) > 1}
    total = fields["MemTotal"]
    # MemAvailable is there since Linux 3.14.
    available = fields.get("MemAvailable", fields["MemFree"] + fields.get("Buffers", 0) + fields.get("Cached", 0))
    return {
        "total_bytes": total,
        "available_bytes": available,
        "used_percent": round(100 * (1 - available / total), 1),
        "swap_total_bytes": fields.get("SwapTotal", 0),
        "swap_used_bytes": fields.get("SwapTotal", 0) - fields.get("SwapFree", 0),
    }


def cpu_ticks(proc: str = "/proc") -> tuple:
    """Return the ticks since boot of all CPUs together: busy, and all."""
    with open(os.path.join(proc, "stat"), encoding="ascii") as file:
        ticks = [int(word) for word in file.readline().split()[1:][:_COUNTED]]
    return sum(ticks) - ticks[_IDLE] - ticks[_IOWAIT], sum(ticks)


def pressure(proc: str = "/proc") -> dict:
    """Return the share of time that tasks waited for memory, cpu and io in the last 10 and 60 seconds; empty where the kernel does not say."""
    found = {}
    for resource in ("memory", "cpu", "io"):
        try:
            with open(os.path.join(proc, "pressure", resource), encoding="ascii") as file:
                words = dict(word.split("=") for word in file.readline().split()[1:])
            found[resource] = {"avg10": float(words["avg10"]), "avg60": float(words["avg60"])}
        except (OSError, KeyError, ValueError):
            continue
    return found


def oom_kills(proc: str = "/proc") -> int:
    """Return how often the kernel has killed a process for want of memory since boot; 0 where it does not say."""
    try:
        with open(os.path.join(proc, "vmstat"), encoding="ascii") as file:
            return next((int(line.split()[1]) for line in file if line.startswith("oom_kill ")), 0)
    except OSError:
        return 0
