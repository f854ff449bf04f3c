# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The control socket: the router's controls as JSON over HTTP on a Unix socket, for modules, playbooks and scripts of the same user.

GET  /status                 mode, pauses, storm, number of unfinished cases by state
GET  /cases/ID               a case with its history, events and runs; of events 4 MB in all, `events_left_out` names the others
POST /find                   cases by the fields of CaseQuery; `story: true` as above
POST /cases/DECISION         approve, reject, resolve, suppress, retry, annotate: `case`, `dedup_key` or `match`; `by`, `why`, `check`;
                             approve: also `seen`, the `event_row` of the case that was looked at: 409 when another event has changed it since
POST /pause                  `match`, `until` or `for`, `by`, `why`, `check`
POST /resume                 `pause`, `match` or neither; `by`, `check`
POST /release                the storm; `by`, `check`
POST /held                   the pauses that hold for a run on `hosts`, for `cases`
POST /events                 take `event` in

Answers are JSON objects. 400: what was asked makes no sense, with `mistakes`; 404: no such case; 409: the state of things does not allow it; 413: too large;
503: the store cannot be written now. Each has `error` in words.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import pwd
import socket
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import ConfigurationError
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import StoreUnavailable

from . import requests
from .as_json import case_object, pause_object, status_object, storm_object, story_object
from .client import at_short_path
from .controls import Controls
from .intervention import Intervention, InvalidRequest, NotPossible, UnknownCase
from .selection import DECISIONS
from .socket_place import NoPlace, announce, clear, make_place

logger = logging.getLogger(__name__)

# Room for the request around an event of the largest size, in which JSON may write each character with six.
_ROOM_BYTES = 1_048_576
_RETRY_AFTER_SECONDS = "5"
# A request that is being answered when the router ends, and one that is refused while it is still being sent, gets this long.
_LAST_ANSWERS_SECONDS = 1.0
_PEER = struct.Struct("3i")  # pid, uid, gid: unix(7), SO_PEERCRED


@asynccontextmanager
async def control_socket(controls: Controls, store: Path, *, copied: Iterable[Path], max_event_bytes: int) -> AsyncIterator[None]:
    """Answer on the control socket while the body runs. Where no socket can be had the log says so, and the router does without.

    :param store: the store's file, which this process holds.
    :param copied: folders that ansible-rulebook copies, where no socket may be.
    :param max_event_bytes: how large an event may be.
    """
    app = application(controls, max_event_bytes)
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=_LAST_ANSWERS_SECONDS, lingering_time=_LAST_ANSWERS_SECONDS)
    place = None
    try:
        try:
            place = make_place(store, copied, os.environ)
            await runner.setup()
            await web.SockSite(runner, _listening_at(place)).start()
            announce(store, place)
        except (NoPlace, OSError) as error:
            logger.error("no control socket, so that modules cannot reach this router: %s", error)
        yield
    finally:
        if place is not None:
            clear(store, place)
        await runner.cleanup()


def application(controls: Controls, max_event_bytes: int) -> web.Application:
    """Make the application that answers."""
    answers = _Answers(controls)
    app = web.Application(middlewares=[_errors_as_json, _same_user_only], client_max_size=6 * max_event_bytes + _ROOM_BYTES)
    app.add_routes(
        [
            web.get("/status", answers.status),
            web.get(r"/cases/{id:\d{1,18}}", answers.case),
            web.post("/find", answers.find),
            web.post(f"/cases/{{decision:{'|'.join(DECISIONS)}}}", answers.decide),
            web.post("/pause", answers.pause),
            web.post("/resume", answers.resume),
            web.post("/release", answers.release),
            web.post("/held", answers.held),
            web.post("/events", answers.event),
        ]
    )
    return app


class _Answers:
    def __init__(self, controls: Controls) -> None:
        self._controls = controls

    async def status(self, _request: web.Request) -> web.Response:
        return await _json(status_object(await self._controls.status()))

    async def case(self, request: web.Request) -> web.Response:
        return await _json(story_object(await self._controls.case_story(int(request.match_info["id"]))))

    async def find(self, request: web.Request) -> web.Response:
        query, with_stories = requests.find(await _body(request))
        cases = await self._controls.find(query) if query.limit else []
        if not with_stories:
            return await _json({"cases": [case_object(each) for each in cases]})
        stories = await self._controls.case_stories([each.id for each in cases])
        return await _json({"cases": [story_object(each) for each in stories]})

    async def decide(self, request: web.Request) -> web.Response:
        values, selection = requests.decision(await _body(request))
        said = {"why": values["why"], "check": values["check"], "seen": values.get("seen")}
        done = await self._controls.decide(request.match_info["decision"], selection, **_who(request, values), **said)
        changes = [{"changed": each.changed, "before": case_object(each.before), "after": case_object(each.after)} for each in done]
        return await _json({"changed": any(each.changed for each in done), "cases": changes})

    async def pause(self, request: web.Request) -> web.Response:
        values, until = requests.pause(await _body(request), time.time())
        done = await self._controls.pause(values.get("match"), **_who(request, values), why=values["why"], until=until, check=values["check"])
        return await _pauses(done)

    async def resume(self, request: web.Request) -> web.Response:
        values = requests.resume(await _body(request))
        done = await self._controls.resume(pause_id=values.get("pause"), match=values.get("match"), **_who(request, values), check=values["check"])
        return await _pauses(done)

    async def release(self, request: web.Request) -> web.Response:
        values = requests.release(await _body(request))
        done = await self._controls.release(**_who(request, values), check=values["check"])
        return await _json({"changed": done.changed, "before": storm_object(done.before), "after": storm_object(done.after)})

    async def held(self, request: web.Request) -> web.Response:
        values = requests.held(await _body(request))
        pauses = await self._controls.pauses_for(values["hosts"], case_ids=values["cases"])
        return await _json({"pauses": [pause_object(each) for each in pauses]})

    async def event(self, request: web.Request) -> web.Response:
        values, not_before = requests.event(await _body(request))
        event, is_new = await self._controls.take_event(values["event"], not_before=not_before, check=values["check"])
        return await _json({"changed": is_new, "event": event.to_mapping()})


async def _pauses(done: Intervention) -> web.Response:
    before, after = ([pause_object(each) for each in pauses] for pauses in (done.before, done.after))
    return await _json({"changed": done.changed, "before": before, "after": after})


async def _json(answer: dict) -> web.Response:
    """Write an answer, which may be large, while the router goes on."""
    return web.Response(text=await asyncio.to_thread(json.dumps, answer), content_type="application/json")


async def _body(request: web.Request) -> dict:
    return requests.body_of(await request.read())


def _who(request: web.Request, values: dict) -> dict[str, str]:
    return {"by": values.get("by") or _user_name(_peer_uid(request))}


def _user_name(uid: int) -> str:
    try:
        return f"{pwd.getpwuid(uid).pw_name} (uid {uid})"
    except KeyError:
        return f"uid {uid}"


@web.middleware
async def _errors_as_json(request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> web.StreamResponse:
    try:
        return await handler(request)
    except ConfigurationError as error:
        return _error(400, str(error), error.mistakes)
    except InvalidRequest as error:
        return _error(400, str(error), [(error.where, error.text)])
    except UnknownCase as error:
        return _error(404, str(error))
    except NotPossible as error:
        return _error(409, str(error))
    except StoreUnavailable as error:
        return _error(503, str(error), headers={"Retry-After": _RETRY_AFTER_SECONDS})
    except web.HTTPException as error:
        return _error(error.status, error.text or error.reason)
    except Exception:
        logger.exception("%s %s on the control socket failed", request.method, request.path)
        return _error(500, "the router made a mistake; its log says which")


def _error(status: int, text: str, mistakes: Iterable[tuple[str, str]] = (), headers: dict[str, str] | None = None) -> web.Response:
    listed = [{"where": where, "text": text} for where, text in mistakes]
    return web.json_response({"error": text, "mistakes": listed}, status=status, headers=headers)


@web.middleware
async def _same_user_only(request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> web.StreamResponse:
    """The socket's mode lets nobody else connect; should the file system not heed it, the kernel still says who does."""
    if _peer_uid(request) not in (0, os.geteuid()):
        raise web.HTTPForbidden(text="only the user that runs the router may use its control socket")
    return await handler(request)


def _peer_uid(request: web.Request) -> int:
    peer = request.transport.get_extra_info("socket") if request.transport is not None else None
    if peer is None:
        raise web.HTTPForbidden(text="the connection is gone")
    if not hasattr(socket, "SO_PEERCRED"):  # only Linux has it in this form
        return os.geteuid()
    _pid, uid, _gid = _PEER.unpack(peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size))
    return uid


def _listening_at(place: Path) -> socket.socket:
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with at_short_path(str(place)) as short:
            listening.bind(short)
        place.chmod(0o600)  # nobody can connect before it listens
        listening.setblocking(False)
    except BaseException:
        listening.close()
        raise
    return listening
