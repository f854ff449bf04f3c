# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What was measured, in the words of people."""

from __future__ import annotations

from ansible_collections.eventops.infra.plugins.module_utils.host.pressure.processes import Process
from ansible_collections.eventops.infra.plugins.module_utils.host.pressure.verdict import Resource
from ansible_collections.eventops.infra.plugins.module_utils.host.text import size, told

_MOST_KILLS = 5


def wrong(resource: Resource) -> str:
    """Say that a resource is exhausted; empty when it is not."""
    if resource.used_percent < resource.threshold:
        return ""
    name = "the memory is used" if resource.kind == "memory" else "the CPU is busy"
    return f"{resource.used_percent:g} % of {name}, from {resource.threshold:g} % on it is too much"


def about_all(memory: dict, busy: float, pressure: dict) -> str:
    """Tell of the whole machine."""
    swap = f"swap {size(memory['swap_used_bytes'])} of {size(memory['swap_total_bytes'])}" if memory["swap_total_bytes"] else "no swap"
    used = memory["total_bytes"] - memory["available_bytes"]
    waits = "; ".join(f"waited for {name} {each['avg10']:g} % of 10 s, {each['avg60']:g} % of 60 s" for name, each in pressure.items())
    text = f"memory {size(used)} of {size(memory['total_bytes'])} ({memory['used_percent']:g} %), {swap}; CPU {busy:g} % busy"
    return f"{text}; {waits}" if waits else text


def about_owners(resource: Resource, owners: list) -> str:
    """Tell which units, containers and others use most."""
    return f"most {_name(resource)} by: {told([f'{each.owner} {resource.shown(each.amount)}' for each in owners], 800)}"


def about_processes(resource: Resource, processes: list, shares: dict) -> str:
    """Tell which processes use most."""
    of_each = [f"{each.name} (pid {each.pid}, user {each.user}) {size(each.memory_bytes)}, {shares.get(each.pid, 0):g} % CPU" for each in processes]
    return f"processes with most {_name(resource)}: {told(of_each, 800)}"


def about_kills(since_start: int, lately: list, unreadable: str) -> str:
    """Tell which processes the kernel has killed for want of memory."""
    if unreadable:
        return f"{since_start} processes killed for want of memory since the start; {unreadable}" if since_start else ""
    if not lately:
        return ""
    return f"killed for want of memory in the last hour: {told(lately[-_MOST_KILLS:], 800)}"


def as_dict(process: Process, shares: dict) -> dict:
    """Return what the module tells of a process."""
    return {
        "pid": process.pid,
        "name": process.name,
        "user": process.user,
        "owner": process.owner,
        "memory_bytes": process.memory_bytes,
        "cpu_percent": shares.get(process.pid, 0),
    }


def _name(resource):
    return "memory" if resource.kind == "memory" else "CPU"
