# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The front door open: it listens while the source runs, and answers what it has accepted before it closes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from aiohttp import web
from ansible_collections.eventops.infra.plugins.plugin_utils.web.bodies import Bodies
from ansible_collections.eventops.infra.plugins.plugin_utils.web.connections import listening

from .deliveries import Remembered
from .door import Door, Queue
from .settings import Settings

logger = logging.getLogger(__name__)

# Longer than senders leave between two deliveries of a burst; a connection that has asked for nothing so long has been forgotten.
_IDLE_SECONDS = 75.0
_LINGERING_SECONDS = 1.0  # what is left of a body that was refused is read for so long, so that the answer is
_SHUTDOWN_SECONDS = 20.0  # requests that have come in whole are kept and answered


async def serve(settings: Settings, queue: Queue, *, remembered: Remembered | None) -> None:
    """Take requests until cancelled; what has come in by then is still kept and answered.

    :param queue: as `alone.for_rules` returns it.
    :param remembered: what has come before, where no store knows it.
    :raises OSError: when the address is not free, or not this machine's.
    """
    _warn(settings)
    if any(endpoint.confirm for endpoint in settings.endpoints.values()):
        queue.confirm_with(lambda event: _ask(settings, event))
    door = Door(
        settings.endpoints,
        queue,
        Bodies(most_at_once=max(1, settings.max_connections // 4)),
        max_in_flight=settings.max_in_flight,
        request_seconds=settings.request_seconds,
        remembered=remembered,
    )
    bounds = {"most": settings.max_connections, "head_seconds": settings.request_seconds}
    async with listening(_runner(door), settings.host, settings.port, settings.tls, **bounds):
        await (asyncio.Future() if settings.tls is None else settings.tls.keep_looking())


def _runner(door: Door) -> web.ServerRunner:
    # What was signed is what came, so that nothing is unpacked. No access log: addresses may hold a key.
    times = {"keepalive_timeout": _IDLE_SECONDS, "lingering_time": _LINGERING_SECONDS}
    server = web.Server(door.answer, access_log=None, auto_decompress=False, **times)
    return web.ServerRunner(server, handle_signals=False, shutdown_timeout=_SHUTDOWN_SECONDS)


async def _ask(settings: Settings, event: Mapping) -> str | None:
    """Ask the monitor behind the endpoint that an alert came in by; None when it has none."""
    endpoint = settings.endpoints.get(event["data"].get("endpoint", ""))
    return await endpoint.confirm.ask(event) if endpoint is not None and endpoint.confirm is not None else None


def _warn(settings: Settings) -> None:
    if not settings.is_local and settings.tls is None:
        logger.warning("http: secrets and events cross the network unencrypted; give it a certfile, or let a proxy with TLS stand before 127.0.0.1")
    for path, endpoint in settings.endpoints.items():
        if not endpoint.verifiers:
            logger.warning("http: anybody who reaches %s may send events (insecure: true)", path)
