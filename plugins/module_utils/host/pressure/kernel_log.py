# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the kernel's log says of processes that it has killed for want of memory."""

from __future__ import annotations

import os
import re

from ansible_collections.eventops.infra.plugins.module_utils.host.text import printable

_KILLED = re.compile(r"Out of memory|oom-kill:|Killed process|Memory cgroup out of memory")
_MOST_RECORDS = 100_000
_RECORD_BYTES = 8192  # the longest record (Documentation/ABI/testing/dev-kmsg)


def killed_lately(seconds: float = 3600, kmsg: str = "/dev/kmsg", uptime: str = "/proc/uptime") -> tuple:
    """Return the lines of the last seconds, and why there are none to be had, if so."""
    try:
        with open(uptime, encoding="ascii") as file:
            since = float(file.read().split()[0]) - seconds
        log = os.open(kmsg, os.O_RDONLY | os.O_NONBLOCK)
    except OSError as error:
        return [], f"the kernel's log cannot be read: {error.strerror}"
    try:
        return [line for at, line in _records(log) if at >= since and _KILLED.search(line)], ""
    finally:
        os.close(log)


def _records(log):
    for _number in range(_MOST_RECORDS):
        try:
            record = os.read(log, _RECORD_BYTES)
        except BrokenPipeError:  # overwritten while it was read
            continue
        except OSError:  # no more
            return
        if not record:
            return
        head, _semicolon, text = record.decode(errors="replace").partition(";")
        words = head.split(",")
        if len(words) > 2 and words[2].isdigit():
            yield int(words[2]) / 1e6, printable(text.split("\n")[0], 300)
