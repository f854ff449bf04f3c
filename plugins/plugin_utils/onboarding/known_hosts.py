# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The known_hosts file that the connections to one host go by: the user's, or one of the host's own."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .ssh_trust import FIRST_CONTACT, KNOWN_HOSTS, Trust


@dataclass(frozen=True)
class KnownHosts:
    """Which file it is; None: whichever ssh finds.

    :param content: what was in it before the connection.
    """

    name: str
    path: str | None
    content: str = ""


def known_hosts_of(trust: Trust, named: str | None, *, temporary: str, lasting: str, keep: bool) -> KnownHosts:
    """Find the file, and write it where it is the host's own.

    :param named: the user's file, for the way `known_hosts`.
    :param temporary: a directory that goes away with the run. Keys that are configured are written there for each run.
    :param lasting: the directory that has the keys of first contacts.
    :param keep: False: what is found at the first contact is forgotten with the run.
    Raises OSError.
    """
    if trust.way == KNOWN_HOSTS:
        return KnownHosts(trust.name, named)
    if trust.way != FIRST_CONTACT:
        return KnownHosts(trust.name, _write(Path(temporary), trust.name, "".join(f"{line}\n" for line in trust.lines)))
    path = Path(lasting).expanduser() / trust.name
    content = path.read_text(encoding="utf-8") if path.exists() else ""
    if not keep:
        return KnownHosts(trust.name, _write(Path(temporary), trust.name, content), content)
    # Each by itself: `parents` would make those above with the mode that the umask leaves, and the default store's directory is one of them.
    for directory in reversed([path.parent, *path.parent.parents]):
        if not directory.exists():
            directory.mkdir(mode=0o700, exist_ok=True)
    # ssh makes it with the mode that the umask leaves.
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600))
    return KnownHosts(trust.name, str(path), content)


def _write(directory: Path, name: str, content: str) -> str:
    """Write a file of a name of its own: two runs, or two tasks of one, do not share it."""
    descriptor, path = tempfile.mkstemp(prefix=f"known_hosts-{name[:100]}-", dir=directory)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)
    return path
