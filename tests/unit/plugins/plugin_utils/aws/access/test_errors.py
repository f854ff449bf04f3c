# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What kind of failure came, and that its text has no secret."""

from __future__ import annotations

import pytest
from aiohttp import ClientPayloadError
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.errors import (
    AWS_ERRORS,
    CREDENTIALS,
    DENIED,
    INVALID,
    MISSING,
    SKEWED,
    THROTTLED,
    UNREACHABLE,
    LeadsInACircle,
    failure_of,
)
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
)


def said(code: str, message: str = "", status: int = 400, headers: dict | None = None) -> ClientError:
    metadata = {"HTTPStatusCode": status, "HTTPHeaders": headers or {}}
    return ClientError({"Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata}, "ReceiveMessage")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (said("Throttling", "Rate exceeded"), THROTTLED),
        (said("ThrottlingException"), THROTTLED),
        (said("RequestLimitExceeded", status=503), THROTTLED),
        (said("AWS.SimpleQueueService.OverLimit"), THROTTLED),
        (said("SomethingNew", status=429), THROTTLED),
        (said("AccessDenied", "User: arn:aws:iam::1:user/x is not authorized", 403), DENIED),
        (said("AccessDeniedException"), DENIED),
        (said("KMS.AccessDeniedException"), DENIED),
        (said("UnauthorizedOperation", status=403), DENIED),
        (said("ExpiredToken", status=403), CREDENTIALS),
        (said("ExpiredTokenException"), CREDENTIALS),
        (said("InvalidClientTokenId"), CREDENTIALS),
        (said("UnrecognizedClientException"), CREDENTIALS),
        (NoCredentialsError(), CREDENTIALS),
        (LeadsInACircle(operation="describe_alarms"), UNREACHABLE),
        (CredentialRetrievalError(provider="custom-process", error_msg="s3cr3t"), CREDENTIALS),
        (said("InvalidSignatureException", "Signature expired: 20260131T120000Z is now earlier than 20260131T121000Z"), SKEWED),
        (said("SignatureDoesNotMatch", "Signature not yet current: 20260131T130000Z is still later than ..."), SKEWED),
        (said("RequestTimeTooSkewed", "The difference is too large"), SKEWED),
        (said("SignatureDoesNotMatch", "The request signature we calculated does not match: x-amz-security-token:s3cr3t"), CREDENTIALS),
        (said("AWS.SimpleQueueService.NonExistentQueue"), MISSING),
        (said("QueueDoesNotExist"), MISSING),
        (said("ResourceNotFoundException"), MISSING),
        (said("InvalidInstanceID.NotFound"), MISSING),
        (said("DBInstanceNotFound"), MISSING),
        (said("InternalError", status=500), UNREACHABLE),
        (said("ServiceUnavailable", status=503), UNREACHABLE),
        (said("502", status=502), UNREACHABLE),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), UNREACHABLE),
        (ReadTimeoutError(endpoint_url="http://127.0.0.1:1"), UNREACHABLE),
        (ConnectionClosedError(endpoint_url="http://127.0.0.1:1"), UNREACHABLE),
        (ClientPayloadError("cut off"), UNREACHABLE),
        (ConnectionResetError("reset"), UNREACHABLE),
        (TimeoutError(), UNREACHABLE),
        (said("InvalidParameterValue", "Value 21 is not valid"), INVALID),
        (ParamValidationError(report="Missing required parameter"), INVALID),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_the_kind_says_what_is_to_be_done(error, kind):
    failure = failure_of(error)
    assert failure.kind == kind and failure.text and "\n" not in failure.text and "s3cr3t" not in failure.text
    assert isinstance(error, AWS_ERRORS)


def test_a_wrong_clock_is_told_with_the_time_that_aws_has():
    failure = failure_of(said("RequestTimeTooSkewed", "too large", 403, {"date": "Sat, 31 Jan 2026 12:00:00 GMT"}))
    assert failure.text.startswith("the clock of this machine is wrong") and failure.text.endswith("AWS's says Sat, 31 Jan 2026 12:00:00 GMT")


def test_what_came_moves_no_cursor_and_begins_no_line():
    text = failure_of(said("Odd\x1b[2J", "one\r\ntwo\x1b[1A\u2028three\u202e", 400)).text
    assert text.isprintable()
    assert "one two" in text


@pytest.mark.parametrize("code", ["IncompleteSignature", "IncompleteSignatureException"])
def test_a_secret_key_in_the_place_of_the_access_key_is_not_shown(code):
    """As AWS says it: a secret key may have slashes in it."""
    failure = failure_of(said(code, "Credential must have exactly 5 slash-delimited elements, got 'wJalr/s3cr3t/20260131/eu-central-1/sqs/aws4_request'"))
    assert failure.kind == CREDENTIALS and code in failure.text
    assert "s3cr3t" not in failure.text
