# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The errors that AWS answers with, each in the protocol of the call that meets it.

Codes and texts: "Common Errors" of the API references of CloudWatch, EC2, Auto Scaling, SQS and CloudWatch Logs.
The protocols: AWS Query, EC2 Query, AWS JSON 1.0 and
Smithy RPC v2 CBOR.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from .calls import CBOR, QUERY, REST, Call

_REQUEST_ID = "b25f48e8-84fd-11e6-80d9-574e0c4664cb"


@dataclass(frozen=True)
class Failure:
    """An error: its status and code by protocol (`query`, `ec2`, else), and its text."""

    status: int
    query: str
    ec2: str
    other: str
    text: str


@dataclass(frozen=True)
class Answer:
    """What is sent instead of AWS's answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


FAILURES = {
    "throttled": Failure(400, "Throttling", "RequestLimitExceeded", "ThrottlingException", "Rate exceeded"),
    "expired": Failure(403, "ExpiredToken", "ExpiredToken", "ExpiredTokenException", "The security token included in the request is expired"),
    "skewed": Failure(403, "SignatureDoesNotMatch", "RequestExpired", "InvalidSignatureException", ""),
    "denied": Failure(403, "AccessDenied", "UnauthorizedOperation", "AccessDeniedException", ""),
    "internal": Failure(500, "InternalFailure", "InternalError", "InternalFailure", "The request processing has failed because of an unknown error."),
    "unavailable": Failure(503, "ServiceUnavailable", "Unavailable", "ServiceUnavailable", ""),
}


def answer_to(kind: str, call: Call) -> Answer:
    """Return the answer with which a call fails."""
    failure = FAILURES[kind]
    if kind == "unavailable":  # a load balancer's, in no protocol
        return Answer(503, {"Content-Type": "text/html"}, b"<html><body><b>Http/1.1 Service Unavailable</b></body> </html>")
    text = failure.text or (_skew() if kind == "skewed" else _denial(call))
    if call.service == "ec2":
        return _xml(failure.status, f"<Response><Errors><Error>{_code(failure.ec2, text)}</Error></Errors><RequestID>{_REQUEST_ID}</RequestID></Response>")
    if call.protocol == QUERY:
        error = f"<Error><Type>Sender</Type>{_code(failure.query, text)}</Error>"
        return _xml(failure.status, f"<ErrorResponse>{error}<RequestId>{_REQUEST_ID}</RequestId></ErrorResponse>")
    status = 400 if failure.status == 403 and call.protocol != REST else failure.status
    told = {"__type": failure.other, "message": text}
    # CloudWatch and SQS were query services once: their clients take the code of that time from this header
    headers = {"x-amzn-RequestId": _REQUEST_ID, "x-amzn-query-error": f"{failure.query};Sender"} if call.service in ("monitoring", "sqs") else {}
    if call.protocol == CBOR:
        return Answer(status, {**headers, "Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}, _cbor(told))
    named = {"x-amzn-ErrorType": failure.other} if call.protocol == REST else {}
    return Answer(status, {**headers, **named, "Content-Type": "application/x-amz-json-1.0"}, json.dumps(told).encode())


def _skew() -> str:
    now = datetime.now(UTC)
    form = "%Y%m%dT%H%M%SZ"
    early, sent = now - timedelta(minutes=15), now - timedelta(hours=1)
    return f"Signature expired: {sent:{form}} is now earlier than {early:{form}} ({now:{form}} - 15 min.)"


def _denial(call: Call) -> str:
    who = "arn:aws:iam::123456789012:user/tests"
    return f"User: {who} is not authorized to perform: {call.service}:{call.name} because no identity-based policy allows the {call.service}:{call.name} action"


def _code(code: str, text: str) -> str:
    return f"<Code>{code}</Code><Message>{text}</Message>"


def _xml(status: int, body: str) -> Answer:
    return Answer(status, {"Content-Type": "text/xml"}, f'<?xml version="1.0"?>{body}'.encode())


def _cbor(told: Mapping[str, str]) -> bytes:
    """Write a small map of texts (RFC 8949, major types 5 and 3)."""
    return bytes([0xA0 | len(told)]) + b"".join(_cbor_text(key) + _cbor_text(value) for key, value in told.items())


def _cbor_text(text: str) -> bytes:
    content = text.encode()
    return b"\x79" + len(content).to_bytes(2, "big") + content
