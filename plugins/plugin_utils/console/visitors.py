# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who asks, and whether they may: the token or session of a request, and that its form comes from one of our own pages."""

from __future__ import annotations

import asyncio
import hmac
import re
from dataclasses import dataclass
from urllib.parse import quote

from aiohttp import hdrs, web
from ansible_collections.eventops.infra.plugins.plugin_utils.web.address import is_loopback
from multidict import MultiDict, MultiDictProxy

from .parts import PARTS, Parts
from .sessions import LIFETIME_SECONDS, Session
from .settings import Listen

MAX_FORM_BYTES = 16_384
_FORM_SECONDS = 10.0
_FORM_TYPE = "application/x-www-form-urlencoded"

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?")
_OURS = re.compile(r"/(?:cases(?:/\d{1,18})?)?")  # where to go after a form

# What a monitor of this process asks for; it cannot sign in.
_FOR_MACHINES = frozenset({"/healthz", "/readyz", "/metrics"})
_SIGN_IN = "/signin"
_BEHIND_A_PROXY = " If a proxy stands before the console, let listen.url in the rulebook say what browsers call it."


@dataclass(frozen=True)
class Visitor:
    """Somebody who may change things: by a session, or (None) by the token that came with the request."""

    name: str
    session: Session | None


# Older versions of aiohttp know no keys for requests but texts.
_VISITOR, _FORM = (web.RequestKey(name, object) if hasattr(web, "RequestKey") else name for name in ("visitor", "form"))


def visitor(request: web.Request) -> Visitor | None:
    """Return who asks; None: somebody who may only look."""
    return request.get(_VISITOR)


def form(request: web.Request) -> MultiDictProxy[str]:
    """Return the fields that came with a POST."""
    return request[_FORM]


def own_page(path: str | None) -> str:
    """Return a path if it is one of the console's pages, so that nobody is sent elsewhere."""
    return path if path and _OURS.fullmatch(path) else "/"


@web.middleware
async def check_visitor(request: web.Request, handler) -> web.StreamResponse:
    """Let a request through to its page if it may be there. A middleware; raises web.HTTPException."""
    parts = request.app[PARTS]
    _require_own_name(request, parts.listen)
    public = request.path in _FOR_MACHINES or request.path.startswith("/static/") or request.path == _SIGN_IN
    who = request[_VISITOR] = _identify(request, parts)
    if request.method == hdrs.METH_POST:
        request[_FORM] = await _read_form(request)
        _require_own_page(request, parts.listen)
        if who is None and not public:
            raise _sign_in_first(request)
        if who is not None and who.session is not None and request.path != _SIGN_IN:
            _require_csrf(who.session, request[_FORM])
    elif who is None and not public and not parts.listen.is_read_freely:
        raise _sign_in_first(request)
    return await handler(request)


def check_token(request: web.Request, secret: str) -> str:
    """Return whose token this is. Raises web.HTTPException when it is nobody's, or when this address has tried too many that are."""
    parts = request.app[PARTS]
    name = parts.keys.owner(secret)
    if name is not None:
        return name
    if wait := parts.guesses.wrong(request.remote):
        raise web.HTTPTooManyRequests(text="Too many wrong tokens came from your address; wait a little.", headers={hdrs.RETRY_AFTER: str(wait)})
    raise web.HTTPUnauthorized(text="This token is none of those that the rulebook lists.", headers={hdrs.WWW_AUTHENTICATE: "Bearer"})


def set_cookie(response: web.StreamResponse, listen: Listen, session: Session) -> None:
    """Have the browser keep a session's id, for this console alone."""
    response.set_cookie(
        _cookie_name(listen), session.id, max_age=LIFETIME_SECONDS, path="/", secure=_is_secure(listen), httponly=True, samesite="Strict"
    )


def delete_cookie(response: web.StreamResponse, listen: Listen) -> None:
    """Have the browser forget its session."""
    response.del_cookie(_cookie_name(listen), path="/", secure=_is_secure(listen), httponly=True, samesite="Strict")


def _cookie_name(listen: Listen) -> str:
    # Browsers take __Host- only with Secure, and then from this host alone. A cookie knows no port: consoles beside each other need names of their own.
    return f"{'__Host-' if _is_secure(listen) else ''}eventops-{listen.port}"


def _is_secure(listen: Listen) -> bool:
    return listen.tls is not None or (listen.url or "").startswith("https:")


def _identify(request: web.Request, parts: Parts) -> Visitor | None:
    scheme, _space, secret = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    if scheme.lower() == "bearer":
        return Visitor(check_token(request, secret.strip()), None)
    session = parts.sessions.find(request.cookies.get(_cookie_name(parts.listen)))
    return Visitor(session.who, session) if session else None


def _require_own_name(request: web.Request, listen: Listen) -> None:
    """Refuse a name that is not ours: a stranger's page can give its own name our address, and would read what only this machine may."""
    hosts = request.headers.getall(hdrs.HOST, [])
    match = _HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
    if match is None:
        raise web.HTTPBadRequest(text="The request names no host, or several.")
    name = match[1].strip("[]").lower()
    if listen.is_local and not is_loopback(name) and name != _host_of(listen.url):
        raise web.HTTPMisdirectedRequest(text=f"This is not {name}.{_BEHIND_A_PROXY}")


def _host_of(url: str | None) -> str | None:
    match = url and _HOST.fullmatch(url.partition("://")[2])
    return match[1].strip("[]").lower() if match else None


def _require_own_page(request: web.Request, listen: Listen) -> None:
    """Refuse a form of another site's page. Browsers say whose it is; what is no browser says nothing, and has no cookie either."""
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get(hdrs.ORIGIN)
    ours = {f"{'https' if listen.tls else 'http'}://{request.headers[hdrs.HOST]}", listen.url}
    if site not in ("same-origin", "none") or (origin is not None and origin not in ours):
        raise web.HTTPForbidden(text=f"The form was not sent by a page of this console.{_BEHIND_A_PROXY}")


def _require_csrf(session: Session, fields: MultiDictProxy[str]) -> None:
    given = fields.get("csrf", "").encode("utf-8", "surrogatepass")
    if not hmac.compare_digest(given, session.csrf.encode()):
        raise web.HTTPForbidden(text="The form is not one of this session. Load the page again.")


async def _read_form(request: web.Request) -> MultiDictProxy[str]:
    if not request.can_read_body:
        return MultiDictProxy(MultiDict())
    if request.content_type != _FORM_TYPE:
        raise web.HTTPUnsupportedMediaType(text=f"Forms are sent as {_FORM_TYPE}.")
    try:
        async with asyncio.timeout(_FORM_SECONDS):
            return await request.post()
    except TimeoutError:
        raise web.HTTPRequestTimeout(text="The form took too long to arrive.") from None
    except (UnicodeError, LookupError, ValueError):
        raise web.HTTPBadRequest(text="The form cannot be read.") from None


def _sign_in_first(request: web.Request) -> web.HTTPException:
    if not request.app[PARTS].keys:
        return web.HTTPForbidden(text="The rulebook lists no tokens under listen, so that nobody may change anything here.")
    if request.method == hdrs.METH_GET and "text/html" in request.headers.get(hdrs.ACCEPT, ""):
        return web.HTTPSeeOther(f"{_SIGN_IN}?next={quote(own_page(request.path))}")
    return web.HTTPUnauthorized(text="Sign in first, or send a token.", headers={hdrs.WWW_AUTHENTICATE: "Bearer"})
