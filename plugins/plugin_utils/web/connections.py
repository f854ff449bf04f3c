# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The connections of one listener: as many as it may have, and never so many idle ones that a good sender finds no room."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from functools import partial

from aiohttp import web

from .open_files import connections_within
from .protocol import protocol_of, request_of
from .room import Connection, Room
from .sockets import listening_sockets

logger = logging.getLogger(__name__)

HEAD_SECONDS = 10.0
_ACCEPTED_AT_ONCE = 50  # then others of the process have their turn
_NO_FILES = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_PAUSE_SECONDS = 0.5

Tls = ssl.SSLContext | Callable[[], ssl.SSLContext] | None


@asynccontextmanager
async def listening(
    runner: web.AppRunner | web.ServerRunner, host: str | None, port: int, tls: Tls, *, most: int, head_seconds: float = HEAD_SECONDS
) -> AsyncIterator[list[socket.socket]]:
    """Serve an application while the context lasts; yield the sockets that it listens on.

    :param runner: not set up yet; it is cleaned up at the end.
    :param host: the address to listen on; None: all.
    :param tls: a context, or what returns the one for the next connection; None: without TLS.
    :param most: how many connections there may be at once, but no more than half of the files that the process may open. Then the one that has been
        idle for longest makes room for a new one; where a request of each is being handled, the new one is refused.
    :param head_seconds: how long a new connection may take until the headers of its first request are there. Later ones have the runner's
        `keepalive_timeout` since the last answer.
    :raises OSError: when the address is not free, or not this machine's.
    """
    with ExitStack() as opened:
        sockets = [opened.enter_context(each) for each in await listening_sockets(host, port)]
        await runner.setup()
        connections = _Connections(runner.server, tls, connections_within(most), head_seconds)
        try:
            connections.accept_from(sockets)
            yield sockets
        finally:
            connections.accept_no_more(sockets)
            opened.close()  # before the requests in flight are waited for: nobody else is to come in
            await connections.close_unborn()
            await runner.cleanup()


class _Connections:
    """Accepts connections, and tells the room which of them are idle."""

    def __init__(self, server: web.Server, tls: Tls, most: int, head_seconds: float) -> None:
        self._server = server
        self._tls = tls
        self._head_seconds = head_seconds
        self._room = Room(most)
        self._by_protocol: dict[asyncio.BaseProtocol, Connection] = {}
        self._beginning: dict[asyncio.Task, None] = {}
        self._handle = server.request_handler
        server.request_handler = self._handled
        server.request_factory = partial(request_of, server.request_factory)
        self._loop = asyncio.get_running_loop()

    def accept_from(self, sockets: list[socket.socket]) -> None:
        for each in sockets:
            self._loop.add_reader(each, self._accept, each)

    def accept_no_more(self, sockets: list[socket.socket]) -> None:
        for each in sockets:
            self._loop.remove_reader(each)

    async def close_unborn(self) -> None:
        """Close what has not become a connection for the runner to clean up."""
        for connection in self._room:
            if connection.protocol is None or connection.protocol.transport is None:
                connection.close()
        if self._beginning:
            await asyncio.wait(tuple(self._beginning))

    async def _handled(self, request: web.BaseRequest) -> web.StreamResponse:
        connection = self._by_protocol.get(request.protocol)
        if connection is None:  # it has been closed meanwhile
            return await self._handle(request)
        self._room.begin(connection)
        try:
            return await self._handle(request)
        finally:
            self._room.end(connection)

    def _accept(self, listener: socket.socket) -> None:
        for _turn in range(_ACCEPTED_AT_ONCE):
            try:
                accepted, _address = listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                if error.errno not in _NO_FILES:
                    raise
                self._pause(listener, error)
                return
            if self._room.make():
                self._begin(accepted)
            else:
                accepted.close()

    def _pause(self, listener: socket.socket, error: OSError) -> None:
        """Wait for files to be free; without, the loop would do nothing but ask for them."""
        logger.warning("no connection can be accepted: %s", error.strerror)
        self._room.close_longest_idle()
        self._loop.remove_reader(listener)
        self._loop.call_later(_PAUSE_SECONDS, self._resume, listener)

    def _resume(self, listener: socket.socket) -> None:
        if listener.fileno() != -1:
            self.accept_from([listener])

    def _begin(self, accepted: socket.socket) -> None:
        accepted.setblocking(False)
        connection = Connection(accepted)
        connection.protocol = protocol_of(self._server, partial(self._lost, connection))
        connection.first_request_due = self._loop.call_later(self._head_seconds, connection.close)
        self._by_protocol[connection.protocol] = connection
        self._room.enter(connection)
        beginning = self._loop.create_task(self._connect(connection))
        self._beginning[beginning] = None
        beginning.add_done_callback(self._beginning.pop)

    async def _connect(self, connection: Connection) -> None:
        protocol, tls = connection.protocol, self._tls() if callable(self._tls) else self._tls
        seconds = self._head_seconds if tls else None
        try:
            await self._loop.connect_accepted_socket(lambda: protocol, connection.socket, ssl=tls, ssl_handshake_timeout=seconds)
        except OSError as error:  # TLS was not agreed upon, or took too long
            logger.debug("a connection did not begin: %s", error)
            self._lost(connection)

    def _lost(self, connection: Connection) -> None:
        self._by_protocol.pop(connection.protocol, None)
        self._room.leave(connection)
