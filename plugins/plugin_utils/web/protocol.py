# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A connection's protocol that answers what is no HTTP as everything else is answered, writes nothing of it into the log, and says when it is over."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from aiohttp import web
from yarl import URL

from .problem import problem

logger = logging.getLogger(__name__)

_NOWHERE = URL()


class Protocol(web.RequestHandler):
    """aiohttp's, but for the answer to a request that cannot be read, and to one whose handling failed.

    `lost` is called when the connection is closed, by whichever side.
    """

    __slots__ = ("lost",)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Do what aiohttp does, and tell whoever counts."""
        super().connection_lost(exc)
        self.lost()

    def handle_error(self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None) -> web.StreamResponse:
        """Return the answer. A stranger's mistake is no line in the log, which it could fill; one of our own has all of its traces there."""
        if status < 500:
            logger.debug("a request from %s is no HTTP: %s", request.remote, message)
            answer = problem(status, "The request is not HTTP as it is understood here.")
        else:
            logger.error("a request could not be handled", exc_info=exc)
            answer = problem(500, "Something is wrong here; the log of ansible-rulebook says what.")
        if request.writer.output_size > 0:
            raise ConnectionError("the answer has begun already")
        answer.force_close()
        return answer


def protocol_of(server: web.Server, lost: Callable[[], None]) -> Protocol:
    """Make the protocol of a new connection, as the server itself would."""
    # The arguments that its runner was given; aiohttp has no public way to them.
    protocol = Protocol(server, loop=asyncio.get_running_loop(), **server._kwargs)
    protocol.lost = lost
    return protocol


def request_of(make: Callable[..., web.BaseRequest], message: Any, *rest: Any) -> web.BaseRequest:
    """Make a request as the server itself would, also of `CONNECT` without a target, for which aiohttp finds no URL and then fails."""
    return make(message if message.url is not None else message._replace(url=_NOWHERE, path=""), *rest)
