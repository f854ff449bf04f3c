# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Answers that say what is wrong, in a form that machines read, too (RFC 9457)."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from types import MappingProxyType

from aiohttp import hdrs, web

from .auth.verifier import CannotTell, NotAllowed, NotAuthenticated
from .headers import MACHINE_HEADERS
from .strict_json import MalformedJson

logger = logging.getLogger(__name__)

_MEDIA_TYPE = "application/problem+json"
_RETRY_AFTER_SECONDS = "10"
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})
# RFC 9110 section 15.5.2: a 401 names a scheme. For a signature in a header of the sender's own there is none that is registered.
_UNNAMED_SCHEME = "Webhook"
# What an answer's status means only together with its header.
_KEPT = (hdrs.ALLOW, hdrs.RETRY_AFTER, hdrs.WWW_AUTHENTICATE, hdrs.ACCEPT_ENCODING)


def problem(status: int, detail: str, *, errors: Sequence[str] = (), headers: Mapping[str, str] = _NO_HEADERS) -> web.Response:
    """Return an answer.

    :param detail: what was expected, what came, what to do; for whoever reads the sender's log.
    :param errors: where there are several, each of them.
    """
    content = {"title": HTTPStatus(status).phrase, "status": status, "detail": detail, **({"errors": list(errors)} if errors else {})}
    return web.Response(status=status, body=json.dumps(content).encode(), content_type=_MEDIA_TYPE, headers={**MACHINE_HEADERS, **headers})


def answer_for(error: Exception) -> web.Response:
    """Return what a sender is told of an error; what nobody has foreseen goes to the log, and none of it to the sender."""
    if isinstance(error, web.HTTPError):
        return _as_problem(error)
    if isinstance(error, NotAuthenticated):
        return problem(401, str(error), headers={hdrs.WWW_AUTHENTICATE: error.challenge or _UNNAMED_SCHEME})
    if isinstance(error, NotAllowed):
        return problem(403, str(error))
    if isinstance(error, CannotTell):
        return problem(503, str(error), headers={hdrs.RETRY_AFTER: _RETRY_AFTER_SECONDS})
    if isinstance(error, MalformedJson):
        return problem(400, str(error))
    logger.error("a request could not be handled", exc_info=error)
    return problem(500, "Something is wrong here; the log of ansible-rulebook says what.")


def _as_problem(error: web.HTTPError) -> web.Response:
    """Turn what aiohttp, or the intake, raises into an answer: with its own words where it has any."""
    words = error.text or ""
    detail = error.reason if words == f"{error.status}: {error.reason}" else words
    answer = problem(error.status, detail, headers={name: error.headers[name] for name in _KEPT if name in error.headers})
    if error.keep_alive is False:  # the rest of what is sent is no request
        answer.force_close()
    return answer
