# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the buttons do. Each answers with one sentence: on the page that it was pressed on, or as JSON to whoever asks for it."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping

from aiohttp import web
from ansible_collections.eventops.infra.plugins.plugin_utils.duration import seconds
from ansible_collections.eventops.infra.plugins.plugin_utils.router.control.as_json import pause_object
from ansible_collections.eventops.infra.plugins.plugin_utils.router.control.intervention import InvalidRequest, name_of_person
from ansible_collections.eventops.infra.plugins.plugin_utils.router.control.pausing import own_pauses
from ansible_collections.eventops.infra.plugins.plugin_utils.router.policy.matching import FIELDS

from .answers import wants_json
from .fields import fields_of
from .parts import PARTS, Parts
from .visitors import Visitor, form, own_page, visitor

routes = web.RouteTableDef()

_NUMBER = re.compile(r"[0-9]{1,18}")
_PLAIN_SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")  # a form has texts only
_CHOOSING = frozenset({*FIELDS, "id", "pause", "match"})
_MAX_PAUSE_SECONDS = 366 * 86_400

# What each decision is called in Controls, and what is said when it was made.
_DECISIONS: Mapping[str, tuple[str, str]] = {
    "approve": ("approve", "approved"),
    "reject": ("reject", "rejected"),
    "resolve": ("resolve", "resolved"),
    "suppress": ("suppress", "suppressed"),
    "retry": ("retry", "to be tried again now"),
    "note": ("annotate", "noted"),
}


@routes.post(r"/cases/{id:\d{1,18}}/{decision:[a-z]+}")
async def decide(request: web.Request) -> web.StreamResponse:
    """Carry out one of the decisions about a case."""
    parts, who, case_id = _asked(request), _who(request), int(request.match_info["id"])
    if request.match_info["decision"] not in _DECISIONS:
        raise web.HTTPNotFound
    method, done = _DECISIONS[request.match_info["decision"]]
    fields = fields_of(request, "why", "seen") if method == "approve" else fields_of(request, "why")
    result = await getattr(parts.controls, method)(case_id, by=who.name, why=fields.get("why", ""), **_seen(fields.get("seen", "")))
    return _answer(request, result.changed, f"Case {case_id}: {done}." if result.changed else f"Case {case_id} was so already.")


@routes.post("/pause")
async def pause(request: web.Request) -> web.StreamResponse:
    """Pause everything, or what matches."""
    parts, who, fields = _asked(request), _who(request), fields_of(request, "why", "for", *FIELDS)
    match = {field: fields.getall(field) for field in FIELDS if fields.get(field, "").strip()}
    until = _until(fields.get("for", "").strip())
    result = await parts.controls.pause(match, by=who.name, why=fields.get("why", ""), until=until)
    made = own_pauses(result.after, match, name_of_person(who.name))[-1]
    what = ", ".join(f"{field} {' or '.join(wanted)}" for field, wanted in match.items()) or "everything"
    if result.changed:
        said = f"Paused: {what}. What runs goes on to its end; nothing that is paused is started."
    else:
        said = f"Paused already: {what}."
    return _answer(request, result.changed, said, pause=pause_object(made))


@routes.post(r"/pauses/{id:\d{1,18}}/resume")
async def resume(request: web.Request) -> web.StreamResponse:
    """End one pause."""
    fields_of(request)
    result = await _asked(request).controls.resume(pause_id=int(request.match_info["id"]), by=_who(request).name)
    return _answer(request, result.changed, "Resumed." if result.changed else "That pause had ended already.")


@routes.post("/resume")
async def resume_all(request: web.Request) -> web.StreamResponse:
    """End every pause. What seems to choose some of them is refused: it would end the others, too."""
    if any(name in _CHOOSING for name in form(request)):
        raise InvalidRequest("", "/resume ends every pause; POST /pauses/ID/resume ends one, by the ID that /pause answered and /healthz lists")
    fields_of(request)
    result = await _asked(request).controls.resume(by=_who(request).name)
    return _answer(request, result.changed, "Everything is resumed." if result.changed else "Nothing was paused.")


@routes.post("/storm/release")
async def release_storm(request: web.Request) -> web.StreamResponse:
    """Have the hosts of a storm healed one by one after all."""
    fields_of(request)
    result = await _asked(request).controls.release(by=_who(request).name)
    return _answer(request, result.changed, "Released: the hosts of the storm are healed one by one." if result.changed else "There is no storm to release.")


def _asked(request: web.Request) -> Parts:
    return request.app[PARTS]


def _who(request: web.Request) -> Visitor:
    who = visitor(request)
    if who is None:  # visitors.py lets nobody through to a POST; this is the second lock
        raise web.HTTPUnauthorized
    return who


def _seen(text: str) -> dict[str, int]:
    """Read which event a page showed. Pages always say it; programs may."""
    if not text:
        return {}
    if not _NUMBER.fullmatch(text):
        raise InvalidRequest("seen", "must be the number of the case's newest event when you looked")
    return {"seen": int(text)}


def _until(text: str) -> float | None:
    if not text:
        return None
    try:
        length = seconds(float(text) if _PLAIN_SECONDS.fullmatch(text) else text)
    except ValueError as error:
        raise InvalidRequest("for", "must be a time such as 30m or 4h, or a number of seconds") from error
    if not 0 < length <= _MAX_PAUSE_SECONDS:
        raise InvalidRequest("for", "must be more than nothing, and a year at most")
    return time.time() + length


def _answer(request: web.Request, changed: bool, message: str, **more: object) -> web.StreamResponse:
    request.app[PARTS].live.touch()  # the next page is to show it, though the store tells its observers a moment later
    request.app[PARTS].looks.forget()
    if wants_json(request):
        return web.json_response({"changed": changed, "message": message, **more})
    session = _who(request).session
    if session is not None:
        session.notice = message
    raise web.HTTPSeeOther(own_page(form(request).get("back")))
