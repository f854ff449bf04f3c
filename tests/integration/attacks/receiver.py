# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A small receiver put together from the parts that listen, to be attacked: who is known, a body within bounds, JSON that has one meaning."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.web.auth.delivery import Delivery
from ansible_collections.eventops.infra.plugins.plugin_utils.web.auth.registry import read_auth
from ansible_collections.eventops.infra.plugins.plugin_utils.web.bodies import Bodies
from ansible_collections.eventops.infra.plugins.plugin_utils.web.connections import listening
from ansible_collections.eventops.infra.plugins.plugin_utils.web.headers import MACHINE_HEADERS
from ansible_collections.eventops.infra.plugins.plugin_utils.web.problem import answer_for
from ansible_collections.eventops.infra.plugins.plugin_utils.web.strict_json import parse

PATH = "/hook"
MAX_CONNECTIONS = 100
BODY_SECONDS = HEAD_SECONDS = 1.0


@asynccontextmanager
async def receiver(auth, *, tls=None) -> AsyncIterator[int]:
    """Serve on a port that is free; yield it."""
    mistakes = Mistakes()
    (verifier,) = read_auth(auth, "auth", {}, mistakes)
    mistakes.raise_if_any()
    bodies = Bodies()

    async def take(request):
        if request.path != PATH:
            raise web.HTTPNotFound()
        if request.method != "POST":
            raise web.HTTPMethodNotAllowed(request.method, ["POST"])
        now = time.time()
        if not verifier.reads_body:
            verifier.verify(Delivery(request.headers, request.query, now=now))
        body = await bodies.read(request, max_bytes=65_536, seconds=BODY_SECONDS)
        if verifier.reads_body:
            verifier.verify(Delivery(request.headers, request.query, body, now=now))
        parse(body)
        return web.Response(status=202, headers=MACHINE_HEADERS)

    async def answered(request):
        try:
            return await take(request)
        except Exception as error:
            return answer_for(error)

    server = web.Server(answered, access_log=None, auto_decompress=False, lingering_time=0.2, keepalive_timeout=30)
    runner = web.ServerRunner(server, handle_signals=False, shutdown_timeout=1.0)
    async with listening(runner, "127.0.0.1", 0, tls, most=MAX_CONNECTIONS, head_seconds=HEAD_SECONDS) as sockets:
        yield sockets[0].getsockname()[1]
