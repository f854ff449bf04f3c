#!/usr/bin/python
# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: host_pressure_info
short_description: Say what uses the memory and the CPU of a Linux host, and whether restarting something would help
version_added: 0.1.0
description:
  - Measures for some seconds how much memory and CPU are in use, by which processes, and to which systemd units and containers they belong.
  - Adds what the kernel says about waiting for them (pressure stall information), and which processes it has killed for want of memory.
  - Judges each of O(candidates), whether it is the one that uses the host up. Nothing is restarted here.
  - Arguments of processes are not read, as they may be secrets.
options:
  resource:
    description: What is judged. Both are measured.
    type: str
    choices: [memory, cpu]
    required: true
  threshold:
    description:
      - The share in percent from which the host is exhausted.
      - Of memory it is that of all that is not available without swapping, of the CPU that of all CPUs together.
    type: float
    default: 90
  seconds:
    description: How long the CPU is measured, from 0.1 to 60.
    type: float
    default: 5
  top:
    description: How many processes and owners are told, from 1 to 50.
    type: int
    default: 10
  candidates:
    description: What might be restarted, in order.
    type: list
    elements: dict
    default: []
    suboptions:
      unit:
        description: The systemd unit.
        type: str
      container:
        description: The name of the container.
        type: str
      runtime:
        description: What runs the container.
        type: str
        choices: [podman, docker]
        default: podman
      process:
        description: The name of the processes, as the kernel has it, which keeps 15 characters.
        type: str
      user:
        description: The user whose processes of that name are meant. By default those of all.
        type: str
      limit:
        description: Above which use it may be restarted, C(percent) of the whole, or C(bytes).
        type: dict
        required: true
attributes:
  check_mode:
    description: It changes nothing.
    support: full
author:
  - eventops.infra contributors (@eventops)
requirements:
  - Linux with procfs
"""

EXAMPLES = r"""
- name: See what uses the memory
  eventops.infra.host_pressure_info:
    resource: memory
    candidates:
      - unit: app.service
        limit: {percent: 50}
  register: looked

- name: Restart it where that would help
  ansible.builtin.systemd_service:
    name: app.service
    state: restarted
  when:
    - looked.wrong | length > 0
    - looked.candidates[0].should_restart
"""

RETURN = r"""
wrong:
  description: What is wrong, for people. Empty when the host is not exhausted.
  returned: success
  type: str
  sample: 97.1 % of the memory is used, from 90 % on it is too much
evidence:
  description: What was seen, for people, each at most 1000 characters.
  returned: success
  type: list
  elements: str
memory:
  description: The memory.
  returned: success
  type: dict
  sample: {total_bytes: 8589934592, available_bytes: 429496729, used_percent: 95.0, swap_total_bytes: 0, swap_used_bytes: 0}
cpu_percent:
  description: The share of all CPUs that was busy meanwhile.
  returned: success
  type: float
pressure:
  description: Which share of time tasks waited for C(memory), C(cpu) and C(io). Empty where the kernel does not say.
  returned: success
  type: dict
owners:
  description: The units, containers and other processes that use most of the resource, with C(amount) in bytes or in percent of all CPUs.
  returned: success
  type: list
  elements: dict
  sample: [{owner: app.service, amount: 7516192768}]
processes:
  description: The processes that use most of the resource.
  returned: success
  type: list
  elements: dict
  sample: [{pid: 4711, name: java, user: app, owner: app.service, memory_bytes: 7516192768, cpu_percent: 12.5}]
oom_kills:
  description: How many processes the kernel has killed for want of memory since it was started.
  returned: success
  type: int
candidates:
  description: The verdict on each of O(candidates), in their order.
  returned: success
  type: list
  elements: dict
  sample: [{should_restart: false, why_not: "it uses 1.0 GiB (12 %), not more than its limit 4.0 GiB (50 %)"}]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.eventops.infra.plugins.module_utils.host.pressure import measuring, telling
from ansible_collections.eventops.infra.plugins.module_utils.host.pressure.kernel_log import killed_lately
from ansible_collections.eventops.infra.plugins.module_utils.host.pressure.processes import sample, with_shared_memory_split
from ansible_collections.eventops.infra.plugins.module_utils.host.pressure.verdict import Resource, Use, by_owner, why_not

_CHOOSING = ("unit", "container", "process")
OPTIONS = {
    "resource": {"type": "str", "choices": ["memory", "cpu"], "required": True},
    "threshold": {"type": "float", "default": 90},
    "seconds": {"type": "float", "default": 5},
    "top": {"type": "int", "default": 10},
    "candidates": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "unit": {"type": "str"},
            "container": {"type": "str"},
            "runtime": {"type": "str", "choices": ["podman", "docker"], "default": "podman"},
            "process": {"type": "str"},
            "user": {"type": "str"},
            "limit": {"type": "dict", "required": True},
        },
        "mutually_exclusive": [_CHOOSING],
        "required_one_of": [_CHOOSING],
    },
}


def main():
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    given = module.params
    for name, least, most in (("threshold", 1, 100), ("seconds", 0.1, 60), ("top", 1, 50)):
        if not least <= given[name] <= most:
            module.fail_json(msg=f"{name}: must be from {least} to {most}, got {given[name]}")
    limits = [_limit(module, index, each["limit"]) for index, each in enumerate(given["candidates"])]
    try:
        found, shares, busy = sample(given["seconds"], measuring.cpu_ticks)
        memory = measuring.memory()
    except (OSError, KeyError, ValueError) as error:
        module.fail_json(msg=f"/proc does not say what is in use: {error}")
    found = with_shared_memory_split(found)
    resource = (
        Resource("memory", memory["total_bytes"], memory["used_percent"], given["threshold"])
        if given["resource"] == "memory"
        else Resource("cpu", 100, busy, given["threshold"])
    )
    uses = {pid: Use(each.owner, each.memory_bytes if resource.kind == "memory" else shares.get(pid, 0)) for pid, each in found.items()}
    verdicts = []
    for each, limit in zip(given["candidates"], limits):
        reason = why_not(resource, uses, chosen(module, each, found), limit)
        verdicts.append({"should_restart": not reason, "why_not": reason})
    top = sorted(found.values(), key=lambda each: uses[each.pid].amount, reverse=True)[: given["top"]]
    owners = by_owner(uses)[: given["top"]]
    pressure, kills = measuring.pressure(), measuring.oom_kills()
    evidence = [
        telling.about_all(memory, busy, pressure),
        telling.about_owners(resource, owners),
        telling.about_processes(resource, top, shares),
        telling.about_kills(kills, *killed_lately()),
    ]
    module.exit_json(
        changed=False,
        wrong=telling.wrong(resource),
        evidence=[text for text in evidence if text],
        memory=memory,
        cpu_percent=busy,
        pressure=pressure,
        owners=[{"owner": each.owner, "amount": each.amount} for each in owners],
        processes=[telling.as_dict(each, shares) for each in top],
        oom_kills=kills,
        candidates=verdicts,
    )


def _limit(module, index, limit):
    """Return a limit with its number, as options of a dictionary come as texts."""
    try:
        [(name, value)] = limit.items()
        if name not in ("percent", "bytes") or float(value) <= 0:
            raise ValueError
        return {name: float(value)}
    except (TypeError, ValueError):
        module.fail_json(msg=f"candidates[{index}].limit: must be percent or bytes with a number greater than 0")


def chosen(module, candidate, found):
    """Return the numbers of the processes that a candidate means."""
    if candidate["unit"]:
        return [pid for pid, each in found.items() if each.unit == candidate["unit"]]
    if candidate["process"]:
        # The kernel keeps 15 characters of a name.
        wanted, user = candidate["process"][:15], candidate["user"]
        return [pid for pid, each in found.items() if each.name == wanted and user in (None, each.user)]
    command = [candidate["runtime"], "container", "inspect", "--format", "{{.Id}}", candidate["container"]]
    code, said, _errors = module.run_command(command, handle_exceptions=False) if module.get_bin_path(command[0]) else (1, "", "")
    identifier = said.strip()
    return [pid for pid, each in found.items() if identifier and each.container == identifier] if code == 0 else []


if __name__ == "__main__":
    main()
