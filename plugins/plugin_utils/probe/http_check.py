# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The http check: does a request get the answer that it should?"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence

import aiohttp
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.certificates import trust
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.network_error import Inconclusive, what_went_wrong
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.resolver import Resolver
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.target import HttpCheck

_MOST_BODY_BYTES = 1024 * 1024  # `contains` looks no further
_CHUNK_BYTES = 64 * 1024


def new_session(resolver: Resolver) -> aiohttp.ClientSession:
    """Open the session that all checks share; it keeps no connection and no cookie from one check for the next."""
    return aiohttp.ClientSession(
        # limit=0: how many checks run at once is bounded where they start. force_close: a kept connection would not see
        # that nobody accepts new ones any more.
        connector=aiohttp.TCPConnector(limit=0, force_close=True, resolver=resolver, use_dns_cache=False),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, connect=None, sock_connect=None, sock_read=None),
        headers={"User-Agent": "eventops-probe"},
        trust_env=False,
    )


async def check_http(session: aiohttp.ClientSession, check: HttpCheck) -> str | None:
    """Make one request and say what is wrong, or None. The caller limits the time.

    :raises Inconclusive: when this machine is at fault.
    """
    try:
        async with session.request(
            check.method,
            check.url,
            headers=dict(check.headers),
            allow_redirects=check.follow_redirects,
            ssl=_tls(check),
        ) as response:
            if not _is_accepted(response.status, check.status):
                return f"status {response.status}, expected {_in_words(check.status)}"
            if check.contains is not None and check.contains not in await _beginning(response):
                return f"status {response.status}, but the body does not contain {check.contains!r}"
            return None
    except aiohttp.ClientConnectorCertificateError as error:
        return f"the TLS certificate is not valid: {_reason(error.certificate_error)}"
    except aiohttp.ClientSSLError as error:
        return f"TLS failed: {_reason(error.os_error)}"
    except aiohttp.ClientConnectorError as error:
        return what_went_wrong(error.os_error)
    except aiohttp.ServerDisconnectedError:
        return "the connection was closed without an answer"
    except aiohttp.TooManyRedirects:
        return "too many redirects"
    except aiohttp.ClientOSError as error:
        return what_went_wrong(error)
    except aiohttp.ClientError as error:
        return " ".join(f"no valid answer: {type(error).__name__} {error}".split())


def _tls(check: HttpCheck) -> ssl.SSLContext | bool:
    if not check.verify:
        return False
    if check.cafile is None:
        return True
    try:
        return trust(check.cafile)
    except OSError as error:
        raise Inconclusive(f"{check.cafile} cannot be read: {error.strerror}") from error


def _is_accepted(status: int, accepted: Sequence[int]) -> bool:
    return status in accepted if accepted else 200 <= status < 300


def _in_words(accepted: Sequence[int]) -> str:
    return " or ".join(map(str, accepted)) if accepted else "2xx"


async def _beginning(response: aiohttp.ClientResponse) -> str:
    body = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
        body += chunk
        if len(body) >= _MOST_BODY_BYTES:
            break
        await asyncio.sleep(0)  # a fast sender must not hold the loop
    try:
        return body.decode(response.charset or "utf-8", errors="replace")
    except LookupError:  # a charset that Python does not know
        return body.decode(errors="replace")


def _reason(error: BaseException) -> str:
    return getattr(error, "verify_message", None) or getattr(error, "reason", None) or str(error) or type(error).__name__
