# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is around every page: the head, who is signed in, and what is said once."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from .parts import PARTS
from .rendering import render
from .visitors import own_page, visitor


def page(
    request: web.Request,
    template: str,
    *,
    title: str,
    here: str = "",
    live: str = "",
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> web.Response:
    """Render a page.

    :param title: what the browser's tab says.
    :param here: which of the two main pages this is: now, cases.
    :param live: where its parts come from while it is open.
    :param values: what the template itself prints.
    """
    who = visitor(request)
    session = who.session if who else None
    text = render(
        template,
        title=title,
        here=here,
        live=live,
        now=time.time(),
        session=session,
        notice=session.take_notice() if session else "",
        can_sign_in=bool(request.app[PARTS].keys),
        path=own_page(request.path),
        **values,
    )
    return web.Response(text=text, status=status, headers=headers, content_type="text/html")
