# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The three files that pages load. They are read once; no path of a request is ever opened."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from aiohttp import web

routes = web.RouteTableDef()

_HERE = Path(__file__).parent / "static"
_TYPES = {"console.css": "text/css", "console.js": "text/javascript", "icon.svg": "image/svg+xml"}


@routes.get("/static/{name}")
async def static(request: web.Request) -> web.Response:
    """Return one of the files."""
    name = request.match_info["name"]
    if name not in _TYPES:
        raise web.HTTPNotFound
    return web.Response(text=_text(name), content_type=_TYPES[name])


@cache
def _text(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")
