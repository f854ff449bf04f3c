# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What can go wrong when AWS is asked, by what is to be done about it.

The codes: "Common Errors" in the API references of SQS, CloudWatch, CloudWatch Logs, EC2, STS, and botocore's own list of throttling errors.
"""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import ClientError as HttpClientError
from botocore.exceptions import (  # its ConnectionError is not Python's
    BotoCoreError,
    ClientError,
    ConnectionError,
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
    SSOError,
    TokenRetrievalError,
)
from botocore.parsers import ResponseParserError

# What a caller catches: AWS said no, or said nothing.
AWS_ERRORS = (BotoCoreError, ClientError, ResponseParserError, HttpClientError, OSError, TimeoutError)

THROTTLED = "throttled"
DENIED = "denied"  # a person has to grant something
CREDENTIALS = "credentials"  # none, expired, or not valid
SKEWED = "skewed"  # the clock of this machine
MISSING = "missing"
UNREACHABLE = "unreachable"  # no answer, or an answer that AWS failed
INVALID = "invalid"  # AWS does not take what it was asked

_THROTTLING = frozenset(
    (
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "LimitExceededException",
        "OverLimit",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    )
)
_DENIALS = frozenset(
    (
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "KmsAccessDenied",
        "NotAuthorized",
        "OptInRequired",
        "UnauthorizedOperation",
    )
)
_BAD_CREDENTIALS = frozenset(
    (
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidIdentityToken",
        "MissingAuthenticationToken",
        "UnrecognizedClientException",
    )
)
_SIGNATURES = frozenset(("InvalidSignatureException", "RequestExpired", "RequestInTheFuture", "RequestTimeTooSkewed", "SignatureDoesNotMatch"))
# Its text has what stands in the place of the access key, which may be the secret one.
_INCOMPLETE = frozenset(("IncompleteSignature", "IncompleteSignatureException"))
# A signature that does not match is a matter of time only where AWS says so. Else the text repeats the signed request, with the token of a session.
_OF_TIME = ("Signature expired", "Signature not yet current", "Request timestamp")
_MISSING_ENDS = ("NotFound", "NotFoundException", "NotFoundFault", "NonExistentQueue", "QueueDoesNotExist")
_MISSING = frozenset(("NotFound", "ResourceNotFound", "ResourceNotFoundException"))
_CREDENTIAL_ERRORS = (CredentialRetrievalError, NoCredentialsError, PartialCredentialsError, SSOError, TokenRetrievalError)
_LONGEST_TEXT = 300


class NotFromAWS(BotoCoreError):
    """Something else than AWS has answered, such as a proxy with a page of its own. To botocore such a page may look like an answer with nothing in it."""

    fmt = "{operation}: what answered is not AWS, as the answer has no request id: is there a proxy in between?"


class LeadsInACircle(BotoCoreError):
    """An answer says that it goes on where it was asked to go on from, so that there would be no end of it."""

    fmt = "{operation}: the next page is said to be the one that was asked for: is there something in between that is not AWS?"


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong: a kind, and one line that says it without a secret."""

    kind: str
    text: str

    def __str__(self) -> str:
        return self.text


def failure_of(error: BaseException) -> Failure:
    """Say what kind of failure an exception of AWS_ERRORS is."""
    if isinstance(error, ClientError):
        return _said_by_aws(error)
    if isinstance(error, _CREDENTIAL_ERRORS):
        # The text of a program that fetches credentials may have some in it.
        why = type(error).__name__ if isinstance(error, CredentialRetrievalError) else _line(error)
        return Failure(CREDENTIALS, f"there are no credentials that can be used: {why}; see that AWS's usual chain finds some, or name a profile")
    if isinstance(error, (NotFromAWS, LeadsInACircle, ConnectionError, HTTPClientError, ResponseParserError, HttpClientError, OSError, TimeoutError)):
        return Failure(UNREACHABLE, f"AWS does not answer as it should: {_line(error) or type(error).__name__}")
    return Failure(INVALID, _line(error) or type(error).__name__)


def _said_by_aws(error: ClientError) -> Failure:
    said = error.response.get("Error", {})
    code, message = _printable(said.get("Code") or ""), _printable(said.get("Message") or "")
    # Query services write a namespace before the code: AWS.SimpleQueueService.NonExistentQueue, KMS.AccessDeniedException.
    name = code.rpartition(".")[2] if not code.startswith("Invalid") else code
    metadata = error.response.get("ResponseMetadata", {})
    status = metadata.get("HTTPStatusCode") or 0
    text = f"{error.operation_name}: {code or status}" + (f": {message[:_LONGEST_TEXT]}" if message and message != code else "")
    if name in _THROTTLING or status == 429:
        return Failure(THROTTLED, text)
    if name in _SIGNATURES:
        if name in ("RequestExpired", "RequestInTheFuture", "RequestTimeTooSkewed") or message.startswith(_OF_TIME):
            now = _printable(metadata.get("HTTPHeaders", {}).get("date") or "")[:100]
            return Failure(SKEWED, f"the clock of this machine is wrong: {text}" + (f"; AWS's says {now}" if now else ""))
        return Failure(CREDENTIALS, f"the secret access key is not the right one: {error.operation_name}: {code}")
    if name in _INCOMPLETE:
        return Failure(CREDENTIALS, f"the credentials are not valid: {error.operation_name}: {code}; is each of the two keys where the other one belongs?")
    if name in _BAD_CREDENTIALS:
        return Failure(CREDENTIALS, f"the credentials are not valid, or no longer: {text}")
    if name in _DENIALS:
        return Failure(DENIED, text)
    if name in _MISSING or name.endswith(_MISSING_ENDS):
        return Failure(MISSING, text)
    if status >= 500 or name in ("InternalError", "InternalFailure", "InternalServiceError", "ServiceUnavailable", "ServiceUnavailableException"):
        return Failure(UNREACHABLE, text)
    return Failure(INVALID, text)


def _line(error: BaseException) -> str:
    return _printable(error)[:_LONGEST_TEXT]


def _printable(said: object) -> str:
    """Return what was said on one line, without what would move the cursor of whoever reads the log."""
    return "".join(character if character.isprintable() else "?" for character in " ".join(str(said).split()))
