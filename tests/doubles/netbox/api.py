# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The REST API over HTTP: who asks, what goes wrong on purpose, and which endpoint answers."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from dataclasses import dataclass

from aiohttp import web

from . import endpoints, permissions, versions
from .errors import Refused, detail
from .faults import Fault
from .netbox import Asked, NetBox
from .transaction import Request

NETBOX = web.AppKey("netbox", NetBox)
_MAX_BODY_BYTES = 2**28
_FAILURE = "<!doctype html><html><head><title>Server Error</title></head><body>The double was told to fail.</body></html>"


@dataclass
class Call:
    """A request on its way through the API."""

    netbox: NetBox
    method: str
    path: str  # below /api/, without slashes at its ends
    query: dict[str, list[str]]
    base: str
    actor: permissions.Actor
    body: object
    request_id: str

    def request(self, message: str = "") -> Request:
        """Return what the change log and the webhooks say of it."""
        user = self.actor.user
        return Request(self.request_id, user["id"], user["username"], self.method, f"/api/{self.path}/", message)


def application(netbox: NetBox) -> web.Application:
    """Return the application of a double."""
    app = web.Application(client_max_size=_MAX_BODY_BYTES)
    app[NETBOX] = netbox
    app.router.add_route("*", "/{path:.*}", _handle)
    return app


async def _handle(request: web.Request) -> web.StreamResponse:
    netbox = request.app[NETBOX]
    start, request_id = time.monotonic(), str(uuid.uuid4())
    raw = await request.read()
    fault = netbox.faults.hit(request.method, request.path)
    user, body = None, _json(raw)
    if fault is not None and not fault.after:
        answer = await _fail(request, fault)
    if fault is None or fault.after or (fault.delay is not None):
        answer, user = await _answer(netbox, request, raw, request_id)
        if fault is not None and fault.after:
            answer = await _fail(request, fault)
    answer.headers["X-Request-ID"] = request_id
    answer.headers["API-Version"] = versions.minor(netbox.version)
    query = {name: request.query.getall(name) for name in request.query}
    netbox.requests.append(Asked(request.method, request.path, query, body, answer.status, user, request_id, time.monotonic() - start, dict(request.headers)))
    return answer


async def _fail(request: web.Request, fault: Fault) -> web.Response:
    if fault.delay is not None:
        await asyncio.sleep(fault.delay)
    if fault.hang is not None:
        await asyncio.sleep(fault.hang)
    if (fault.drop or fault.hang is not None) and request.transport is not None:
        request.transport.abort()
    if isinstance(fault.body, str) or fault.body is None and fault.status != 403:
        return web.Response(status=fault.status, text=fault.body or _FAILURE, content_type="text/html", headers=fault.headers)
    return web.json_response(fault.body or {"detail": "You do not have permission to perform this action."}, status=fault.status, headers=fault.headers)


async def _answer(netbox: NetBox, request: web.Request, raw: bytes, request_id: str) -> tuple[web.Response, str | None]:
    user = None
    try:
        if not request.path.startswith("/api/"):
            return web.Response(status=404, text="<html><title>Page Not Found</title></html>", content_type="text/html"), None
        if not request.path.endswith("/"):
            return web.Response(status=301, headers={"Location": f"{request.path}/"}), None
        path = request.path.removeprefix("/api/").strip("/")
        if path == endpoints.PROVISION:
            status, shown = endpoints.provision(netbox, _body(request.method, raw), f"{request.scheme}://{request.host}")
            return web.json_response(shown, status=status), None
        if path == "schema" and "Authorization" not in request.headers:
            return endpoints.schema_for(netbox, request.headers.get("Accept", ""), request.query.get("format")), None
        with netbox.lock:
            actor = permissions.authenticate(request.headers.get("Authorization"), netbox.database, netbox.now())
        user = actor.user["username"]
        query = {name: request.query.getall(name) for name in request.query}
        call = Call(netbox, request.method, path, query, f"{request.scheme}://{request.host}", actor, _body(request.method, raw), request_id)
        if path == "schema":
            return endpoints.schema_for(netbox, request.headers.get("Accept", ""), request.query.get("format")), user
        status, shown = await endpoints.answer(call)
    except Refused as refused:
        status, shown = refused.status, refused.body
    except NotImplementedError as error:
        # Told loudly: a test that goes on would rest on something that NetBox does otherwise.
        status, shown = 501, {"detail": str(error)}
    return (web.Response(status=status) if shown is None else web.json_response(shown, status=status)), user


def _body(method: str, raw: bytes) -> object:
    if method in ("GET", "HEAD", "OPTIONS") or not raw:
        return None
    try:
        return json.loads(raw)
    except ValueError as error:
        raise detail(400, f"JSON parse error - {error}") from error


def _json(raw: bytes) -> object:
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        return raw
