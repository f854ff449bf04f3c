# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The pages: what goes on now, a case, a list of cases, and signing in."""

from __future__ import annotations

import asyncio
import time
from urllib.parse import urlencode

from aiohttp import hdrs, web
from ansible_collections.eventops.infra.plugins.plugin_utils.router.control.intervention import UnknownCase
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import Transaction
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import FINAL, UNFINISHED, Case, CaseQuery

from .fields import fields_of, require_known
from .framing import page
from .live import NOW
from .parts import PARTS, Parts
from .text import as_json, visible
from .visitors import check_token, delete_cookie, form, own_page, set_cookie, visitor

routes = web.RouteTableDef()

_CASES_OF_A_PAGE = 50
_STATES = (*sorted(UNFINISHED), *sorted(FINAL))
_MOST_DIGITS = 18
_PATIENCE_SECONDS = 1.0  # a page that is loaded shows how things were rather than to wait longer; it is live soon after
_SHARE = 0.1  # of the store's time, which senders of events wait for, is what lists may take


@routes.get("/")
async def now(request: web.Request) -> web.Response:
    """Show what goes on."""
    rendered = await request.app[PARTS].live.page(NOW).look(visitor(request) is not None, patience_seconds=_PATIENCE_SECONDS)
    return page(request, "overview.html", title=rendered.title, here="now", live="/live", parts=rendered.parts)


@routes.get(r"/cases/{id:\d{1,18}}")
async def case(request: web.Request) -> web.Response:
    """Show a case's whole story."""
    case_id = int(request.match_info["id"])
    try:
        rendered = await request.app[PARTS].live.page(case_id).look(visitor(request) is not None, patience_seconds=_PATIENCE_SECONDS)
    except KeyError:
        raise UnknownCase(case_id) from None
    return page(request, "case.html", title=rendered.title, live=f"/live?case={case_id}", parts=rendered.parts, case_id=case_id)


@routes.get(r"/cases/{id:\d{1,18}}/events/{row:\d{1,18}}")
async def event(request: web.Request) -> web.Response:
    """Show all of an event, as text."""
    case_id, row = int(request.match_info["id"]), int(request.match_info["row"])

    try:
        found = await request.app[PARTS].store.run(lambda tx: tx.event(row))
    except KeyError:
        raise web.HTTPNotFound from None
    if found.case_id != case_id:
        raise web.HTTPNotFound
    text = await asyncio.to_thread(lambda: visible(as_json(found.event.to_mapping())))  # a megabyte takes a while
    return web.Response(text=text, content_type="text/plain")


@routes.get("/cases")
async def cases(request: web.Request) -> web.Response:
    """List cases, a page at a time."""
    asked = _query_of(request)
    found = await _found(request.app[PARTS], asked)
    shown, more = found[:_CASES_OF_A_PAGE], len(found) > _CASES_OF_A_PAGE
    where = {"text": asked.text, "host": "".join(asked.hosts), "state": asked.states}
    return page(
        request,
        "cases.html",
        title="Cases · eventops",
        here="cases",
        cases=shown,
        query=asked,
        states=_STATES,
        first_page=_address(**where),
        next_page=_address(**where, before=shown[-1].id) if more else "",
    )


@routes.get("/signin")
async def show_sign_in(request: web.Request) -> web.Response:
    """Show the form for a token."""
    if not request.app[PARTS].keys:
        raise web.HTTPForbidden(text="The rulebook lists no tokens under listen, so that nobody may change anything here.")
    if visitor(request) is not None:
        raise web.HTTPSeeOther(own_page(request.query.get("next")))
    return page(request, "signin.html", title="Sign in · eventops", next=own_page(request.query.get("next")), mistake="")


@routes.post("/signin")
async def sign_in(request: web.Request) -> web.Response:
    """Begin a session for whoever has a token. It is a new one, whatever the browser has brought."""
    require_known(form(request), "token", "next")
    parts, goes_to, before = request.app[PARTS], own_page(form(request).get("next")), visitor(request)
    try:
        name = check_token(request, form(request).get("token", "").strip())
    except web.HTTPException as error:
        headers = {hdrs.RETRY_AFTER: error.headers[hdrs.RETRY_AFTER]} if hdrs.RETRY_AFTER in error.headers else {}
        return page(request, "signin.html", title="Sign in · eventops", status=error.status, headers=headers, next=goes_to, mistake=error.text)
    if before is not None and before.session is not None:
        parts.sessions.end(before.session)
    response = web.HTTPSeeOther(goes_to)
    set_cookie(response, parts.listen, parts.sessions.begin(name))
    raise response


@routes.post("/signout")
async def sign_out(request: web.Request) -> web.Response:
    """End the session."""
    fields_of(request)
    parts, who = request.app[PARTS], visitor(request)
    if who is not None and who.session is not None:
        parts.sessions.end(who.session)
    response = web.HTTPSeeOther("/")
    delete_cookie(response, parts.listen)
    raise response


async def _found(parts: Parts, asked: CaseQuery) -> list[Case]:
    """Find cases, one list at a time; the next one waits until the store had time for others."""

    def find(tx: Transaction) -> list[Case]:
        nonlocal seconds
        began = time.perf_counter()
        found = tx.find_cases(asked)
        seconds = time.perf_counter() - began
        return found

    seconds = 0.0
    await parts.one_list_at_a_time.acquire()
    try:
        return await parts.store.run(find)
    finally:
        asyncio.get_running_loop().call_later(seconds / _SHARE, parts.one_list_at_a_time.release)


def _query_of(request: web.Request) -> CaseQuery:
    asked = request.query
    before = asked.get("before", "")
    return CaseQuery(
        states=tuple(state for state in dict.fromkeys(asked.getall("state", ())) if state in _STATES),
        hosts=tuple(host for host in (asked.get("host", "").strip(),) if host),
        text=asked.get("text", "").strip()[:200],
        before_id=int(before) if before.isascii() and before.isdigit() and len(before) <= _MOST_DIGITS else None,
        limit=_CASES_OF_A_PAGE + 1,
    )


def _address(**fields: object) -> str:
    return "/cases?" + urlencode({name: value for name, value in fields.items() if value}, doseq=True)
