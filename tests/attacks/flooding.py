# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Attacks that cost the listener connections, time or memory, while a good sender is served."""

from __future__ import annotations

import asyncio
import random
from contextlib import AsyncExitStack, suppress

from .target import Outcome, Target, assert_serves, exchange


async def idle(target: Target, count: int = 1000) -> None:
    """Hold connections that say nothing, many at once, and have a good sender served among them."""
    async with AsyncExitStack() as held:
        for _turn in range(count // 50):
            opened = await asyncio.gather(*(_open(target) for _one in range(50)), return_exceptions=True)
            for each in opened:
                if not isinstance(each, BaseException):
                    held.callback(each[1].transport.abort)
        for _turn in range(5):
            await assert_serves(target)
    await assert_serves(target)


async def slow(target: Target, sent: bytes, dripped: bytes, *, count: int, within: float, every: float = 0.1) -> list[Outcome]:
    """Begin requests and go on a byte at a time; say that each is cut off, and that a good sender is served meanwhile.

    :param sent: what is sent at once, a part of a head or of a body.
    :param dripped: what then comes, again and again.
    :param within: after how many seconds each of them must be over.
    """
    async with AsyncExitStack() as held:
        connections = [await held.enter_async_context(target.connection()) for _turn in range(count)]
        drips = [asyncio.create_task(_drip(*connection, sent, dripped, every)) for connection in connections]
        await assert_serves(target)
        _done, late = await asyncio.wait(drips, timeout=within)
        for drip in late:
            drip.cancel()
        assert not late, f"{len(late)} of {count} slow senders are still being waited for after {within} s"
        await assert_serves(target)
        return [drip.result() for drip in drips]


async def pipelined(target: Target, count: int = 200) -> None:
    """Send many requests in one go, good ones and those of strangers, and say that each gets the answer that is its own, in its order."""
    turns = [target.good() if number % 3 else target.stranger() for number in range(count)]
    outcome = await exchange(target, b"".join(turns), quiet=2.0)
    assert max(outcome.statuses, default=0) < 500, outcome
    for number, status in enumerate(outcome.statuses):  # a listener may close the connection after it has refused somebody
        assert (200 <= status < 300) is bool(number % 3), f"the answer {number} of {outcome.statuses}"
    await assert_serves(target)


async def random_bytes(target: Target, *, count: int, seed: int, at_once: int = 20) -> int:
    """Send requests of strangers with random changes; say that none is taken, and none leads to a 5xx. Return how many were answered.

    :param count: how many.
    :param seed: the same gives the same bytes.
    """
    chance = random.Random(seed)
    answered = 0
    for _turn in range(-(-count // at_once)):
        sent = [_changed(target.stranger(), chance) for _one in range(at_once)]
        outcomes = await asyncio.gather(*(exchange(target, each, quiet=0.02, patience=0.1) for each in sent))
        for each, outcome in zip(sent, outcomes):
            assert not outcome.accepted and max(outcome.statuses, default=0) < 500, (each, outcome.received)
            answered += bool(outcome.statuses)
    await assert_serves(target)
    return answered


_PIECES = (
    b"\r\n",
    b"\n",
    b"\r",
    b"\x00",
    b" ",
    b":",
    b"\r\n\r\n",
    b"\r\n ",
    b"Content-Length: 0\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"0\r\n\r\n",
    b"\xff\xfe",
)


def _changed(request: bytes, chance: random.Random) -> bytes:
    changed = bytearray(request)
    for _turn in range(chance.choice((1, 1, 2, 5, 20))):
        at, length = chance.randrange(len(changed) + 1), chance.choice((1, 1, 4, 30))
        kind = chance.randrange(5)
        if kind == 0:
            changed[at : at + length] = chance.randbytes(length)
        elif kind == 1:
            changed[at:at] = chance.choice(_PIECES)
        elif kind == 2:
            del changed[at : at + length]
        elif kind == 3:
            changed[at:at] = changed[at : at + length] * chance.choice((1, 3, 50))
        else:
            changed[at:at] = request
    return bytes(changed)


async def _open(target: Target) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    # Without TLS also where there is TLS: a connection that never begins it is an idle one, too.
    return await asyncio.open_connection(target.host, target.port)


async def _drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sent: bytes, dripped: bytes, every: float) -> Outcome:
    """Go on until the listener closes the connection."""
    received = b""
    with suppress(ConnectionError):
        writer.write(sent)
        while True:
            with suppress(TimeoutError):
                data = await asyncio.wait_for(reader.read(65_536), every)
                if not data:
                    break
                received += data
            writer.write(dripped)
    statuses = (int(received.split(b" ", 2)[1]),) if received.startswith(b"HTTP/") else ()
    return Outcome(statuses, True, received)
