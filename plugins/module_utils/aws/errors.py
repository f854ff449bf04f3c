# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What AWS, or the way to it, says against a request: in one line, and without what may be a secret."""

from __future__ import annotations

from contextlib import contextmanager

from ansible_collections.eventops.infra.plugins.module_utils.one_line import one_line

try:
    from botocore.exceptions import BotoCoreError, ClientError, CredentialRetrievalError, NoCredentialsError, NoRegionError, PartialCredentialsError
    from botocore.parsers import ResponseParserError

    _AWS_ERRORS = (ClientError, BotoCoreError, ResponseParserError)
except ImportError:  # then there is no client either, and client() says so
    _AWS_ERRORS = ()

# Their texts repeat the signed request, with the token of a session and what was signed.
_REPEAT_THE_REQUEST = ("SignatureDoesNotMatch", "IncompleteSignature", "IncompleteSignatureException", "InvalidSignatureException")


# AWS General Reference, "Request IDs": the services differ in the name.
_REQUEST_IDS = frozenset(("x-amzn-requestid", "x-amz-request-id", "x-amzn-request-id"))


class AWSError(Exception):
    """AWS refused a request, or could not be asked; the text says which and why.

    Attributes:
        code: what AWS calls the error, such as AccessDenied; empty when AWS was not reached.
        is_refusal: AWS has answered that it does not do it; anything else may have been done all the same.
    """

    def __init__(self, text: str, code: str = "", is_refusal: bool = False) -> None:
        super().__init__(text)
        self.code = code
        self.is_refusal = is_refusal


class NotFromAWS(Exception):
    """Something else than AWS has answered, such as a proxy with a page of its own. To boto3 such a page may look like an answer with nothing in it."""


def insist_on_aws(operation_model: object, response_dict: dict, **_others: object) -> None:
    """Refuse an answer that is none of AWS's, as boto3's event before-parse has it: each of those has a request id. Raises NotFromAWS."""
    headers = {str(name).lower() for name in response_dict["headers"]}
    if response_dict["status_code"] < 300 and headers.isdisjoint(_REQUEST_IDS):
        raise NotFromAWS(f"what answered {operation_model.name} is not AWS, as the answer has no request id: is there a proxy in between?")


@contextmanager
def told_in_one_line(what: str):
    """Raise errors of boto3 as an AWSError.

    Args:
        what: what was done, such as "the group web was looked up".
    """
    try:
        yield
    except NotFromAWS as error:
        raise AWSError(f"AWS could not be asked: {error}, when {what}") from error
    except (*_AWS_ERRORS, ValueError) as error:  # boto3 finds fault with an endpoint by a ValueError
        raise AWSError(f"{said(error)}, when {what}", code(error), 400 <= _status(error) < 500) from error


def code(error: Exception) -> str:
    """Return what AWS calls an error; empty when it is none of AWS's own."""
    return str(_answer(error).get("Code", ""))


def said(error: Exception) -> str:
    """Return what an error of boto3 says, in one line."""
    if answer := _answer(error):
        name, text = code(error) or "an unknown error", answer.get("Message") or "without a word"
        if name in _REPEAT_THE_REQUEST:
            text = "the signature is wrong: is the secret key the one of this access key, and the clock right?"
        return one_line(f"AWS refused {error.operation_name} with {name}: {text}")
    if _AWS_ERRORS and isinstance(error, NoRegionError):
        return "AWS was not asked: no region is known. Give region, or set AWS_REGION or a region of the profile"
    if _AWS_ERRORS and isinstance(error, (NoCredentialsError, PartialCredentialsError)):
        return f"AWS was not asked: {one_line(error)}. Set them in the environment, in a profile, or give this machine a role"
    if _AWS_ERRORS and isinstance(error, CredentialRetrievalError):
        # Its text has what the program that fetches credentials printed.
        return f"AWS was not asked: no credentials came from {error.kwargs.get('provider', 'where they are fetched')}"
    return f"AWS could not be asked: {one_line(error)}"


def _answer(error: Exception) -> dict:
    return error.response.get("Error", {}) if _AWS_ERRORS and isinstance(error, ClientError) else {}


def _status(error: Exception) -> int:
    return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) if _answer(error) else 0
