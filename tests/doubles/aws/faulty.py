# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A proxy in front of the double, through which calls go wrong as they do on the way to AWS."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager

import aiohttp
from aiohttp import web
from ansible_collections.eventops.infra.tests.doubles.switched import Faults

from .calls import Call, call_of
from .environment import environment_of
from .failures import answer_to
from .faults import CUT_OFF, DELAY, HANG, RESET, Fault

_SHUTDOWN_SECONDS = 0.1  # what hangs on purpose is cut off
_MOST_BYTES = 32 * 1024 * 1024
_PER_CONNECTION = ("connection", "keep-alive", "transfer-encoding", "te", "upgrade", "content-length")


class FaultyProxy:
    """A proxy with its own thread and event loop; faults are switched while it runs.

    :param behind: the URL of what it stands in front of.
    """

    def __init__(self, behind: str) -> None:
        self.calls: Counter[str] = Counter()
        self.latency = 0.0
        self.url = ""
        self._behind = behind
        self._port = 0
        self._faults: Faults[Fault] = Faults()
        self._loop = asyncio.new_event_loop()
        self._runner: web.AppRunner | None = None
        self._session: aiohttp.ClientSession | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, name="faulty aws", daemon=True)

    @property
    def environment(self) -> dict[str, str]:
        """Return the variables that lead clients here."""
        return environment_of(self.url)

    def fail(self, kind: str, **fault: object) -> Fault:
        """Switch a fault on (see Fault), and return it."""
        return self._faults.add(Fault(kind, **fault))

    def heal(self) -> None:
        """Switch all faults off; what hangs goes on hanging until its time is over."""
        self._faults.clear()

    @contextmanager
    def down(self) -> Iterator[None]:
        """Refuse connections until the end of the block; open ones are cut off."""
        self._do(self._close())
        try:
            yield
        finally:
            self._do(self._listen())

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()
        self._do(self._open())

    def stop(self) -> None:
        """Stop, whatever hangs."""
        self._do(self._close())
        self._do(self._session.close())
        self._do(_end_tasks())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _open(self) -> None:
        connections = aiohttp.TCPConnector(limit=0, force_close=True)  # moto keeps no connection open
        self._session = aiohttp.ClientSession(connector=connections, timeout=aiohttp.ClientTimeout(total=None), auto_decompress=False)
        await self._listen()

    async def _listen(self) -> None:
        application = web.Application(client_max_size=_MOST_BYTES)
        application.router.add_route("*", "/{path:.*}", self._pass_on)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port, backlog=1024).start()
        self._port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self._port}"

    async def _close(self) -> None:
        await self._runner.cleanup()

    def _do(self, work: Coroutine) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def _pass_on(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        call = call_of(request.method, request.path_qs, {key.lower(): value for key, value in request.headers.items()}, body)
        self.calls[call.name] += 1
        if self.latency:
            await asyncio.sleep(self.latency)
        fault = self._faults.hit(call.name)
        if fault is None:
            return await self._ask(request, body)
        if fault.kind == DELAY:
            await asyncio.sleep(fault.seconds)
            return await self._ask(request, body)
        answer = await self._ask(request, body) if fault.after or fault.kind == CUT_OFF else None
        return await _failed(request, call, fault, answer)

    async def _ask(self, request: web.Request, body: bytes) -> web.Response:
        headers = {key: value for key, value in request.headers.items() if key.lower() not in _PER_CONNECTION}
        try:
            async with self._session.request(request.method, self._behind + request.raw_path, headers=headers, data=body, allow_redirects=False) as answer:
                content = await answer.read()
                kept = {key: value for key, value in answer.headers.items() if key.lower() not in _PER_CONNECTION}
                return web.Response(status=answer.status, headers=kept, body=content)
        except aiohttp.ClientError:
            _break(request)
            raise


async def _failed(request: web.Request, call: Call, fault: Fault, answer: web.Response | None) -> web.StreamResponse:
    if fault.kind == HANG:
        await asyncio.sleep(fault.seconds)
    if fault.kind in (HANG, RESET):
        _break(request)
        raise asyncio.CancelledError
    if fault.kind == CUT_OFF:
        return await _cut_off(request, answer)
    failed = answer_to(fault.kind, call)
    return web.Response(status=failed.status, headers=failed.headers, body=failed.body)


async def _cut_off(request: web.Request, answer: web.Response) -> web.StreamResponse:
    """Promise all of an answer, send half of it, and break the connection."""
    started = web.StreamResponse(status=answer.status, headers={**answer.headers, "Content-Length": str(len(answer.body))})
    await started.prepare(request)
    await started.write(answer.body[: len(answer.body) // 2])
    _break(request)
    raise asyncio.CancelledError


def _break(request: web.Request) -> None:
    """Break the connection of a request: the other side sees a reset, or its end."""
    if request.transport is not None:
        request.transport.abort()


async def _end_tasks() -> None:
    """End what is left in the loop: answers that hang on purpose."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@contextmanager
def faulty(behind: str) -> Iterator[FaultyProxy]:
    """Run a proxy in front of a URL until the end of the block."""
    proxy = FaultyProxy(behind)
    proxy.start()
    try:
        yield proxy
    finally:
        proxy.stop()
