# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A client comes from the options of a module and what AWS's own tools read; what is wrong is said before AWS is asked."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
import pytest
from ansible_collections.eventops.infra.plugins.module_utils.aws import client as clients
from ansible_collections.eventops.infra.plugins.module_utils.aws.calls import ask
from ansible_collections.eventops.infra.plugins.module_utils.aws.errors import AWSError
from ansible_collections.eventops.infra.plugins.module_utils.aws.function import invoke
from botocore.stub import Stubber


class Ended(Exception):
    """The module was ended with this message."""


class Module:
    """As much of AnsibleModule as a client needs: its options, and an end."""

    def __init__(self, **params):
        self.params = {"region": None, "profile": None, "endpoint_url": None, "role_arn": None, "external_id": None, **params}

    def fail_json(self, msg, **others):
        raise Ended(msg)


@pytest.fixture(autouse=True)
def environment(monkeypatch, tmp_path):
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secretsecret")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    return tmp_path


def test_the_region_and_the_endpoint_are_those_of_the_options():
    made = clients.client(Module(region="eu-central-1", endpoint_url="http://127.0.0.1:5000"), "autoscaling")
    assert made.meta.region_name == "eu-central-1"
    assert made.meta.endpoint_url == "http://127.0.0.1:5000"


def test_the_profile_brings_its_region(environment):
    (environment / "config").write_text("[profile night]\nregion = us-east-1\n")
    assert clients.client(Module(profile="night"), "autoscaling").meta.region_name == "us-east-1"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, "no region is known"),
        ({"profile": "nobody"}, "nobody"),
        ({"region": "eu-central-1", "external_id": "x"}, "role_arn must be given"),
        ({"region": "eu-central-1", "endpoint_url": "127.0.0.1:5000"}, "endpoint_url: must be"),
        ({"region": "eu-central-1", "endpoint_url": "http://user:hunter2@127.0.0.1:5000"}, "endpoint_url: must be"),
        ({"region": "eu-central-1", "endpoint_url": "http://127.0.0.1:port"}, "endpoint_url: must be"),
    ],
)
def test_what_is_wrong_with_the_options_ends_the_module_with_a_message(options, expected):
    with pytest.raises(Ended, match=expected) as ended:
        clients.client(Module(**options), "autoscaling")
    assert "hunter2" not in str(ended.value)


def test_a_missing_boto3_is_a_clear_error(monkeypatch):
    monkeypatch.setattr(clients, "BOTO3_IMPORT_ERROR", "Traceback")
    with pytest.raises(Ended, match="boto3"):
        clients.client(Module(region="eu-central-1"), "autoscaling")


def test_a_role_is_assumed_with_its_external_id(monkeypatch):
    asked = []

    def stubbed(session, service, **options):
        made = make(session, service, **options)
        if service == "sts":
            stub = Stubber(made)
            stub.add_response(
                "assume_role",
                {
                    "Credentials": {
                        "AccessKeyId": "ASIAASSUMEDROLE00",
                        "SecretAccessKey": "s" * 16,
                        "SessionToken": "token",
                        "Expiration": "2030-01-01T00:00:00Z",
                    }
                },
                {"RoleArn": "arn:aws:iam::123456789012:role/eventops", "RoleSessionName": "eventops", "ExternalId": "theirs"},
            )
            stub.activate()
            asked.append(made)
        return made

    make = boto3.session.Session.client
    monkeypatch.setattr(boto3.session.Session, "client", stubbed)
    made = clients.client(Module(region="eu-central-1", role_arn="arn:aws:iam::123456789012:role/eventops", external_id="theirs"), "autoscaling")
    assert len(asked) == 1
    # botocore has no other place to look it up.
    assert made._request_signer._credentials.access_key == "ASIAASSUMEDROLE00"  # pylint: disable=protected-access


def test_what_must_not_be_asked_twice_is_asked_once_and_within_its_time():
    usual, once = (clients.client(Module(region="eu-central-1"), "lambda", within).meta.config for within in (None, 7))
    assert (usual.read_timeout, once.read_timeout) == (30, 7)
    assert (usual.retries["total_max_attempts"], once.retries["total_max_attempts"]) == (6, 1)


@pytest.fixture
def page():
    """Serve a page with the status of a success, whatever is asked for, as the proxy of a guest network does."""

    class Page(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<html>Please log in</html>")

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_page_of_somebody_in_between_is_no_answer_of_a_function(page):
    made = clients.client(Module(region="eu-central-1", endpoint_url=page), "lambda", 5)
    with pytest.raises(AWSError, match="what answered Invoke is not AWS.* It may have run"):
        invoke(made, "drain", None, {}, False)


@pytest.mark.parametrize(
    ("service", "method", "arguments"),
    [
        ("autoscaling", "set_desired_capacity", {"AutoScalingGroupName": "web", "DesiredCapacity": 3}),
        ("ec2", "describe_instances", {}),
        ("sqs", "delete_queue", {"QueueUrl": "http://127.0.0.1/1/eventops"}),
        ("events", "delete_rule", {"Name": "eventops"}),
    ],
)
def test_nor_is_it_one_of_any_service(page, service, method, arguments):
    made = clients.client(Module(region="eu-central-1", endpoint_url=page), service)
    with pytest.raises(AWSError, match="is not AWS, as the answer has no request id: is there a proxy in between") as raised:
        ask(made, method, "it was tried", **arguments)
    assert not raised.value.is_refusal, "it may have been done"
