# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""/live: the parts of an open page, as server-sent events (HTML standard, section 9.2)."""

from __future__ import annotations

import asyncio

from aiohttp import hdrs, web

from .live import NOW, Page, TooManyStreams
from .parts import PARTS, Parts
from .visitors import Visitor, visitor

routes = web.RouteTableDef()

_QUIET_SECONDS = 5.0  # then a line is sent, so that nobody on the way takes the connection for dead, and what no change tells is looked at
_SLOW_SECONDS = 10.0  # a client that does not take a message for so long is left alone
_RETRY_SECONDS = "10"
_HEADERS = {
    hdrs.CONTENT_TYPE: "text/event-stream",
    "X-Accel-Buffering": "no",  # nginx would wait for more
}
_FIRST = b"retry: 2000\n\n"
_STILL_HERE = b": still here\n\n"
_GONE = b"event: gone\ndata:\n\n"


@routes.get("/live", allow_head=False)
async def live(request: web.Request) -> web.StreamResponse:
    """Send what changes on the first page, or on that of a case, until the browser leaves."""
    parts, who = request.app[PARTS], visitor(request)
    case = request.query.get("case", "")
    if case and not (case.isascii() and case.isdigit() and len(case) <= 18):
        raise web.HTTPBadRequest(text="case must be a number")
    page = parts.live.page(int(case) if case else NOW)
    try:
        with parts.live.watching(page, who is not None):
            return await _stream(request, parts, page, who)
    except TooManyStreams:
        raise web.HTTPServiceUnavailable(text="Too many pages are live.", headers={hdrs.RETRY_AFTER: _RETRY_SECONDS}) from None


async def _stream(request: web.Request, parts: Parts, page: Page, who: Visitor | None) -> web.StreamResponse:
    try:
        rendered = await page.look(who is not None)
    except KeyError:
        raise web.HTTPNotFound from None
    response = web.StreamResponse(headers=_HEADERS)
    await response.prepare(request)
    try:
        await _send(response, _FIRST)
        seen = 0
        while _is_welcome(parts, who):
            await _send(response, rendered.message(seen) if rendered.version > seen else _STILL_HERE)
            seen = rendered.version
            await page.news(_QUIET_SECONDS)
            rendered = await page.look(who is not None)
        await _send(response, _GONE)
    except KeyError:  # the case is so old that it was deleted
        await _send(response, _GONE)
    except (ConnectionError, TimeoutError):
        request.transport and request.transport.abort()
    return response


async def _send(response: web.StreamResponse, message: bytes) -> None:
    async with asyncio.timeout(_SLOW_SECONDS):
        await response.write(message)


def _is_welcome(parts: Parts, who: Visitor | None) -> bool:
    """Tell whether a session goes on: what it lets see and do ends with it."""
    return who is None or who.session is None or parts.sessions.find(who.session.id) is not None
