# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Answers that are no page: errors as a sentence on one, or as JSON to whoever asks for it. Nothing of the inside is told."""

from __future__ import annotations

import logging
from http import HTTPStatus

from aiohttp import hdrs, web
from ansible_collections.eventops.infra.plugins.plugin_utils.router.control.intervention import InvalidRequest, NotPossible, UnknownCase
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import StoreUnavailable

from .framing import page

logger = logging.getLogger(__name__)

_RETRY_SECONDS = "5"


def wants_json(request: web.Request) -> bool:
    """Tell whether the answer is read by a program."""
    return "application/json" in request.headers.get(hdrs.ACCEPT, "") or hdrs.AUTHORIZATION in request.headers


def _reads_pages(request: web.Request) -> bool:
    """Tell whether what is wrong is read on a page: browsers name HTML, and curl takes anything."""
    return not wants_json(request) and "text/html" in request.headers.get(hdrs.ACCEPT, "")


@web.middleware
async def say_errors(request: web.Request, handler) -> web.StreamResponse:
    """Turn what is raised into an answer. A middleware, around all others."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise  # a redirect
        headers = {name: error.headers[name] for name in (hdrs.RETRY_AFTER, hdrs.WWW_AUTHENTICATE, hdrs.ALLOW) if name in error.headers}
        return _answer(request, error.status, _text_of(error), headers)
    except UnknownCase as error:
        return _answer(request, 404, str(error))
    except InvalidRequest as error:
        return _answer(request, 400, str(error))
    except NotPossible as error:
        return _answer(request, 409, str(error))
    except (StoreUnavailable, TimeoutError):
        text = "The store does not answer just now. The log of ansible-rulebook says why; nothing has changed."
        return _answer(request, 503, text, {hdrs.RETRY_AFTER: _RETRY_SECONDS})
    except Exception:
        logger.exception("console: %s %s failed", request.method, request.rel_url.raw_path)
        return _answer(request, 500, "Something in the console went wrong. The log of ansible-rulebook says what.")


def _text_of(error: web.HTTPException) -> str:
    if error.status in _WORDS:
        return _WORDS[error.status]
    return error.text if error.text and error.text != f"{error.status}: {error.reason}" else f"{error.reason}."


_WORDS = {404: "There is no such page.", 405: "This address does not take that.", 413: "The form is too long."}


def _answer(request: web.Request, status: int, message: str, headers: dict[str, str] | None = None) -> web.Response:
    message = message[:1].upper() + message[1:]
    if not _reads_pages(request):
        return web.json_response({"changed": False, "message": message}, status=status, headers=headers)
    return page(request, "problem.html", title=HTTPStatus(status).phrase, status=status, headers=headers, message=message)
