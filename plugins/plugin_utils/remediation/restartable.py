# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What may be restarted where memory or CPU is exhausted, as the inventory says, in its order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.remediation.reading import Reading

MEMORY, CPU = "memory", "cpu"
RUNTIMES = ("podman", "docker")
_KINDS = ("systemd", "container", "process")
_KEYS = (*_KINDS, "runtime", "user", "command", MEMORY, CPU)


def restart_plan(written: object, resource: str, where: str, timeout: int, wait: int) -> dict[str, Any]:
    """Read the list of what may be restarted.

    Args:
        written: the list.
        resource: memory or cpu. Entries that have no limit for it are not restarted because of it.
        where: the host variable, and whose it is.
        timeout: seconds that a restart may take.
        wait: seconds afterwards until it must have helped.

    Returns:
        mistakes: what is wrong, for people; nothing may be done while there is any.
        candidates: what the module eventops.infra.host_pressure_info needs to judge each of them.
        steps: one for each, in the same order.
    """
    reading = Reading(where)
    candidates, steps = [], []
    for index, entry in enumerate(reading.entries(written)):
        read = _entry(entry, f"[{index}]", reading)
        if read is None or resource not in read["limits"]:
            continue
        candidates.append({**read["chosen"], "limit": read["limits"][resource]})
        steps.append({"name": "restart", "way": "restart", "timeout": timeout, "wait": wait, "within": wait, **read["step"]})
    return {"mistakes": reading.mistakes, "candidates": candidates, "steps": steps} if not reading.mistakes else _nothing(reading)


def _nothing(reading):
    return {"mistakes": reading.mistakes, "candidates": [], "steps": []}


def _entry(entry: Mapping, path: str, reading: Reading) -> dict[str, Any] | None:
    reading.known(path, entry, _KEYS)
    kinds = [kind for kind in _KINDS if kind in entry]
    if len(kinds) != 1:
        reading.wrong(path, f"a mapping with one of {', '.join(_KINDS)}", kinds or entry)
        return None
    [kind] = kinds
    limits = {resource: _limit(entry[resource], f"{path}.{resource}", resource, reading) for resource in (MEMORY, CPU) if resource in entry}
    if not limits:
        reading.mistakes.append(f"{reading.where}: {path} has no limit above which it is restarted. Give it memory or cpu.")
    name = reading.name(f"{path}.{kind}", entry[kind])
    if kind == "systemd" and "." not in name:
        name = f"{name}.service"  # as systemctl takes it
    read = {"systemd": _unit, "container": _container, "process": _process}[kind](name, entry, path, reading)
    return {**read, "limits": limits}


def _limit(value, path, resource, reading):
    limit = reading.share_or_size(path, value)
    if resource == CPU and "bytes" in limit:
        reading.wrong(path, "a share of all CPUs such as 80%", value)
    return limit


def _unit(name, _entry_, _path, _reading):
    return {"chosen": {"unit": name}, "step": {"how": f"restarting the systemd unit {name}", "start": {"systemd": name}}}


def _container(name, entry, path, reading):
    runtime = entry.get("runtime", "podman")
    if runtime not in RUNTIMES:
        reading.wrong(f"{path}.runtime", " or ".join(RUNTIMES), runtime)
    start = {"container": name, "runtime": runtime}
    return {"chosen": {"container": name, "runtime": runtime}, "step": {"how": f"restarting the container {name}", "start": start}}


def _process(name, entry, path, reading):
    command = reading.command(f"{path}.command", entry.get("command"))
    chosen = {"process": name}
    if "user" in entry:
        chosen["user"] = reading.name(f"{path}.user", entry["user"])
    # Of the command only the program: arguments may be secrets.
    how = f"restarting {name} by {command[0] if command else ''}"
    return {"chosen": chosen, "step": {"how": how, "start": {"command": command}}}
