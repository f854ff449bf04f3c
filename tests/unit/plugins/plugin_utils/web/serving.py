# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A real server on a port that is free, put together from the parts that listen, and what talks to it byte by byte."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

from aiohttp import web
from ansible_collections.eventops.infra.plugins.plugin_utils.web.connections import listening
from ansible_collections.eventops.infra.plugins.plugin_utils.web.problem import answer_for


def answered(handler):
    """Return a handler that answers errors as the receivers do."""

    async def handle(request):
        try:
            return await handler(request)
        except Exception as error:
            return answer_for(error)

    return handle


@asynccontextmanager
async def serving(handler, *, tls=None, most=100, head_seconds=10.0, **settings):
    """Serve with one handler for all requests; yield the port."""
    settings = {"access_log": None, "auto_decompress": False, "lingering_time": 0.1, **settings}
    runner = web.ServerRunner(web.Server(answered(handler), **settings), handle_signals=False, shutdown_timeout=1.0)
    async with listening(runner, "127.0.0.1", 0, tls, most=most, head_seconds=head_seconds) as sockets:
        yield sockets[0].getsockname()[1]


class Talk:
    """A connection, spoken byte by byte."""

    def __init__(self, reader, writer):
        self._reader, self._writer = reader, writer

    async def say(self, data: bytes):
        self._writer.write(data)
        await self._writer.drain()

    async def hear(self, seconds=10.0):
        """Return the status and the whole of the next answer; 0 and nothing when the connection was closed."""
        try:
            async with asyncio.timeout(seconds):
                head = await self._reader.readuntil(b"\r\n\r\n")
                length = next((int(line.partition(b":")[2]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
                return int(head.split(b" ")[1]), head + await self._reader.readexactly(length)
        except (asyncio.IncompleteReadError, ConnectionError):
            return 0, b""

    async def ask(self, data: bytes):
        await self.say(data)
        return await self.hear()

    async def is_closed_by_server(self, seconds=10.0):
        """Tell whether the server closes the connection within a time."""
        try:
            async with asyncio.timeout(seconds):
                return await self._reader.read() is not None
        except ConnectionError:
            return True
        except TimeoutError:
            return False

    def close(self):
        self._writer.transport.abort()


@asynccontextmanager
async def talking(port, **options):
    """Open a connection and close it at the end."""
    talk = Talk(*await asyncio.open_connection("127.0.0.1", port, **options))
    try:
        yield talk
    finally:
        talk.close()
