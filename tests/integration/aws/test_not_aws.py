# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Something else answers in AWS's place, such as the page of a proxy where somebody has to sign in: it is no answer, and nothing follows from it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.clients import Clients
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.errors import AWS_ERRORS, UNREACHABLE, failure_of
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Access, Place
from ansible_collections.eventops.infra.tests.doubles.aws import environment_of

PAGES = {"html": b"<html><body>Please sign in</body></html>", "empty": b"", "object": b"{}", "list": b"[]", "null": b"null", "binary": bytes(range(256))}
CALLS = [
    ("cloudwatch", "describe_alarms", {}),
    ("cloudwatch", "describe_alarm_history", {}),
    ("logs", "filter_log_events", {"logGroupName": "/app"}),
    ("sqs", "receive_message", {"QueueUrl": "http://127.0.0.1/123456789012/eventops"}),
    ("ec2", "describe_instances", {}),
    ("sts", "get_caller_identity", {}),
]


@pytest.fixture(name="portal")
def _portal() -> Iterator[ThreadingHTTPServer]:
    class Page(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(200)
            self.send_header("Content-Length", str(len(server.page)))
            self.end_headers()
            self.wfile.write(server.page)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    server.page = b""
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("page", PAGES)
def test_what_is_no_answer_of_aws_is_not_taken_for_one(portal, page, monkeypatch):
    url = f"http://127.0.0.1:{portal.server_port}"
    for name, value in environment_of(url).items():
        monkeypatch.setenv(name, value)
    portal.page = PAGES[page]

    async def ask() -> list[str]:
        clients, kinds = Clients(), []
        try:
            for service, operation, arguments in CALLS:
                with pytest.raises(AWS_ERRORS) as failed:
                    await getattr(await clients.get(Place("aws", "eu-central-1", Access(endpoint_url=url)), service), operation)(**arguments)
                kinds.append(failure_of(failed.value).kind)
        finally:
            await clients.close()
        return kinds

    assert asyncio.run(ask()) == [UNREACHABLE] * len(CALLS)
