# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Clients of AWS, one for each service at each place, opened when it is first needed and closed with the source."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any

from aiobotocore.config import AioConfig
from aiobotocore.session import AioSession

from .credentials import RenewableCredentials
from .errors import NotFromAWS
from .place import Access, Place

_CONNECT_SECONDS = 5
# SQS holds a request open for up to 20 seconds.
_READ_SECONDS = 40
_CONNECTIONS = 64
# Whoever asks has a patience of its own, which says what is wrong; botocore tries again silently.
_ATTEMPTS = 2
# AWS General Reference, "Request IDs": the services differ in the name.
_REQUEST_IDS = frozenset(("x-amzn-requestid", "x-amz-request-id", "x-amzn-request-id"))


class Clients:
    """The clients of one source."""

    def __init__(self) -> None:
        self._open = AsyncExitStack()
        self._opened: dict[tuple[Place, str], Any] = {}
        self._credentials: dict[Access, RenewableCredentials] = {}
        self._opening = asyncio.Lock()

    async def get(self, place: Place, service: str) -> Any:
        """Return aiobotocore's client of a service, such as `sqs`. Raises AWS_ERRORS (errors.py)."""
        found = self._opened.get((place, service))
        if found is None:
            async with self._opening:
                found = self._opened.get((place, service))
                if found is None:
                    found = self._opened[place, service] = await self._create(place, service)
        return found

    def renew(self, place: Place) -> None:
        """Have the credentials of an account found anew: AWS has refused them."""
        if place.access in self._credentials:
            self._credentials[place.access].renew()

    async def close(self) -> None:
        """Close every client."""
        self._opened.clear()
        await self._open.aclose()

    async def _create(self, place: Place, service: str) -> Any:
        access = place.access
        session = AioSession(profile=access.profile)
        # Descriptions of services are large files: read on the loop, they would hold up everything else in the process.
        await asyncio.to_thread(session.get_component("data_loader").load_service_model, service, "service-2")
        if access not in self._credentials:
            self._credentials[access] = RenewableCredentials(access, place.region)
        session._credentials = self._credentials[access]
        config = AioConfig(
            connect_timeout=_CONNECT_SECONDS,
            read_timeout=_READ_SECONDS,
            max_pool_connections=_CONNECTIONS,
            retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
            user_agent_extra="eventops.infra",
        )
        client = await self._open.enter_async_context(
            session.create_client(service, region_name=place.region, endpoint_url=access.endpoint_url, config=config)
        )
        client.meta.events.register("before-parse", _insist_on_aws)
        return client


def _insist_on_aws(operation_model: Any, response_dict: Mapping[str, Any], **others: Any) -> None:
    """Refuse an answer that is none of AWS's: each of those has a request id. Raises NotFromAWS."""
    headers = {str(name).lower() for name in response_dict["headers"]}
    if response_dict["status_code"] < 300 and headers.isdisjoint(_REQUEST_IDS):
        raise NotFromAWS(operation=operation_model.name)
