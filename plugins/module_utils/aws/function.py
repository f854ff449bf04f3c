# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Invoke a function of AWS Lambda once, and read what it answered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.eventops.infra.plugins.module_utils.aws.errors import AWSError, told_in_one_line
from ansible_collections.eventops.infra.plugins.module_utils.one_line import one_line

_DEEPEST = 64  # lists and mappings in one another
_OF_THE_INVOCATION = ("RequestResponse", "DryRun")


@dataclass(frozen=True)
class Answer:
    """What a function answered.

    Attributes:
        status: of HTTP, 200 when the function ran, 204 when it only could.
        error: Handled or Unhandled when the function failed, else empty.
        version: which version of the function ran.
        result: what it returned, read as JSON where it is JSON, and not nested too deeply.
    """

    status: int
    error: str
    version: str
    result: object

    @property
    def said(self) -> str:
        """What the function said of its failure, in one line."""
        told = self.result if isinstance(self.result, Mapping) else {"errorMessage": self.result}
        return one_line(f"{told.get('errorType') or 'an error'}: {told.get('errorMessage') or 'without a word'}")


def invoke(lambda_: object, function: str, qualifier: str | None, payload: Mapping, dry: bool) -> Answer:
    """Invoke a function and wait for its answer.

    Args:
        lambda_: a client of boto3 that asks once, since a function that is asked again may do its work twice.
        function: its name or its ARN.
        qualifier: a version or an alias.
        payload: what it gets.
        dry: only ask whether it could be invoked.

    Raises:
        AWSError: it was refused, or there was no answer in time; then the function may have run.
    """
    arguments = {"FunctionName": function, "InvocationType": _OF_THE_INVOCATION[dry], "Payload": json.dumps(payload).encode()}
    if qualifier:
        arguments["Qualifier"] = qualifier
    about = f"the function {function} was invoked"
    try:
        with told_in_one_line(about):
            told = lambda_.invoke(**arguments)
            body = told["Payload"].read()
    except AWSError as error:
        if error.code or dry:
            raise
        raise AWSError(f"{error}. It may have run, or may still be running, and is not invoked again") from error
    return Answer(told["StatusCode"], told.get("FunctionError", ""), told.get("ExecutedVersion", ""), _read(body))


def _read(body: bytes) -> object:
    text = body.decode("utf-8", "replace")
    try:
        result = json.loads(text) if text else None
    except (ValueError, RecursionError):
        return text
    return result if _is_shallow(result) else text


def _is_shallow(value: object) -> bool:
    """Tell whether everybody who reads it afterwards can: Ansible gives up at some hundred levels."""
    level = [value]
    for _depth in range(_DEEPEST):
        level = [each for part in level if isinstance(part, (dict, list)) for each in (part.values() if isinstance(part, dict) else part)]
        if not level:
            return True
    return False
