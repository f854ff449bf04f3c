# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask another system for something small by GET: no redirect is followed, nothing is unpacked or remembered, and no more is read than is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.request import getproxies, proxy_bypass

import aiohttp
from multidict import CIMultiDictProxy
from yarl import URL

_CHUNK_BYTES = 64 * 1024


class UnexpectedStatus(Exception):
    """The answer is none."""

    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}")
        self.status = status


class TooLarge(Exception):
    """The answer has more bytes than are read."""


class Answer(NamedTuple):
    """What came with status 200."""

    headers: CIMultiDictProxy[str]
    body: bytes


def bounded_session(headers: Mapping[str, str] | None = None) -> aiohttp.ClientSession:
    """Return what `bounded_get` asks with; how long it may take is for whoever waits for it to say.

    :param headers: of every request, beside those that are always there.
    """
    return aiohttp.ClientSession(
        # identity: an answer of a bounded size must not become a boundless one.
        headers={"User-Agent": "eventops", "Accept-Encoding": "identity", **(headers or {})},
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None),
        trust_env=False,  # it would send what ~/.netrc has for a host, too
    )


def proxy_for(url: URL) -> str | None:
    """Return the proxy that the environment names for a URL (HTTPS_PROXY, NO_PROXY and the like), None where it is asked directly."""
    return None if proxy_bypass(url.host or "") else getproxies().get(url.scheme)


async def bounded_get(session: aiohttp.ClientSession, url: URL, *, max_bytes: int, **options: Any) -> Answer:
    """Return what a URL answers.

    :param session: of `bounded_session`.
    :param options: as aiohttp has them, such as `params`, `ssl` and `proxy`.
    :raises UnexpectedStatus: when that is not 200; a redirect leads to where nobody has said that it may be asked.
    :raises TooLarge: when its body is longer.
    """
    async with session.get(url, allow_redirects=False, **options) as response:
        if response.status != 200:
            raise UnexpectedStatus(response.status)
        body = bytearray()
        async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
            body += chunk
            if len(body) > max_bytes:
                raise TooLarge(f"more than {max_bytes} bytes")
        return Answer(response.headers, bytes(body))
