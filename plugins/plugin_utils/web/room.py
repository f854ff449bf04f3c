# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which connections there are, and which of them makes room for a new one."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import suppress

from .protocol import Protocol


class Connection:
    """One that is open; `is_idle` when no request of it is being handled."""

    __slots__ = ("first_request_due", "is_idle", "protocol", "socket")

    def __init__(self, accepted: socket.socket) -> None:
        self.socket = accepted
        self.is_idle = True
        self.protocol: Protocol | None = None
        self.first_request_due: asyncio.TimerHandle | None = None

    def close(self) -> None:
        """Close it at once, also before TLS is agreed upon, or when the other side does not say that it has read all."""
        transport = self.protocol and self.protocol.transport
        if transport:
            transport.abort()
            return
        with suppress(OSError):  # the other side was faster
            self.socket.shutdown(socket.SHUT_RDWR)


class Room:
    """The connections of a listener, those that are idle for longest first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: dict[Connection, None] = {}

    def __iter__(self) -> Iterator[Connection]:
        return iter(tuple(self._open))

    def make(self) -> bool:
        """Make room for one more; False: a request of each is being handled."""
        return len(self._open) < self._most or self.close_longest_idle()

    def close_longest_idle(self) -> bool:
        """Close the one that has been idle for longest; False: there is none."""
        idle = next((each for each in self._open if each.is_idle), None)
        if idle is None:
            return False
        self.leave(idle)
        idle.close()
        return True

    def enter(self, connection: Connection) -> None:
        """Count a new one."""
        self._open[connection] = None

    def leave(self, connection: Connection) -> None:
        """Count one no longer, if it was."""
        self._open.pop(connection, None)
        if connection.first_request_due is not None:
            connection.first_request_due.cancel()

    def begin(self, connection: Connection) -> None:
        """Note that a request of it is being handled."""
        connection.is_idle = False
        if connection.first_request_due is not None:
            connection.first_request_due.cancel()
            connection.first_request_due = None

    def end(self, connection: Connection) -> None:
        """Note that no request of it is being handled any more: it is the last of those that are idle."""
        connection.is_idle = True
        if connection in self._open:
            del self._open[connection]
            self._open[connection] = None
