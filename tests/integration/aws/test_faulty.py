# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The faulty proxy breaks calls as they break on the way to AWS; real clients see the errors that they see there."""

from __future__ import annotations

import asyncio
import time

import aiobotocore.session
import botocore.session
import pytest
from aiobotocore.config import AioConfig
from ansible_collections.eventops.infra.tests.doubles.aws import environment_of
from ansible_collections.eventops.infra.tests.integration.aws.protocols import client_with
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, EndpointConnectionError, HTTPClientError, ReadTimeoutError, ResponseStreamingError

CALLS = {
    "sqs": "list_queues",  # JSON, once query
    "cloudwatch": "describe_alarms",  # CBOR, once query
    "logs": "describe_log_groups",  # JSON
    "autoscaling": "describe_auto_scaling_groups",  # query
    "ec2": "describe_instances",  # the query of EC2
    "lambda": "list_functions",  # REST
}
CODES = {
    "throttled": {"Throttling", "ThrottlingException", "RequestLimitExceeded"},
    "expired": {"ExpiredToken", "ExpiredTokenException"},
    "skewed": {"SignatureDoesNotMatch", "InvalidSignatureException", "RequestExpired"},
    "denied": {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"},
    "internal": {"InternalFailure", "InternalError"},
    "unavailable": {"503"},
}
PATIENCE = Config(retries={"mode": "standard", "total_max_attempts": 1}, read_timeout=5)


def ask(service, url, config=PATIENCE):
    client = botocore.session.get_session().create_client(
        service, "eu-central-1", endpoint_url=url, config=config, aws_access_key_id="AKIAEVENTOPSTESTS000", aws_secret_access_key="none"
    )
    return getattr(client, CALLS[service])()


@pytest.mark.parametrize("service", CALLS)
def test_a_proxy_without_faults_changes_nothing(proxy, service):
    assert ask(service, proxy.url)["ResponseMetadata"]["HTTPStatusCode"] == 200


@pytest.mark.parametrize("service", CALLS)
@pytest.mark.parametrize("kind", CODES)
def test_a_client_reads_every_error_in_its_protocol(proxy, service, kind):
    proxy.fail(kind)
    with pytest.raises(ClientError) as raised:
        ask(service, proxy.url)
    assert raised.value.response["Error"]["Code"] in CODES[kind]
    if kind == "denied":
        assert "is not authorized to perform" in str(raised.value)


def test_a_fault_hits_the_calls_that_it_is_for_and_ends(aws, proxy):
    proxy.fail("throttled", calls=["DescribeAlarms"], times=1)
    assert ask("sqs", proxy.url)
    with pytest.raises(ClientError):
        ask("cloudwatch", proxy.url)
    assert ask("cloudwatch", proxy.url)
    assert (proxy.calls["DescribeAlarms"], aws.calls()["DescribeAlarms"], aws.calls()["ListQueues"]) == (2, 1, 1)


def test_a_share_of_the_calls_is_hit(proxy):
    fault = proxy.fail("throttled", share=0.5)
    failed = 0
    for _attempt in range(20):
        try:
            ask("sqs", proxy.url)
        except ClientError:
            failed += 1
    assert 0 < failed < 20
    assert fault.hits == failed


def test_a_call_can_be_carried_out_though_its_answer_fails(aws, proxy):
    url = aws.client("sqs").create_queue(QueueName="events")["QueueUrl"]
    sqs = botocore.session.get_session().create_client(
        "sqs", "eu-central-1", endpoint_url=proxy.url, config=PATIENCE, aws_access_key_id="AKIAEVENTOPSTESTS000", aws_secret_access_key="none"
    )
    with proxy.fail("internal", after=True), pytest.raises(ClientError):
        sqs.send_message(QueueUrl=url, MessageBody="arrived")
    assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "arrived"


@pytest.mark.parametrize("after", [False, True])
def test_a_connection_is_reset(proxy, after):
    proxy.fail("reset", after=after)
    with pytest.raises(ConnectionClosedError):
        ask("cloudwatch", proxy.url)


def test_an_answer_is_cut_off(proxy):
    proxy.fail("cut off")
    with pytest.raises((ResponseStreamingError, HTTPClientError)):
        asyncio.run(ask_aiobotocore(proxy.url))


async def ask_aiobotocore(url):
    # botocore takes half a document of JSON for an empty one, and tells nobody
    keys = {"aws_access_key_id": "AKIAEVENTOPSTESTS000", "aws_secret_access_key": "none"}
    settings = AioConfig(retries={"mode": "standard", "total_max_attempts": 1})
    async with aiobotocore.session.get_session().create_client("cloudwatch", "eu-central-1", endpoint_url=url, config=settings, **keys) as client:
        return await client.describe_alarms()


def test_a_client_that_speaks_cbor_reads_errors_too(proxy):
    proxy.fail("throttled")
    with pytest.raises(ClientError) as raised:
        client_with("smithy-rpc-v2-cbor", proxy.url).describe_alarms()
    assert raised.value.response["Error"]["Code"] in CODES["throttled"]


def test_an_answer_never_comes(proxy):
    proxy.fail("hang", seconds=60)
    with pytest.raises(ReadTimeoutError):
        ask("cloudwatch", proxy.url, Config(retries={"mode": "standard", "total_max_attempts": 1}, read_timeout=0.3))
    proxy.heal()
    assert ask("cloudwatch", proxy.url)


def test_an_answer_takes_its_time(proxy):
    proxy.latency = 0.3
    started = time.monotonic()
    ask("cloudwatch", proxy.url)
    assert time.monotonic() - started >= 0.3


def test_a_proxy_that_is_down_refuses_connections_and_comes_back_at_its_place(proxy):
    with proxy.down(), pytest.raises((EndpointConnectionError, ConnectionClosedError)):
        ask("cloudwatch", proxy.url)
    assert ask("cloudwatch", proxy.url)


def test_the_environment_leads_to_the_proxy(proxy):
    assert proxy.environment == environment_of(proxy.url)
    assert proxy.environment["AWS_ENDPOINT_URL"] == proxy.url


def test_a_kind_that_nobody_knows_is_refused(proxy):
    with pytest.raises(ValueError, match="throttled"):
        proxy.fail("thottled")
