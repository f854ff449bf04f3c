# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which call of AWS a request is, in each of the protocols: the double counts by it, and the faulty proxy decides by it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

QUERY, JSON, CBOR, REST = "query", "json", "cbor", "rest"
_CBOR_PATH = re.compile(r"/service/[^/]+/operation/([A-Za-z0-9]+)")
_SCOPE = re.compile(r"Credential=[^/]+/[0-9]{8}/([^/]+)/([^/]+)/")


@dataclass(frozen=True)
class Call:
    """A call: its name (`DescribeAlarms`; for REST the method and path), the service and region that signed it, and its protocol."""

    name: str
    service: str
    region: str
    protocol: str


def call_of(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Call:
    """Read what a request calls.

    Args:
        method, target: of the request line.
        headers: by names in lower case.
        body: of the request.
    """
    scope = _SCOPE.search(headers.get("authorization", ""))
    region, service = (scope[1], scope[2]) if scope else ("", "")
    path = urlsplit(target).path
    if headers.get("x-amz-target"):
        return Call(headers["x-amz-target"].rpartition(".")[2], service, region, JSON)
    if found := _CBOR_PATH.search(path):
        return Call(found[1], service, region, CBOR)
    sent = body.decode("latin-1") if headers.get("content-type", "").startswith("application/x-www-form-urlencoded") else urlsplit(target).query
    if "Action=" in sent and (action := parse_qs(sent).get("Action")):
        return Call(action[0], service, region, QUERY)
    return Call(f"{method} {path}", service, region, REST)
