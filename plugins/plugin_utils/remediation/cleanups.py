# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The clean-ups that an inventory may name, and the programs that do them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.remediation.reading import Reading

JOURNAL, PACKAGE_CACHE, LOGROTATE = "journal", "package_cache", "logrotate"
KNOWN = (JOURNAL, PACKAGE_CACHE, LOGROTATE)
_JOURNAL_KEEPS = "200M"
_JOURNAL_SIZE = re.compile(r"[1-9]\d{0,5}[KMGT]")
# Which package manager the machine has is found out there. The shell reads nothing but these words.
_CLEAN_PACKAGES = (
    "if command -v apt-get >/dev/null; then exec apt-get clean; "
    "elif command -v dnf >/dev/null; then exec dnf clean all; "
    "elif command -v yum >/dev/null; then exec yum clean all; "
    "elif command -v zypper >/dev/null; then exec zypper clean --all; "
    "else echo 'no apt-get, dnf, yum or zypper is there' >&2; exit 3; fi"
)


def read_cleanup(written: object, path: str, timeout: int, reading: Reading) -> dict[str, Any] | None:
    """Return the step of one clean-up, None where it is wrong."""
    if written in KNOWN:
        written = {written: _JOURNAL_KEEPS if written == JOURNAL else True}
    if not isinstance(written, Mapping):
        reading.wrong(path, f"one of {', '.join(KNOWN)}, or a mapping with journal or command", written)
        return None
    reading.known(path, written, (*KNOWN, "command", "timeout", "name"))
    chosen = [key for key in (*KNOWN, "command") if key in written]
    if len(chosen) != 1:
        reading.wrong(path, f"a mapping with one of {', '.join(KNOWN)}, command", chosen or written)
        return None
    seconds = int(reading.number(f"{path}.timeout", written.get("timeout", timeout), 1, 3600, "seconds"))
    what, command = _command(chosen[0], written[chosen[0]], f"{path}.{chosen[0]}", reading)
    what = str(written.get("name") or what)[:100]
    return {"name": "clean", "way": "clean", "how": f"cleaning up: {what}", "command": command, "timeout": seconds, "within": 0, "wait": 0}


def _command(kind, value, path, reading):
    if kind == "command":
        command = reading.command(path, value)
        # Of a command only the program: arguments may be secrets.
        return (command[0] if command else ""), command
    if kind == JOURNAL:
        if not isinstance(value, str) or not _JOURNAL_SIZE.fullmatch(value):
            reading.wrong(path, "the size that is kept, such as 200M", value)
            value = _JOURNAL_KEEPS
        return f"journal down to {value}", ["journalctl", f"--vacuum-size={value}"]
    if value is not True:
        reading.wrong(path, "true", value)
    if kind == PACKAGE_CACHE:
        return "package cache", ["/bin/sh", "-c", _CLEAN_PACKAGES]
    return "logrotate", ["logrotate", "--force", "/etc/logrotate.conf"]
