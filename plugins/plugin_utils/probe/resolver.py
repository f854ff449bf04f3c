# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Name lookups for thousands of checks, in threads of their own.

The event loop's own threads are shared with everything else in the process: with the name server gone, lookups would hold them all.
"""

from __future__ import annotations

import asyncio
import socket
import time
from concurrent.futures import ThreadPoolExecutor

from aiohttp.abc import AbstractResolver, ResolveResult

_THREADS = 16
_FRESH_SECONDS = 5.0  # checks of one name at the same time share a lookup; a moved service is found in the next round


class Resolver(AbstractResolver):
    """Look names up, each once at a time; also what aiohttp's connector asks."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="probe-lookup")
        self._lookups: dict[str, tuple[float, asyncio.Future[list[str]]]] = {}

    async def addresses(self, name: str) -> list[str]:
        """Return the addresses of a name, in the order of preference.

        :raises OSError: as `getaddrinfo` does.
        """
        asked_at, lookup = self._lookups.get(name, (0.0, None))
        is_fresh = lookup is not None and (not lookup.done() or time.monotonic() - asked_at < _FRESH_SECONDS)
        if not is_fresh or (lookup.done() and lookup.exception() is not None):
            lookup = asyncio.get_running_loop().run_in_executor(self._threads, _look_up, name)
            lookup.add_done_callback(_retrieve)
            self._lookups[name] = (time.monotonic(), lookup)
        # Shielded: who gives up leaves the lookup to the others, and its thread could not be stopped anyway.
        return await asyncio.shield(lookup)

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC) -> list[ResolveResult]:
        """Answer aiohttp's connector."""
        return [
            {
                "hostname": host,
                "host": address,
                "port": port,
                "family": socket.AF_INET6 if ":" in address else socket.AF_INET,
                "proto": 0,
                "flags": socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            }
            for address in await self.addresses(host)
        ]

    async def close(self) -> None:
        """Let go of the threads; those that wait for a name server end with their lookup."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _look_up(name: str) -> list[str]:
    found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(address[0] for *_kind, address in found))


def _retrieve(lookup: asyncio.Future) -> None:
    if not lookup.cancelled():
        lookup.exception()  # all who waited may have given up
