# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The queue of webhooks, and the workers that send them: one try, no timeout, and a worker waits for its receiver."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import aiohttp


@dataclass
class Delivery:
    """A webhook that is to be sent, or was.

    `seconds` is how long it kept its worker waiting. `status` is the receiver's answer; without one `error` says why.
    """

    url: str
    method: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    verifies: bool = True
    ca_file: str | None = None
    told: Mapping = field(default_factory=dict, repr=False)
    status: int | None = None
    error: str | None = None
    seconds: float | None = None
    started: float | None = None

    @property
    def is_lost(self) -> bool:
        """Whether it was tried and not taken: NetBox does not try again."""
        return self.seconds is not None and not (self.status is not None and 200 <= self.status < 300)


class Worker:
    """The queue and its workers, which live in the event loop of the double.

    `pause` is what happens in a worker before each delivery: None, seconds, or a function from the delivery to seconds. With
    several workers and different pauses deliveries overtake each other.
    """

    def __init__(self) -> None:
        self.deliveries: list[Delivery] = []
        self.pause: float | Callable[[Delivery], float] | None = None
        self._lock = threading.Lock()
        self._unfinished = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._queue: asyncio.Queue[Delivery] | None = None
        self._tasks: list[asyncio.Task] = []
        self._wanted = 1
        self._is_stopping = False

    @property
    def running(self) -> int:
        """How many workers there are."""
        return self._wanted

    def start(self) -> None:
        """Start the workers in the running loop."""
        self._loop, self._queue = asyncio.get_running_loop(), asyncio.Queue()
        self._adjust()

    async def stop(self) -> None:
        """End the workers, whatever they wait for."""
        self._is_stopping = True
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def set_running(self, number: int) -> None:
        """Have so many workers; what is in hand is sent first, and with none the queue waits."""
        self._wanted = number
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._adjust)

    def put(self, delivery: Delivery) -> None:
        """Put a delivery into the queue."""
        with self._lock:
            self.deliveries.append(delivery)
            self._unfinished += 1
        self._loop.call_soon_threadsafe(self._queue.put_nowait, delivery)

    def is_idle(self) -> bool:
        """Say whether all that was put was tried."""
        with self._lock:
            return self._unfinished == 0

    def _adjust(self) -> None:
        self._tasks = [task for task in self._tasks if not task.done()]
        while len(self._tasks) < self._wanted:
            self._tasks.append(self._loop.create_task(self._work(len(self._tasks))))
        # A worker that is one too many ends itself after what it has in hand; one that waits for work is ended here.
        for task in self._tasks[self._wanted :]:
            task.cancel()
        del self._tasks[self._wanted :]

    async def _work(self, _number: int) -> None:
        while True:
            delivery = await self._queue.get()
            sending = asyncio.ensure_future(self._send(delivery))
            try:
                await asyncio.shield(sending)
            except asyncio.CancelledError:
                # One worker less: it still ends what it has in hand, except when the double stops.
                if self._is_stopping:
                    sending.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await sending
                raise

    async def _send(self, delivery: Delivery) -> None:
        pause = self.pause(delivery) if callable(self.pause) else self.pause
        if pause:
            await asyncio.sleep(pause)
        start = time.monotonic()
        delivery.started = start
        try:
            headers = dict(delivery.headers)
            verify: object = delivery.verifies or delivery.url.startswith("http:")
            if delivery.ca_file and delivery.verifies:
                verify = ssl.create_default_context(cafile=delivery.ca_file)
            options = {"headers": headers, "data": delivery.body, "allow_redirects": False, "ssl": verify, "skip_auto_headers": ("Accept",)}
            # Every delivery has its own connection, and no timeout, as NetBox's have.
            timeout = aiohttp.ClientTimeout(total=None, sock_connect=None)
            async with aiohttp.ClientSession(timeout=timeout) as session, session.request(delivery.method, delivery.url, **options) as response:
                await response.read()
                delivery.status = response.status
        except (aiohttp.ClientError, OSError, ValueError) as error:
            delivery.error = f"{type(error).__name__}: {error}"
        finally:
            delivery.seconds = time.monotonic() - start
            with self._lock:
                self._unfinished -= 1
