# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Credentials that are found anew when AWS no longer takes them, and roles that are assumed with them.

botocore looks for credentials once: a session token in a file that somebody has renewed since would never be read.
"""

from __future__ import annotations

import asyncio

from aiobotocore.credentials import (
    AioAssumeRoleCredentialFetcher,
    AioAssumeRoleWithWebIdentityCredentialFetcher,
    AioCredentials,
    AioDeferredRefreshableCredentials,
)
from aiobotocore.session import AioSession
from botocore.exceptions import NoCredentialsError
from botocore.utils import FileWebIdentityTokenLoader

from .place import Access

SESSION_NAME = "eventops"  # by which CloudTrail tells who acted


class RenewableCredentials(AioCredentials):
    """What the usual chain of AWS gives, or the role that is assumed with it; found at the first use, and again after `renew`."""

    def __init__(self, access: Access, region: str) -> None:
        # No keys are known yet; the parent wants some.
        super().__init__("", "", method="eventops")
        self._access = access
        self._region = region
        self._found: AioCredentials | None = None
        self._finding = asyncio.Lock()

    def renew(self) -> None:
        """Find them anew at the next use."""
        self._found = None

    async def get_frozen_credentials(self):
        """Return the keys to sign with. Raises what botocore raises where there are none."""
        async with self._finding:
            if self._found is None:
                self._found = await self._find()
            found = self._found
        return await found.get_frozen_credentials()

    async def _find(self) -> AioCredentials:
        access, session = self._access, AioSession(profile=self._access.profile)
        if access.role_arn and access.web_identity_token_file:
            fetcher = AioAssumeRoleWithWebIdentityCredentialFetcher(
                self._client_of(session),
                FileWebIdentityTokenLoader(access.web_identity_token_file),
                access.role_arn,
                extra_args={"RoleSessionName": SESSION_NAME},
            )
            return AioDeferredRefreshableCredentials(fetcher.fetch_credentials, "assume-role-with-web-identity")
        given = await session.get_credentials()
        if given is None:
            raise NoCredentialsError
        if not access.role_arn:
            return given
        extra = {"RoleSessionName": SESSION_NAME} | ({"ExternalId": access.external_id} if access.external_id else {})
        fetcher = AioAssumeRoleCredentialFetcher(self._client_of(session), given, access.role_arn, extra_args=extra)
        return AioDeferredRefreshableCredentials(fetcher.fetch_credentials, "assume-role")

    def _client_of(self, session: AioSession):
        def create(service: str, **keys):
            return session.create_client(service, region_name=self._region, endpoint_url=self._access.endpoint_url, **keys)

        return create
