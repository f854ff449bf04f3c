# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is attacked: a listener on a port, and what a good request to it looks like."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

Headers = Sequence[tuple[str, str]]

_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3}) ")  # anywhere: no body ends with a line feed, and none repeats what was sent
_GOOD_SECONDS = 10.0  # also while it is under attack, and the machine is busy


@dataclass(frozen=True)
class Target:
    """A listener.

    `credentials` returns the headers that make a request with a body a good one. `hostname`: what its certificate names, where it has one.
    """

    host: str
    port: int
    path: str = "/"
    method: str = "POST"
    body: bytes = b'{"attack": false}'
    credentials: Callable[[bytes], Headers] = lambda _body: ()
    tls: ssl.SSLContext | None = None
    hostname: str | None = None
    headers: Headers = field(default=(("Content-Type", "application/json"),))

    def head(self, headers: Iterable[tuple[str, str]] = (), *, version: str = "HTTP/1.1", path: str | None = None, method: str | None = None) -> bytes:
        """Return a request up to the empty line, as nobody who is known sends it."""
        lines = [f"{method or self.method} {self.path if path is None else path} {version}", f"Host: {self.host}:{self.port}"]
        lines += [f"{name}: {value}" for name, value in (*self.headers, *headers)]
        return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape")

    def stranger(self, headers: Iterable[tuple[str, str]] = (), **options: str) -> bytes:
        """Return a whole request of nobody who is known."""
        return self.head([*headers, ("Content-Length", str(len(self.body)))], **options) + self.body

    def good(self, headers: Iterable[tuple[str, str]] = (), **options: str) -> bytes:
        """Return a whole request of somebody who is known."""
        return self.stranger([*self.credentials(self.body), *headers], **options)

    @asynccontextmanager
    async def connection(self):
        """Open a connection; it is closed without further words at the end."""
        reader, writer = await asyncio.open_connection(self.host, self.port, ssl=self.tls, server_hostname=self.hostname if self.tls else None)
        try:
            yield reader, writer
        finally:
            writer.transport.abort()


@dataclass(frozen=True)
class Outcome:
    """What came back: the statuses of all answers, and whether the listener closed the connection."""

    statuses: tuple[int, ...]
    closed: bool
    received: bytes = field(repr=False)

    @property
    def accepted(self) -> int:
        """How many requests were taken."""
        return sum(200 <= status < 300 for status in self.statuses)


async def exchange(target: Target, *parts: bytes, pause: float = 0.01, quiet: float = 0.2, patience: float = 5.0) -> Outcome:
    """Send something part by part, and read until the listener closes the connection or is quiet.

    :param pause: seconds between two parts.
    :param quiet: how many seconds without a word are the end, after the first.
    :param patience: how many seconds the first word may take: as long as a listener waits for a body that does not come.
    """
    received, closed = b"", False
    async with target.connection() as (reader, writer):
        with suppress(ConnectionError):
            for number, part in enumerate(parts):
                await asyncio.sleep(pause if number else 0)
                writer.write(part)
                await writer.drain()
        with suppress(TimeoutError):
            try:
                while data := await asyncio.wait_for(reader.read(65_536), quiet if _STATUS.search(received) else patience):
                    received += data
                closed = True
            except (ConnectionError, ssl.SSLError):
                closed = True
    return Outcome(tuple(int(status) for status in _STATUS.findall(received) if status != b"100"), closed, received)


async def assert_serves(target: Target) -> None:
    """Say that a good sender is still served, at once and on one connection."""
    request = target.good()
    async with asyncio.timeout(_GOOD_SECONDS), target.connection() as (reader, writer):
        for _turn in range(3):
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            assert _STATUS.match(head)[1].startswith(b"2"), head
            length = re.search(rb"(?im)^content-length: (\d+)", head)
            await reader.readexactly(int(length[1]) if length else 0)


async def assert_strangers_are_refused(target: Target) -> None:
    """Say that what the attacks count as refused would be: that the listener asks who sends."""
    outcome = await exchange(target, target.stranger())
    assert outcome.statuses and not outcome.accepted and max(outcome.statuses) < 500, outcome
