# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A double that runs in a thread of its own, with its own event loop and free ports."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path

from aiohttp import web

from .authority import certificates
from .azure import CLIENT, TENANT, Azure
from .proxy import HOSTS, Proxy
from .server import application


class Running(Azure):
    """A double with its server."""

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self.cafile, self._tls = certificates(directory, HOSTS)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="azure", daemon=True)
        self._runner: web.AppRunner | None = None
        self.proxy: Proxy | None = None
        self.proxy_url = ""

    @property
    def environment(self) -> dict[str, str]:
        """Return what a client needs to know: who it is, and the way here."""
        who = {"AZURE_SUBSCRIPTION_ID": self.subscription, "AZURE_TENANT": TENANT, "AZURE_CLIENT_ID": CLIENT, "AZURE_SECRET": self.secret}
        return who | {"HTTPS_PROXY": self.proxy_url, "REQUESTS_CA_BUNDLE": str(self.cafile)}

    def start(self) -> None:
        """Start to listen."""
        self._thread.start()
        self._do(self._listen())

    def stop(self) -> None:
        """Stop all of it."""
        self._do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _listen(self) -> None:
        self._runner = web.AppRunner(application(self), access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=self._tls).start()
        self.proxy = Proxy(self._runner.addresses[0][1])
        self.proxy_url = f"http://127.0.0.1:{await self.proxy.start()}"

    async def _close(self) -> None:
        await self.proxy.stop()
        await self._runner.cleanup()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        if tasks:
            await asyncio.wait(tasks, timeout=5)  # of the proxy: they end when it hangs up

    def _do(self, work: Coroutine) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(30)


@contextmanager
def running_azure(directory: Path) -> Iterator[Running]:
    """Run a double until the end of the block; the directory gets its certificates."""
    azure = Running(directory)
    azure.start()
    try:
        yield azure
    finally:
        azure.stop()
