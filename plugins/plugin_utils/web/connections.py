# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A bound on the connections of one listener: open files are shared with the playbooks that the process starts."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web


@asynccontextmanager
async def listening(runner: web.AppRunner, host: str | None, port: int, tls: ssl.SSLContext | None, *, most: int) -> AsyncIterator[asyncio.Server]:
    """Serve an application while the context lasts.

    :param runner: not set up yet; it is cleaned up at the end.
    :param host: the address to listen on; None: all.
    :param most: how many connections there may be at once; further ones are closed as they come.
    :raises OSError: when the address is not free, or not this machine's.
    """
    await runner.setup()
    try:
        bounded = _Bounded(runner.server, most)
        server = await asyncio.get_running_loop().create_server(bounded, host, port, ssl=tls, reuse_address=True)
        try:
            yield server
        finally:
            server.close()
    finally:
        await runner.cleanup()


class _Bounded:
    """Makes the protocol of each new connection."""

    def __init__(self, server: web.Server, most: int) -> None:
        self._server = server
        self._most = most

    def __call__(self) -> asyncio.BaseProtocol:
        return self._server() if len(self._server.connections) < self._most else _Refusal()


class _Refusal(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.abort()
