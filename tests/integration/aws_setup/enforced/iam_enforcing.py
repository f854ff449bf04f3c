# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Let AWS's client do only what policies allow, and write down each request and what allowed it.

moto's own check of policies looks at no resource and no condition.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError
from iam_policy import granting
from iam_requests import requests_of


class Enforcing:
    """Policies that hold for a client.

    Args:
        policies: those of whoever calls.
        tags: of the resources that calls are about.
        log: gets a JSON line for each request: its action, its resource, and the statements that allowed it.
    """

    def __init__(self, policies: Sequence[Mapping], tags: Mapping[str, str], log: Path) -> None:
        self._policies, self._tags, self._log = policies, tags, log

    def insist(self, client: Any, operation: str, given: Mapping[str, Any]) -> None:
        """Raise what AWS answers where a call is not allowed."""
        for request in requests_of(client.meta.service_model.service_name, operation, given, self._tags):
            granted = granting(self._policies, request)
            with self._log.open("a", encoding="utf-8") as log:
                log.write(json.dumps({"action": request.action, "resource": request.resource, "granted": granted}) + "\n")
            if not granted:
                text = f"User is not authorized to perform: {request.action} on resource: {request.resource}"
                raise ClientError({"Error": {"Code": "AccessDenied", "Message": text}, "ResponseMetadata": {"HTTPStatusCode": 403}}, operation)

    def around(self, call: Callable) -> Callable:
        """Return a client's `_make_api_call` that asks first."""

        def asked(client: Any, operation: str, given: Mapping[str, Any]) -> Any:
            self.insist(client, operation, given)
            return call(client, operation, given)

        return asked
