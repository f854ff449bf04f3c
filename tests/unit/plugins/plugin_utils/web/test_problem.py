# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a sender is told of an error."""

from __future__ import annotations

import asyncio
import json

import pytest
from aiohttp import web
from ansible_collections.eventops.infra.plugins.plugin_utils.intake import EventRefused, IntakeUnavailable
from ansible_collections.eventops.infra.plugins.plugin_utils.web.auth.verifier import CannotTell, NotAllowed, NotAuthenticated
from ansible_collections.eventops.infra.plugins.plugin_utils.web.problem import answer_for, problem
from ansible_collections.eventops.infra.plugins.plugin_utils.web.strict_json import MalformedJson
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.web.serving import serving, talking


@pytest.mark.parametrize(
    ("error", "status", "detail", "headers"),
    [
        (NotAuthenticated("no token", "Bearer"), 401, "no token", {"WWW-Authenticate": "Bearer"}),
        (NotAuthenticated("no signature"), 401, "no signature", {"WWW-Authenticate": "Webhook"}),
        (NotAllowed("not you"), 403, "not you", {}),
        (CannotTell("its certificate cannot be fetched"), 503, "its certificate cannot be fetched", {"Retry-After": "10"}),
        (MalformedJson("no JSON"), 400, "no JSON", {}),
        (EventRefused("hosts: none"), 422, "hosts: none", {}),
        (IntakeUnavailable("the disk is full"), 503, "the disk is full", {"Retry-After": "5"}),
        (web.HTTPNotFound(), 404, "Not Found", {}),
        (web.HTTPMethodNotAllowed("GET", ["POST"]), 405, "Method Not Allowed", {"Allow": "POST"}),
        (web.HTTPTooManyRequests(text="wait", headers={"Retry-After": "2"}), 429, "wait", {"Retry-After": "2"}),
        (web.HTTPUnsupportedMediaType(text="send JSON", headers={"Accept-Encoding": "identity"}), 415, "send JSON", {"Accept-Encoding": "identity"}),
        (web.HTTPRequestEntityTooLarge(5, 6, text="at most 5"), 413, "at most 5", {}),
    ],
)
def test_errors_have_their_status_and_what_it_needs(error, status, detail, headers):
    answer = answer_for(error)
    content = json.loads(answer.body)
    assert (answer.status, answer.content_type) == (status, "application/problem+json")
    assert (content["status"], content["detail"]) == (status, detail) and content["title"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff" and answer.headers["Cache-Control"] == "no-store" and answer.headers["Server"] == "eventops"
    assert {name: answer.headers[name] for name in headers} == headers


@pytest.mark.parametrize("error", [ValueError("/etc/secret"), KeyError("password"), web.HTTPFound("https://example.com/"), TimeoutError()])
def test_what_nobody_has_foreseen_goes_to_the_log_alone(error, caplog):
    answer = answer_for(error)
    assert answer.status == 500 and "Location" not in answer.headers
    assert "secret" not in answer.text and "password" not in answer.text and "example.com" not in answer.text
    assert "a request could not be handled" in caplog.text


def test_several_errors_are_listed():
    content = json.loads(problem(422, "the request has mistakes", errors=["a: is missing", "b: must be a string"]).body)
    assert content["errors"] == ["a: is missing", "b: must be a string"]


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/1.1\r\nHost : test\r\n\r\n",
        b"<script>alert(1)</script> / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
    ],
)
def test_what_is_no_http_is_answered_alike_and_shows_nothing_of_it(request_bytes, caplog):
    async def hello(_request):
        return web.Response()

    async def scenario():
        async with serving(hello) as port, talking(port) as talk:
            status, answer = await talk.ask(request_bytes)
            assert status == 400 and b"application/problem+json" in answer and b"Server: eventops" in answer and b"nosniff" in answer
            assert b"script" not in answer and b"Python" not in answer and b"aiohttp" not in answer
            assert await talk.is_closed_by_server()

    asyncio.run(scenario())
    assert not caplog.records, "nobody fills the log from outside"


def test_a_handler_that_fails_shows_no_trace(caplog):
    async def scenario():
        async with serving(failing) as port, talking(port) as talk:
            status, answer = await talk.ask(b"GET / HTTP/1.1\r\nHost: test\r\nAccept: text/html\r\n\r\n")
            assert status == 500 and b"Traceback" not in answer and b"/etc" not in answer

    async def failing(_request):
        raise RuntimeError("/etc/secret")

    asyncio.run(scenario())
    assert "/etc/secret" in caplog.text
