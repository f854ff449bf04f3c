# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A double that runs in a thread of its own, with its own event loop and a free port."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import datetime

from aiohttp import web

from .api import application
from .netbox import NetBox
from .versions import DEFAULT

_SHUTDOWN_SECONDS = 0.1  # what hangs on purpose is cut off


class Running(NetBox):
    """A double with its server; `url` says where."""

    def __init__(self, version: str, now: Callable[[], datetime] | None, port: int, tls: ssl.SSLContext | None) -> None:
        super().__init__(version, now)
        self._port = port
        self._tls = tls
        self._loop = asyncio.new_event_loop()
        self._runner: web.AppRunner | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, name="netbox", daemon=True)

    def start(self) -> None:
        """Start to listen, and the workers."""
        self._thread.start()
        self._do(self._start_workers())  # before anybody can write
        self._do(self._listen())

    def stop(self) -> None:
        """Stop all of it, whatever hangs."""
        self._do(self.worker.stop())
        self._do(self._close())
        self._do(_end_tasks())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    @contextmanager
    def down(self) -> Iterator[None]:
        """Refuse connections until the end of the block; open ones are cut off. The workers go on."""
        self._do(self._close())
        try:
            yield
        finally:
            self._do(self._listen())

    async def _listen(self) -> None:
        self._runner = web.AppRunner(application(self), access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port, ssl_context=self._tls, backlog=1024)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self.url = f"{'https' if self._tls else 'http'}://127.0.0.1:{self._port}"

    async def _start_workers(self) -> None:
        self.worker.start()

    async def _close(self) -> None:
        await self._runner.cleanup()

    def _do(self, work: Coroutine) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(30)


async def _end_tasks() -> None:
    """End what is left in the loop: answers that hang on purpose."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@contextmanager
def running_netbox(
    version: str = DEFAULT, *, now: Callable[[], datetime] | None = None, port: int = 0, tls: ssl.SSLContext | None = None
) -> Iterator[Running]:
    """Run a double until the end of the block; from a test in an event loop, too, because it has its own.

    Args:
        version: of NetBox; set `.version` later to upgrade it.
        now: returns the time, with a time zone; set `.now` later for another clock.
        port: a free one by default.
        tls: makes it HTTPS.
    """
    netbox = Running(version, now, port, tls)
    netbox.start()
    try:
        yield netbox
    finally:
        netbox.stop()
