# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Azure Resource Manager as the modules need it: read, follow pages, and change one thing."""

from __future__ import annotations

import json
import traceback
from urllib.parse import quote, urlencode, urlsplit

from ansible_collections.eventops.infra.plugins.module_utils.one_line import one_line

IMPORT_ERROR = None
try:
    from azure.core import PipelineClient
    from azure.core.exceptions import AzureError
    from azure.core.pipeline.policies import BearerTokenCredentialPolicy, RetryPolicy, UserAgentPolicy
except ImportError:
    IMPORT_ERROR = traceback.format_exc()

_CONNECT_SECONDS = 10
_READ_SECONDS = 60
# Azure says with 429 how long to wait; a task that waits longer in all is better ended, and tried again by whoever called it.
_PATIENCE_SECONDS = 120
_TRIES = 6
_MOST_PAGES = 200  # a scale set has at most 1,000 instances; pages that lead round in a circle end, too


class ResourceManagerError(Exception):
    """Azure refused a request, or could not be asked; the text says which and why.

    Attributes:
        status: of HTTP; 0 when there was no answer.
        code: what Azure calls the error, such as AuthorizationFailed.
    """

    def __init__(self, text: str, status: int = 0, code: str = "") -> None:
        super().__init__(text)
        self.status, self.code = status, code


class ResourceManager:
    """One subscription.

    Args:
        credential: of azure-identity.
        endpoint: where Resource Manager is.
        subscription: its id.
    """

    def __init__(self, credential: object, endpoint: str, subscription: str) -> None:
        self.subscription = subscription
        endpoint = endpoint.rstrip("/") + "/"
        policies = [
            UserAgentPolicy("eventops.infra"),
            RetryPolicy(retry_total=_TRIES, timeout=_PATIENCE_SECONDS),
            BearerTokenCredentialPolicy(credential, endpoint + ".default"),
        ]
        # No policy follows a redirect: the token is for this address.
        self._client = PipelineClient(endpoint, policies=policies)

    def path(self, resource_group: str, *parts: str) -> str:
        """Return the path of something in a resource group."""
        segments = ("subscriptions", self.subscription, "resourceGroups", resource_group, "providers", *parts)
        return "/" + "/".join(quote(segment, safe="") for segment in segments)

    def get(self, path: str, api_version: str, **query: str) -> dict:
        """Return a resource; a parameter's name gets its dollar: expand is $expand."""
        return self._ask(self._client.get(_address(path, api_version, query)))

    def find(self, path: str, api_version: str, **query: str) -> dict | None:
        """Return a resource, or None when there is none."""
        try:
            return self.get(path, api_version, **query)
        except ResourceManagerError as error:
            if error.status == 404:
                return None
            raise

    def get_all(self, path: str, api_version: str, **query: str) -> list[dict]:
        """Return what is in a list, from all its pages."""
        rows: list[dict] = []
        address = _address(path, api_version, query)
        for _page in range(_MOST_PAGES):
            page = self._ask(self._client.get(address))
            rows += page.get("value") or []
            if not page.get("nextLink"):
                return rows
            # Only the path: a token must not go to another address, whatever an answer says.
            following = urlsplit(page["nextLink"])
            address = f"{following.path}?{following.query}"
        raise ResourceManagerError(f"{path} has more than {_MOST_PAGES} pages, or they lead round in a circle")

    def patch(self, path: str, api_version: str, body: dict, etag: str | None) -> dict:
        """Change what the body says, if the resource is still as it was read, and return it."""
        headers = {"Content-Type": "application/json"} | ({"If-Match": etag} if etag else {})
        return self._ask(self._client.patch(_address(path, api_version, {}), headers=headers, content=body))

    def _ask(self, request: object) -> dict:
        where = f"{request.method} {urlsplit(request.url).path}"
        try:
            # http_logging_policy and the like are not there: nothing of a request, its token least of all, is written anywhere.
            response = self._client._pipeline.run(request, connection_timeout=_CONNECT_SECONDS, read_timeout=_READ_SECONDS).http_response
            text = response.text()
        except AzureError as error:
            raise ResourceManagerError(f"Azure could not be asked ({where}): {one_line(error.message)}", getattr(error, "status_code", 0) or 0) from error
        answer = _read(text)
        if response.status_code in (200, 201, 202) and isinstance(answer, dict):
            return answer
        said = answer.get("error", {}) if isinstance(answer, dict) and isinstance(answer.get("error"), dict) else {}
        code, message = said.get("code") or "no code", said.get("message") or "without a word"
        raise ResourceManagerError(one_line(f"Azure answered {where} with {response.status_code} {code}: {message}"), response.status_code, code)


def _address(path, api_version, query):
    return f"{path}?{urlencode({'api-version': api_version, **{'$' + name: value for name, value in query.items()}}, quote_via=quote)}"


def _read(text):
    try:
        return json.loads(text)
    except ValueError:
        return None  # a proxy's page
