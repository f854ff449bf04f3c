# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The reading of requests' bodies, within bounds of size, time and what all of them may take together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NoReturn

from aiohttp import hdrs, web
from aiohttp.http import HttpVersion11

MAX_BYTES_TOGETHER = 64 * 1024 * 1024
MOST_AT_ONCE = 256


class Bodies:
    """Reads the bodies of one or several listeners.

    Where all bodies that are being read have more than `max_bytes_together`, or are more than `most_at_once`, the one that has been read for longest
    is cut off: a sender needs no long time for what it wants to be taken, and those that trickle shall not hold all connections. What aiohttp itself
    buffers for a connection before it stops reading (`read_bufsize`, twice) comes on top.
    """

    def __init__(self, *, max_bytes_together: int = MAX_BYTES_TOGETHER, most_at_once: int = MOST_AT_ONCE) -> None:
        self._most = max_bytes_together
        self._most_at_once = most_at_once
        self._together = 0
        self._being_read: dict[_Reading, None] = {}  # in the order in which they began

    async def read(self, request: web.BaseRequest, *, max_bytes: int, seconds: float) -> bytes:
        """Return a request's body.

        :param max_bytes: how large it may be.
        :param seconds: how long its sender may take.
        :raises web.HTTPException: 413 when it is larger, known before anything is read where the sender says so; 415 when it is compressed; 408 when
            it takes too long, or too much is read at once; 400 when it is not what its headers say.
        """
        _require_plain(request)
        if (request.content_length or 0) > max_bytes:
            _too_large(max_bytes)
        content = request.content
        if content.is_eof():  # it came with the headers, as most do: nobody has to be waited for
            body = _at_once(content)
        else:
            await _say_continue(request)
            body = await self._read_slowly(content, max_bytes, seconds)
        if len(body) > max_bytes:
            _too_large(max_bytes)
        return body

    async def _read_slowly(self, content: asyncio.StreamReader, max_bytes: int, seconds: float) -> bytes:
        chunks: list[bytes] = []
        limit = asyncio.timeout(seconds)
        reading = _Reading(limit)
        self._being_read[reading] = None
        self._cut_off_while(lambda: len(self._being_read) > self._most_at_once)
        try:
            async with limit:
                while not content.at_eof():
                    chunk = await content.readany()
                    chunks.append(chunk)
                    self._count(reading, len(chunk))
                    if reading.size > max_bytes:
                        _too_large(max_bytes)
        except TimeoutError:
            why = "too much is being sent here at once, and this was among what took longest" if reading.is_cut_off else f"it took more than {seconds:g} s"
            raise _closing(web.HTTPRequestTimeout(text=f"The body did not arrive: {why}.")) from None
        except (web.RequestPayloadError, ConnectionError):  # when the sender has gone away, nobody reads the answer
            raise _broken() from None
        finally:
            self._forget(reading)
        return b"".join(chunks)

    def _count(self, reading: _Reading, size: int) -> None:
        if reading.is_cut_off:
            return
        reading.size += size
        self._together += size
        self._cut_off_while(lambda: self._together > self._most)

    def _cut_off_while(self, is_too_much: Callable[[], bool]) -> None:
        while is_too_much():
            oldest = next(iter(self._being_read))
            oldest.cut_off()
            self._forget(oldest)

    def _forget(self, reading: _Reading) -> None:
        if reading in self._being_read:
            del self._being_read[reading]
            self._together -= reading.size


class _Reading:
    """One body that is being read."""

    def __init__(self, limit: asyncio.Timeout) -> None:
        self.size = 0
        self.is_cut_off = False
        self._limit = limit

    def cut_off(self) -> None:
        self.is_cut_off = True
        if not self._limit.expired():
            self._limit.reschedule(0)


async def expect_later(_request: web.Request) -> None:
    """Answer an Expect header not now, but when the body is read: a route's `expect_handler`, so that a stranger is refused before it sends any."""


def _at_once(content: asyncio.StreamReader) -> bytes:
    try:
        return content.read_nowait()
    except web.RequestPayloadError:
        raise _broken() from None


async def _say_continue(request: web.BaseRequest) -> None:
    """Have a sender that waits for it go on (RFC 9110 section 10.1.1)."""
    if request.version >= HttpVersion11 and request.headers.get(hdrs.EXPECT, "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # the answer itself has not begun


def _require_plain(request: web.BaseRequest) -> None:
    if hdrs.CONTENT_ENCODING not in request.headers:
        return
    codings = ",".join(request.headers.getall(hdrs.CONTENT_ENCODING)).split(",")
    if any(coding.strip().lower() != "identity" for coding in codings):
        raise web.HTTPUnsupportedMediaType(text="The body must not be compressed; send it as it is.", headers={hdrs.ACCEPT_ENCODING: "identity"})


def _too_large(max_bytes: int) -> NoReturn:
    raise _closing(web.HTTPRequestEntityTooLarge(max_bytes, 0, text=f"The body may have at most {max_bytes} bytes."))


def _broken() -> web.HTTPException:
    return _closing(web.HTTPBadRequest(text="The body is not what the headers say of it."))


def _closing(answer: web.HTTPException) -> web.HTTPException:
    answer.force_close()  # the rest of the body is no request
    return answer
