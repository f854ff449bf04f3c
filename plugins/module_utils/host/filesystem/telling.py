# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What was found on a filesystem, in the words of people."""

from __future__ import annotations

import os

from ansible_collections.eventops.infra.plugins.module_utils.host.filesystem.biggest import Found
from ansible_collections.eventops.infra.plugins.module_utils.host.filesystem.mounts import Filesystem
from ansible_collections.eventops.infra.plugins.module_utils.host.text import printable, size, told

_MANY_INODES = 50  # percent, from which it is told where they are


def evidence(seen: Filesystem, found: Found, deleted: list) -> list:
    """Return texts about what is in use, and by what."""
    inodes = f", {seen.inodes_percent:g} % of {seen.inodes} inodes" if seen.inodes else ""
    texts = [f"{seen.path} ({seen.kind}, {size(seen.size_bytes)}): {seen.used_percent:g} % used, {size(seen.available_bytes)} available{inodes}"]
    part = "" if found.is_complete else " (of what could be looked at in time)"
    if found.directories:
        texts.append(f"biggest directories{part}: {told([f'{named(path)} {size(amount)}' for path, amount in found.directories])}")
    if found.files:
        texts.append(f"biggest files{part}: {told([f'{named(path)} {size(amount)}' for path, amount in found.files])}")
    if found.busiest and seen.inodes_percent >= _MANY_INODES:
        texts.append(f"directories with most entries{part}: {told([f'{named(path)} {amount}' for path, amount in found.busiest])}")
    if deleted:
        files = [f"{named(each.path)} {size(each.bytes)} by {each.process} (pid {each.pid})" for each in deleted]
        texts.append(f"deleted, but open, so their room is not free: {told(files)}")
    return texts


def as_dicts(found: Found, deleted: list) -> dict:
    """Return what the module tells of all that."""
    return {
        "directories": [{"path": named(path), "bytes": amount} for path, amount in found.directories],
        "busiest": [{"path": named(path), "entries": amount} for path, amount in found.busiest],
        "files": [{"path": named(path), "bytes": amount} for path, amount in found.files],
        "deleted": [{"path": named(each.path), "bytes": each.bytes, "pid": each.pid, "process": each.process} for each in deleted],
        "is_complete": found.is_complete,
    }


def named(path: str) -> str:
    """Return a path for people: a file's name may be any bytes."""
    return printable(os.fsencode(path).decode(errors="replace"))
