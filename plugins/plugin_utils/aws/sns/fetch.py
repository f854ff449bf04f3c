# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Get a small file from AWS: a certificate, or the answer to a confirmation."""

from __future__ import annotations

from typing import Protocol

import aiohttp
from yarl import URL

TIMEOUT_SECONDS = 5.0


class FetchFailed(Exception):
    """It could not be had. `is_final` tells that it would not help to ask again."""

    def __init__(self, message: str, *, is_final: bool = False) -> None:
        super().__init__(message)
        self.is_final = is_final


class Fetch(Protocol):
    """The signature of what gets a file."""

    async def __call__(self, url: str, max_bytes: int) -> bytes:
        """Return what a URL that has been checked leads to, without following a redirect. Raises FetchFailed."""


async def fetch(url: str, max_bytes: int) -> bytes:
    """Do so over the network, by the proxy that the environment names (HTTPS_PROXY and the like)."""
    try:
        async with _session() as session, session.get(URL(url, encoded=True), allow_redirects=False) as response:
            if response.status != 200:
                is_final = 300 <= response.status < 500 and response.status not in (408, 429)
                raise FetchFailed(f"status {response.status}, expected 200", is_final=is_final)
            return await _bounded(response, max_bytes)
    except TimeoutError:
        raise FetchFailed(f"no answer within {TIMEOUT_SECONDS:g} s") from None
    except (aiohttp.ClientError, OSError) as error:
        raise FetchFailed(" ".join(f"{type(error).__name__} {error}".split())) from error


def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        # identity: a file of a bounded size must not become a boundless one.
        headers={"User-Agent": "eventops", "Accept-Encoding": "identity"},
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS),
        trust_env=True,
    )


async def _bounded(response: aiohttp.ClientResponse, max_bytes: int) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > max_bytes:
            raise FetchFailed(f"it has more than {max_bytes} bytes", is_final=True)
    return bytes(body)
