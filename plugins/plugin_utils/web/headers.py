# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Headers that every response carries: nothing is loaded from elsewhere, framed, sniffed or kept."""

from __future__ import annotations

from aiohttp import hdrs, web

SECURITY_HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    ),
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: with that, browsers send `Origin: null` with our own forms (Fetch standard, "append a request Origin header").
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    hdrs.CACHE_CONTROL: "no-store",
    hdrs.SERVER: "eventops",
}

# For answers that no browser shows: there is nothing to be framed or loaded.
MACHINE_HEADERS = {name: SECURITY_HEADERS[name] for name in ("X-Content-Type-Options", hdrs.CACHE_CONTROL, hdrs.SERVER)}


async def add_security_headers(_request: web.BaseRequest, response: web.StreamResponse) -> None:
    """Set the headers, as a signal `on_response_prepare`: on errors and streams, too."""
    response.headers.update(SECURITY_HEADERS)
