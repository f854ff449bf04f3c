# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Get a small file from AWS: a certificate, or the answer to a confirmation."""

from __future__ import annotations

import asyncio
from typing import Protocol

import aiohttp
from ansible_collections.eventops.infra.plugins.plugin_utils.web.bounded_get import TooLarge, UnexpectedStatus, bounded_get, bounded_session, proxy_for
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
    place = URL(url, encoded=True)
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS), bounded_session() as session:
            return (await bounded_get(session, place, max_bytes=max_bytes, proxy=proxy_for(place))).body
    except UnexpectedStatus as error:
        is_final = 300 <= error.status < 500 and error.status not in (408, 429)
        raise FetchFailed(f"{error}, expected 200", is_final=is_final) from None
    except TooLarge as error:
        raise FetchFailed(f"it has {error}", is_final=True) from None
    except TimeoutError:
        raise FetchFailed(f"no answer within {TIMEOUT_SECONDS:g} s") from None
    except (aiohttp.ClientError, OSError) as error:
        raise FetchFailed(" ".join(f"{type(error).__name__} {error}".split())) from error
