# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The front door, open on a port of its own, before a queue that keeps what it gets in a list."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

import aiohttp
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Inventory, snapshot_of
from ansible_collections.eventops.infra.plugins.plugin_utils.receiver.deliveries import Remembered
from ansible_collections.eventops.infra.plugins.plugin_utils.receiver.serving import serve
from ansible_collections.eventops.infra.plugins.plugin_utils.receiver.settings import read_settings
from yarl import URL

TOKEN = "correct-horse-battery-staple"
BEARER = {"bearer": {"secrets": [TOKEN]}}
AUTHORIZED = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
GENERIC = {"generic": {"type": {"path": "payload.status", "map": {"down": "alert.firing"}}, "name": "payload.alert", "hosts": "payload.host"}}
ALERT = {"status": "down", "alert": "WebDown", "host": "web-01"}
INVENTORY = snapshot_of({"all": {"hosts": ["web-01", "web-02"]}})


class Kept:
    """What a router's child queue is to a source. `delay` is how long keeping takes; `failure` is raised instead."""

    def __init__(self) -> None:
        self.inventory = Inventory(None)
        self.inventory.snapshot = INVENTORY
        self.events: list[dict] = []
        self.puts = 0
        self.delay = 0.0
        self.failure: Exception | None = None
        self.ask = None

    def confirm_with(self, ask) -> None:
        self.ask = ask

    async def put(self, events) -> None:
        self.puts += 1
        await asyncio.sleep(self.delay)
        if self.failure is not None:
            raise self.failure
        self.events += json.loads(json.dumps(events))


class Opened:
    """A door that is open. `post` returns the status and the answer's body."""

    def __init__(self, port: int, queue: Kept, task: asyncio.Task, session: aiohttp.ClientSession) -> None:
        self.port, self.queue, self.task, self.session = port, queue, task, session

    async def post(self, path: str, body: object = None, headers: Mapping | None = None, method: str = "POST") -> tuple[int, dict]:
        body = ALERT if body is None else body
        headers = AUTHORIZED if headers is None else headers
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        url = URL(f"http://127.0.0.1:{self.port}{path}", encoded=True)
        async with self.session.request(method, url, data=data, headers=headers) as answer:
            self.headers = answer.headers
            return answer.status, json.loads(await answer.read() or b"{}")


@asynccontextmanager
async def door(endpoints: Mapping, *, queue: Kept | None = None, remembered: Remembered | None = None, **arguments) -> AsyncIterator[Opened]:
    """Open a door, and close it at the end."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    queue = queue or Kept()
    settings = read_settings({"address": f"127.0.0.1:{port}", "endpoints": endpoints, **arguments}, {})
    task = asyncio.create_task(serve(settings, queue, remembered=remembered))
    try:
        await _until_it_listens(port, task)
        async with aiohttp.ClientSession() as session:
            yield Opened(port, queue, task, session)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _until_it_listens(port: int, task: asyncio.Task) -> None:
    async with asyncio.timeout(10):
        while True:
            if task.done():
                task.result()
            with suppress(OSError):
                _reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.01)
