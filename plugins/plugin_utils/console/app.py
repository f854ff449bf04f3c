# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The console: pages for people, health and metrics for machines, on the router's `listen`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from aiohttp import web
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import ConfigurationError
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import Store
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import Change
from ansible_collections.eventops.infra.plugins.plugin_utils.web.connections import listening
from ansible_collections.eventops.infra.plugins.plugin_utils.web.headers import add_security_headers

from . import actions, health, pages, static_files, streams
from .answers import say_errors
from .live import NOW, Live, View
from .parts import PARTS, Keys, Metrics, Parts
from .rendering import compile_templates
from .settings import Listen
from .status import Surroundings
from .views import load_case, load_now
from .visitors import MAX_FORM_BYTES, check_visitor

if TYPE_CHECKING:
    from ansible_collections.eventops.infra.plugins.plugin_utils.router.control.controls import Controls

logger = logging.getLogger(__name__)

Subscribe = Callable[[Callable[[Sequence[Change]], None]], Callable[[], None]]

_MOST_CONNECTIONS = 200
_IDLE_SECONDS = 30.0  # a connection that asks for nothing, or never says all of what it asks for, is closed
_LINGERING_SECONDS = 1.0  # what is left of a form that was refused is read for so long, so that the answer is


def make_app(parts: Parts) -> web.Application:
    """Put the application together."""
    app = web.Application(middlewares=[say_errors, check_visitor], client_max_size=MAX_FORM_BYTES)
    app[PARTS] = parts
    for module in (pages, actions, streams, health, static_files):
        app.add_routes(module.routes)
    app.on_response_prepare.append(add_security_headers)
    return app


def make_runner(parts: Parts) -> web.AppRunner:
    """Make what serves the application.

    It writes no access log: the router's own has every decision, and an address may hold what a person has searched for.
    """
    times = {"keepalive_timeout": _IDLE_SECONDS, "lingering_time": _LINGERING_SECONDS, "shutdown_timeout": 1.0}
    return web.AppRunner(make_app(parts), access_log=None, handle_signals=False, **times)


def make_parts(listen: Listen, store: Store, controls: Controls, around: Surroundings, metrics: Metrics) -> Parts:
    """Make what the pages share."""

    async def load(key: int) -> View:
        return await (load_now(store, around) if key == NOW else load_case(store, around, key))

    return Parts(listen, store, controls, around, metrics, Live(load), Keys(listen.tokens))


@asynccontextmanager
async def console(
    listen: Listen | None,
    store: Store,
    controls: Controls,
    around: Surroundings,
    metrics: Metrics,
    subscribe: Subscribe,
    *,
    where: str,
) -> AsyncIterator[None]:
    """Serve the console while the context lasts.

    :param listen: the router's `listen`; None: there is no console.
    :param metrics: what /metrics shows.
    :param subscribe: has a function called on the event loop with what was committed; returns how to end that.
    :param where: the path of `listen` in the rulebook, for the message when the address cannot be used.
    :raises ConfigurationError: when the address is not free, or not this machine's.
    """
    if listen is None:
        yield
        return
    await asyncio.to_thread(compile_templates)
    parts = make_parts(listen, store, controls, around, metrics)
    _warn(listen)
    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(listening(make_runner(parts), listen.host, listen.port, listen.tls, most=_MOST_CONNECTIONS))
        except OSError as error:
            raise ConfigurationError([(f"{where}.address", f"must be an address that is free: {error.strerror or error}")]) from error
        stack.callback(parts.live.close)
        stack.callback(subscribe(parts.live.changed))
        yield


def _warn(listen: Listen) -> None:
    if not listen.is_local and listen.tls is None and listen.url is None:
        logger.warning("console: tokens and pages cross the network unencrypted; give listen a certfile, or let a proxy with TLS stand before 127.0.0.1")
