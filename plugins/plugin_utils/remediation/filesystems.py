# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is done about a full filesystem, as the inventory says: clean-ups, then more room."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.eventops.infra.plugins.module_utils.aws.ec2.arguments import VOLUME_ID
from ansible_collections.eventops.infra.plugins.plugin_utils.remediation.cleanups import read_cleanup
from ansible_collections.eventops.infra.plugins.plugin_utils.remediation.reading import Reading, shown

_DEVICE = re.compile(r"/dev/[A-Za-z0-9]{1,32}|xvd[a-z]{1,2}")
_SHARE = re.compile(r"([1-9]\d?|100)%")
_LARGEST_GIB = 65_536  # of an EBS volume (io2 Block Express)


def filesystem_plan(written: object, mount: str, where: str, clean_timeout: int, grow_timeout: int) -> dict[str, Any]:
    """Read the entry of one mount point.

    Args:
        written: the list of the host's filesystems.
        mount: which one it is about, exactly as an entry has it; empty for the only one.
        where: the host variable, and whose it is.
        clean_timeout, grow_timeout: seconds that a step may take.

    Returns:
        mistakes: what is wrong, for people; nothing may be done while there is any.
        entry: its mount, threshold and inodes.
        steps: the least invasive first.
    """
    reading = Reading(where)
    entries = reading.entries(written)
    chosen = [entry for entry in entries if entry.get("mount") == mount] if mount else entries
    if len(chosen) != 1:
        mounts = ", ".join(str(entry.get("mount")) for entry in entries)[:300] or "none"
        named = f"has {len(chosen)} entries with the mount {shown(mount)}" if mount else f"has {len(chosen)} entries, so the mount must be named"
        reading.mistakes.append(f"{where}: it {named}; its mounts are {mounts}. Name one of them in remediate_mount.")
    if reading.mistakes:
        return {"mistakes": reading.mistakes, "entry": {}, "steps": []}
    entry = chosen[0]
    path = f"[{entry.get('mount')}]"
    reading.known(path, entry, ("mount", "threshold", "inodes", "clean", "grow"))
    if not isinstance(entry.get("mount"), str) or not entry["mount"].startswith("/") or "\0" in entry["mount"]:
        reading.wrong(f"{path}.mount", "an absolute path", entry.get("mount"))
    limits = {name: reading.number(f"{path}.{name}", entry.get(name, default), 1, 100, "percent") for name, default in (("threshold", 85), ("inodes", 90))}
    steps = [*_cleanups(entry, path, clean_timeout, reading), *_growth(entry.get("grow"), f"{path}.grow", grow_timeout, reading)]
    if not steps and not reading.mistakes:
        reading.mistakes.append(f"{where}: {path} says nothing that could be done about it. Give it clean or grow.")
    return {"mistakes": reading.mistakes, "entry": {"mount": entry.get("mount"), **limits}, "steps": steps if not reading.mistakes else []}


def _cleanups(entry, path, timeout, reading):
    written = entry.get("clean", [])
    if not isinstance(written, list):
        reading.wrong(f"{path}.clean", "a list", written)
        return []
    steps = [read_cleanup(each, f"{path}.clean[{index}]", timeout, reading) for index, each in enumerate(written)]
    return [step for step in steps if step]


def _growth(grow, path, timeout, reading):
    if grow in (None, False):
        return []
    grow = {} if grow is True else grow
    if not isinstance(grow, Mapping):
        reading.wrong(path, "true, or a mapping", grow)
        return []
    reading.known(path, grow, ("commands", "volume"))
    written = grow.get("commands", [])
    if not isinstance(written, list):
        reading.wrong(f"{path}.commands", "a list of commands", written)
        written = []
    commands = [reading.command(f"{path}.commands[{index}]", each) for index, each in enumerate(written)]
    common = {"commands": commands, "timeout": timeout, "within": 0, "wait": 0}
    steps = [{"name": "grow_filesystem", "way": "grow", "how": "growing it to the size of its disk", "volume": {}, **common}]
    if "volume" in grow:
        volume = _volume(grow["volume"], f"{path}.volume", reading)
        steps.append({"name": "grow_volume", "way": "volume", "how": "growing its volume and then it", "volume": volume, **common})
    return steps


def _volume(written, path, reading):
    if not isinstance(written, Mapping):
        reading.wrong(path, "a mapping with step and max_size", written)
        return {}
    reading.known(path, written, ("id", "device", "step", "max_size"))
    for name, pattern, example in (("id", VOLUME_ID, "vol-0123456789abcdef0"), ("device", _DEVICE, "/dev/sdf, as EC2 has it")):
        if name in written and not (isinstance(written[name], str) and pattern.fullmatch(written[name])):
            reading.wrong(f"{path}.{name}", f"such as {example}", written[name])
    if "id" in written and "device" in written:
        reading.wrong(path, "a mapping with id or device, not both", written)
    step = written.get("step")
    if isinstance(step, str):
        if not _SHARE.fullmatch(step):
            reading.wrong(f"{path}.step", "GiB, or a share such as 20%", step)
    else:
        reading.number(f"{path}.step", step, 1, _LARGEST_GIB, "GiB, or a share such as 20%")
    most = reading.number(f"{path}.max_size", written.get("max_size"), 1, _LARGEST_GIB, "GiB, the size that it never exceeds")
    return {"id": written.get("id", ""), "device": written.get("device", ""), "step": str(step), "max_size": int(most)}
