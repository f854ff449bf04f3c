# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What machines ask: /healthz (is it alive, and how does it fare), /readyz (does it take events and dispatches), /metrics."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

from aiohttp import hdrs, web
from ansible_collections.eventops.infra.plugins.plugin_utils.router.condition import Condition
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import Store, StoreUnavailable, Transaction
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import Pause

from .parts import PARTS, Parts
from .text import iso
from .visitors import visitor

routes = web.RouteTableDef()

OK, DEGRADED, FAILING = "ok", "degraded", "failing"
_PATIENCE_SECONDS = 5.0


@routes.get("/healthz")
async def healthz(request: web.Request) -> web.Response:
    """Say how the process fares.

    503 only for what a restart or a person has to mend: the store cannot be used. A child that fails is started again by the router itself, and a
    pause or a storm is no illness.
    """
    parts = request.app[PARTS]
    stored, trouble = await _ask_store(parts)
    if stored and not (parts.listen.is_read_freely or visitor(request)):
        stored = {**stored, "pauses": [_without_words(each) for each in stored["pauses"]]}
    children = {name: _child(condition) for name, condition in parts.around.conditions().items()}
    fails = not all(condition.is_well for condition in parts.around.conditions().values())
    status = FAILING if trouble else DEGRADED if fails else OK
    body = {
        "status": status,
        "store": {"status": FAILING, "error": trouble} if trouble else {"status": OK},
        "engine": {"ready": parts.around.is_ready()},
        "mode": parts.around.mode,
        "children": children,
        **stored,
    }
    return web.json_response(body, status=503 if status == FAILING else 200)


@routes.get("/readyz")
async def readyz(request: web.Request) -> web.Response:
    """Say whether events are taken and the engine takes dispatches: 200, or 503 with what is missing."""
    parts = request.app[PARTS]
    _stored, trouble = await _ask_store(parts)
    missing = ["the store cannot be used"] if trouble else []
    if not parts.around.is_ready():
        missing.append("the engine takes no dispatches yet")
    return web.json_response({"ready": not missing, "missing": missing}, status=503 if missing else 200)


@routes.get("/metrics")
async def metrics(request: web.Request) -> web.Response:
    """Write the metrics for a scraper."""
    parts = request.app[PARTS]
    body = await parts.looks.look("metrics", lambda: parts.metrics.exposition(parts.store))
    return web.Response(body=body, headers={hdrs.CONTENT_TYPE: parts.metrics.content_type})


async def _ask_store(parts: Parts) -> tuple[dict, str]:
    """Return what the store knows, not more than a second old, and why it does not answer."""
    try:
        return await parts.looks.look("store", lambda: _look_at_store(parts.store)), ""
    except StoreUnavailable as error:
        return {}, str(error)
    except TimeoutError:
        return {}, f"the store has not answered for {_PATIENCE_SECONDS:g} s"


async def _look_at_store(store: Store) -> dict:
    def look(tx: Transaction) -> dict:
        now = time.time()
        return {"cases": tx.count_unfinished(), "pauses": [_pause(each) for each in tx.pauses(now)], "storm": _storm(tx)}

    async with asyncio.timeout(_PATIENCE_SECONDS):
        return await store.run(look)


def _child(condition: Condition) -> Mapping[str, object]:
    said = {"state": condition.state, "restarts": condition.restarts}
    if condition.last_error:
        said |= {"last_error": condition.last_error, "last_error_at": iso(condition.last_error_at)}
    if condition.troubles:
        said["troubles"] = dict(condition.troubles)
    return said


def _pause(pause: Pause) -> Mapping[str, object]:
    return {
        "id": pause.id,
        "match": dict(pause.match),
        "since": iso(pause.since),
        "by": pause.by,
        "why": pause.why,
        "until": None if pause.until is None else iso(pause.until),
    }


def _without_words(pause: Mapping[str, object]) -> Mapping[str, object]:
    """Leave out what people say and who they are, which is for those who may read pages."""
    return {name: value for name, value in pause.items() if name not in ("by", "why")}


def _storm(tx: Transaction) -> Mapping[str, object] | None:
    storm = tx.storm()
    if storm is None:
        return None
    return {
        "since": iso(storm.since),
        "began_with": storm.unhealthy,
        "known_hosts": storm.known_hosts,
        "unhealthy": tx.count_unhealthy_hosts(),
        "released_by": storm.released_by,
    }
