# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Let a playbook go on when nobody reads its output any more, because ansible-rulebook was killed.

run_playbook reads it from a pseudo-terminal. When the reader dies, the next line written fails with EIO, and Ansible gives
up where it stands: it terminates its workers, and what they have started on the hosts goes on without any process of the run
being left, so that no lock tells of it. The same work would begin once more while the first is still being done.
Like executions.py this is loaded by its path into ansible-playbook, so it imports nothing but the standard library.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterable
from typing import TextIO

_NOBODY_READS = (errno.EIO, errno.EPIPE)  # a pseudo-terminal, a pipe


def outlive_reader(streams: Iterable[TextIO] | None = None) -> None:
    """Have what is written to standard output and standard error vanish, from the moment when writing there fails for want of a reader.

    :param streams: others than those two.
    """
    for stream in (sys.stdout, sys.stderr) if streams is None else streams:
        buffer = getattr(stream, "buffer", None)
        raw = getattr(buffer, "raw", buffer)  # unbuffered (PYTHONUNBUFFERED) there is one layer less
        if raw is not None:
            # On the lowest layer, below what Ansible itself has put around the others.
            raw.write = _lasting(raw.write, raw.fileno())


def _lasting(write: Callable[[bytes], int | None], descriptor: int) -> Callable[[bytes], int | None]:
    def lasting_write(data: bytes) -> int | None:
        try:
            return write(data)
        except OSError as error:
            if error.errno not in _NOBODY_READS:
                raise
        nowhere = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
        os.dup2(nowhere, descriptor, inheritable=False)  # Ansible keeps its own output from what it starts, too
        os.close(nowhere)
        return write(data)

    return lasting_write
