# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What AWS says against a request is told in one line, without what may be a secret."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.module_utils.aws.errors import AWSError, told_in_one_line
from botocore.exceptions import ClientError, CredentialRetrievalError, EndpointConnectionError, NoCredentialsError, NoRegionError


def refusal(code, message):
    return ClientError({"Error": {"Code": code, "Message": message}}, "SetDesiredCapacity")


def told(error):
    with pytest.raises(AWSError) as raised, told_in_one_line("the group web was scaled"):
        raise error
    text = str(raised.value)
    assert "\n" not in text
    return text


def test_a_refusal_says_which_request_why_and_what_was_done():
    text = told(refusal("AccessDenied", "User: arn:aws:iam::123456789012:user/x is not\nauthorized"))
    assert text == ("AWS refused SetDesiredCapacity with AccessDenied: User: arn:aws:iam::123456789012:user/x is not authorized, when the group web was scaled")


def test_the_code_of_a_refusal_can_be_asked_for():
    with pytest.raises(AWSError) as raised, told_in_one_line("x"):
        raise refusal("ScalingActivityInProgress", "wait")
    assert raised.value.code == "ScalingActivityInProgress"


@pytest.mark.parametrize("code", ["SignatureDoesNotMatch", "IncompleteSignature", "IncompleteSignatureException", "InvalidSignatureException"])
def test_a_refused_signature_does_not_repeat_the_request_that_was_signed(code):
    text = told(refusal(code, "The Canonical String should have been 'POST / x-amz-security-token:FwoGZXIvYXdzEXAMPLE'"))
    assert "FwoGZXIvYXdzEXAMPLE" not in text
    assert code in text and "clock" in text


def test_what_a_program_that_fetches_credentials_printed_is_not_shown():
    text = told(CredentialRetrievalError(provider="custom-process", error_msg="aws_secret_access_key=hunter2hunter2"))
    assert "hunter2" not in text and "custom-process" in text


def test_a_missing_region_and_missing_credentials_say_what_to_do():
    assert "AWS_REGION" in told(NoRegionError())
    assert "profile" in told(NoCredentialsError())


def test_an_endpoint_that_is_not_there_is_named():
    assert "http://127.0.0.1:1" in told(EndpointConnectionError(endpoint_url="http://127.0.0.1:1"))


def test_a_long_text_is_cut():
    assert len(told(refusal("ValidationError", "x" * 5000))) < 600


def test_a_mistake_of_the_program_is_not_hidden():
    with pytest.raises(KeyError), told_in_one_line("x"):
        raise KeyError("desired")
