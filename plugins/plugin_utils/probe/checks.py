# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run checks: the sessions and threads that they share, how many at once, and how long each may take."""

from __future__ import annotations

import asyncio
import logging

import aiohttp
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.command_check import check_command
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.http_check import check_http, new_session
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.network_error import Inconclusive, what_went_wrong
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.resolver import Resolver
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.target import HttpCheck, Target, TcpCheck
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.tcp_check import check_tcp
from yarl import URL

logger = logging.getLogger(__name__)

_MOST_ERROR_CHARACTERS = 500  # it travels in every event of the outage


class Checks:
    """Run the check of any target; an asynchronous context, which owns what the checks share."""

    def __init__(self, max_concurrent: int) -> None:
        self._slots = asyncio.Semaphore(max_concurrent)
        self._resolver: Resolver
        self._session: aiohttp.ClientSession

    async def __aenter__(self) -> Checks:
        self._resolver = Resolver()
        self._session = new_session(self._resolver)
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._session.close()
        await self._resolver.close()

    async def run(self, target: Target) -> str | None:
        """Check a target once a slot is free, and say what is wrong, or None.

        :raises Inconclusive: when nothing can be said about the target.
        """
        async with self._slots:
            try:
                wrong = await self._in_time(target)
            except (Inconclusive, asyncio.CancelledError):
                raise
            except Exception as error:
                # A mistake of ours must not look like an outage, which would be repaired.
                logger.exception("the check of %s failed in an unexpected way", target.fingerprint)
                raise Inconclusive(f"unexpected {type(error).__name__}: {error}") from error
        return wrong if wrong is None else wrong[:_MOST_ERROR_CHARACTERS]

    async def _in_time(self, target: Target) -> str | None:
        check, name = target.check, None
        try:
            async with asyncio.timeout(target.timeout):
                if isinstance(check, (HttpCheck, TcpCheck)):
                    # Looked up first, to tell a silent name server from a silent target.
                    name = URL(check.url).host if isinstance(check, HttpCheck) else check.address
                    addresses = await self._resolver.addresses(name)
                    name = None
                    if isinstance(check, HttpCheck):
                        return await check_http(self._session, check)
                    return await check_tcp(addresses, check.port, target.timeout)
                return await check_command(check.argv)
        except TimeoutError:
            if name is not None:
                raise Inconclusive(f"the name {name} was not resolved within {target.timeout:g} s") from None
            return f"no answer within {target.timeout:g} s"
        except OSError as error:
            return what_went_wrong(error) + (f" ({name})" if name else "")
