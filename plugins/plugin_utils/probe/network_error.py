# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a failure to connect says about the target, and what it does not."""

from __future__ import annotations

import errno
import os
import socket


class Inconclusive(Exception):
    """A check could not be made: this machine is at fault, so nothing is known about the target."""


# This machine has run out of something, or is cut off. To call its targets down would start repairs on all of them.
_OUR_OWN = {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS, errno.EADDRNOTAVAIL, errno.EAGAIN, errno.ENETDOWN}


def what_went_wrong(error: OSError) -> str:
    """Say in a few words why a connection failed.

    :raises Inconclusive: when the reason lies with this machine or its name server.
    """
    if isinstance(error, socket.gaierror):
        if error.errno in (socket.EAI_AGAIN, socket.EAI_MEMORY, socket.EAI_SYSTEM):
            raise Inconclusive(f"the name server gives no answer: {error.strerror}")
        return f"the name is unknown: {error.strerror}"
    if error.errno in _OUR_OWN:
        raise Inconclusive(os.strerror(error.errno))
    # asyncio writes "Connect call failed ('127.0.0.2', 80)" where the number says "Connection refused"
    return os.strerror(error.errno).lower() if error.errno else str(error)
