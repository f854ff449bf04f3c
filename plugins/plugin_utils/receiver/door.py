# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The way of one request through the front door: who sends it, what it holds, and only when that is kept, an answer."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

from aiohttp import hdrs, web
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.received import UNREAD
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event, InvalidEvent
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Inventory, Snapshot
from ansible_collections.eventops.infra.plugins.plugin_utils.web.auth.delivery import Delivery
from ansible_collections.eventops.infra.plugins.plugin_utils.web.auth.verifier import NotAllowed, NotAuthenticated
from ansible_collections.eventops.infra.plugins.plugin_utils.web.bodies import Bodies
from ansible_collections.eventops.infra.plugins.plugin_utils.web.headers import MACHINE_HEADERS
from ansible_collections.eventops.infra.plugins.plugin_utils.web.problem import answer_for, problem

from .authentication import sender_of
from .deliveries import Ids, Remembered
from .endpoint import Endpoint
from .handshakes.answer import Answer
from .payload import is_binary, payload_of
from .reading import read_events
from .refusals import Refusals

_BUSY_SECONDS = "1"


class Queue(Protocol):
    """What the door hands events to: a router's child queue, or the one for use alone."""

    inventory: Inventory

    async def put(self, events: list[dict[str, Any]]) -> None:
        """Return when the events are kept. Raises IntakeUnavailable or EventRefused."""


class Door:
    """Answers every request of the listener; nothing that a client sends makes it raise.

    :param max_in_flight: how many requests may wait at once for being kept.
    :param request_seconds: how long a body may take to come in.
    :param remembered: what has come before, where no store knows it.
    :param now: returns seconds since the epoch.
    """

    def __init__(
        self,
        endpoints: Mapping[str, Endpoint],
        queue: Queue,
        bodies: Bodies,
        *,
        max_in_flight: int,
        request_seconds: float,
        remembered: Remembered | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._endpoints = endpoints
        self._queue = queue
        self._bodies = bodies
        self._max_in_flight = max_in_flight
        self._request_seconds = request_seconds
        self._remembered = remembered
        self._now = now
        self._in_flight = 0
        self._refusals = Refusals()
        self._ids = Ids()

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Take a request in, and say what became of it."""
        try:
            return await self._take(request)
        except ConnectionError:
            raise  # the sender has gone: there is nobody to answer
        except InvalidEvent as error:
            return problem(422, str(error), errors=[f"{path}: {text}" for path, text in getattr(error, "errors", ())])
        except (NotAuthenticated, NotAllowed) as error:
            self._refusals.say(request.rel_url.raw_path, request.remote, str(error))
            return answer_for(error)
        except Exception as error:
            return answer_for(error)

    async def _take(self, request: web.BaseRequest) -> web.StreamResponse:
        # As it was sent: a proxy before us may let through by what it reads there.
        endpoint = self._endpoints.get(request.rel_url.raw_path) if not request.rel_url.raw_fragment else None
        if endpoint is None:
            raise web.HTTPNotFound(text="there is no such endpoint")
        if endpoint.senders is not None and not endpoint.senders.allow(request.remote):
            raise web.HTTPForbidden(text="this address is not among the senders of the endpoint")
        if request.method == hdrs.METH_OPTIONS and (answer := await _handshake(request, endpoint)) is not None:
            return answer
        if request.method != hdrs.METH_POST:
            raise web.HTTPMethodNotAllowed(request.method, [hdrs.METH_POST], text="an endpoint takes POST alone")
        return await self._take_post(request, endpoint)

    async def _take_post(self, request: web.BaseRequest, endpoint: Endpoint) -> web.StreamResponse:
        delivery_id = None
        if endpoint.is_known_by_head:
            # A stranger is sent away before any of the body is read.
            delivery_id = await sender_of(self._delivery(request, b""), endpoint.verifiers)
        if not endpoint.takes(request.content_type) and not is_binary(request.headers, endpoint):
            raise web.HTTPUnsupportedMediaType(text=f"Content-Type must be {' or '.join(sorted(endpoint.media_types))}, got {request.content_type}")
        body = await self._bodies.read(request, max_bytes=endpoint.max_body_bytes, seconds=self._request_seconds)
        delivery = self._delivery(request, body)
        if endpoint.verifiers and not endpoint.is_known_by_head:
            delivery_id = await sender_of(delivery, endpoint.verifiers)
        if endpoint.rate is not None and (wait := endpoint.rate.take()):
            raise web.HTTPTooManyRequests(text="more than the rate of this endpoint", headers={hdrs.RETRY_AFTER: str(math.ceil(wait))})
        if self._in_flight >= self._max_in_flight:
            raise web.HTTPServiceUnavailable(text="too many requests at once", headers={hdrs.RETRY_AFTER: _BUSY_SECONDS})
        self._in_flight += 1
        try:
            return await self._keep(request, delivery, endpoint, delivery_id)
        finally:
            self._in_flight -= 1

    def _delivery(self, request: web.BaseRequest, body: bytes) -> Delivery:
        certificate = request.transport.get_extra_info("peercert") if request.transport is not None else None
        return Delivery(request.headers, request.query, body, certificate, self._now())

    async def _keep(self, request: web.BaseRequest, delivery: Delivery, endpoint: Endpoint, delivery_id: str | None) -> web.StreamResponse:
        payload = payload_of(delivery, endpoint, request.content_type)
        if endpoint.handshakes and (answer := await _handshake(request, endpoint, payload)) is not None:
            return answer
        events = await self._read(payload, delivery, endpoint, delivery_id)
        with self._new_among(events) as new:
            if new:
                await self._queue.put([event.to_mapping() for event in new])
        return web.json_response({"accepted": len(events), "ids": [event.id for event in events]}, status=202, headers=MACHINE_HEADERS)

    def _new_among(self, events: list[Event]) -> AbstractContextManager[list[Event]]:
        return nullcontext(events) if self._remembered is None else self._remembered.new_among(events)

    async def _read(self, payload: Any, delivery: Delivery, endpoint: Endpoint, delivery_id: str | None) -> list[Event]:
        def read(inventory: Snapshot) -> list[Event]:
            return read_events(payload, delivery, endpoint, new_id=self._ids.of(delivery_id), inventory=inventory)

        inventory, failure = self._queue.inventory.snapshot, None
        try:
            events = read(inventory)
        except InvalidEvent as error:
            events, failure = [], error
        if failure is None and not any(UNREAD in event.extra for event in events):
            return events
        # It may be about a host that the inventory has learned of since.
        known = await self._queue.inventory.fresh(unknown_name=True)
        if known is not inventory:
            return read(known)
        if failure is not None:
            raise failure
        return events


async def _handshake(request: web.BaseRequest, endpoint: Endpoint, payload: Any = None) -> web.Response | None:
    """Return the answer to a sender that only asks whether it may send; None when it does not."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    for handshake in endpoint.handshakes:
        answer = await handshake.answer(request.method, headers, payload)
        if answer is not None:
            return _as_response(answer)
    return None


def _as_response(answer: Answer) -> web.Response:
    if answer.status >= 400:
        return problem(answer.status, str(answer.body or ""), headers=answer.headers)
    headers = {**MACHINE_HEADERS, **answer.headers}
    if answer.body is None or isinstance(answer.body, str):
        return web.Response(status=answer.status, text=answer.body, headers=headers)
    return web.json_response(answer.body, status=answer.status, headers=headers)
