# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Clients of the double, made with azure-identity and azure-core as anybody makes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ansible_collections.eventops.infra.plugins.module_utils.azure.resource_manager import ResourceManager
from ansible_collections.eventops.infra.tests.doubles.azure import Running
from azure.core import PipelineClient
from azure.core.pipeline.policies import BearerTokenCredentialPolicy, RequestIdPolicy
from azure.identity import ClientSecretCredential

ENDPOINT = "https://management.azure.com"


def credential_of(azure: Running, secret: str | None = None) -> ClientSecretCredential:
    """Return the credential of the service principal, perhaps with a wrong secret."""
    known = azure.environment
    return ClientSecretCredential(known["AZURE_TENANT"], known["AZURE_CLIENT_ID"], secret or known["AZURE_SECRET"])


def resource_manager_of(azure: Running, secret: str | None = None) -> ResourceManager:
    """Return the Resource Manager of the double's subscription."""
    return ResourceManager(credential_of(azure, secret), ENDPOINT, azure.subscription)


class Bare:
    """A client without patience, which sees answers as they are."""

    def __init__(self, azure: Running) -> None:
        self._base = f"/subscriptions/{azure.subscription}/resourceGroups/shop/providers/Microsoft.Compute/virtualMachineScaleSets"
        policy = BearerTokenCredentialPolicy(credential_of(azure), f"{ENDPOINT}/.default")
        self.client = PipelineClient(ENDPOINT, policies=[RequestIdPolicy(), policy])

    def ask(self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None, api: str = "2024-07-01") -> tuple[int, Any, Any]:
        """Make a request about a scale set, or of a whole address; return the status, the body and the headers."""
        address = path if "://" in path else f"{self._base}/{path}{'&' if '?' in path else '?'}api-version={api}"
        given = {"Content-Type": "application/json", **(headers or {})}
        request = self.client.get(address, headers=given) if method == "GET" else getattr(self.client, method.lower())(address, headers=given, content=body)
        response = self.client._pipeline.run(request).http_response
        return response.status_code, json.loads(response.text()), response.headers
