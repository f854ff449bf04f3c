# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Asking Alertmanager: a small server answers what Debian's Alertmanager 0.25.0 answered to the same requests (tests/fixtures/alertmanager)."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import ipaddress
import json
import logging
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from aiohttp import web
from ansible_collections.eventops.infra.plugins.plugin_utils.receiver.alertmanager_api import AlertmanagerApi
from ansible_collections.eventops.infra.plugins.plugin_utils.web.tls import server_context
from cryptography import x509

from ..web.certificates import Authority

RECORDED = Path(__file__).absolute().parents[4] / "fixtures" / "alertmanager" / "api"
LABELS = {
    "alertname": "ServiceDown",
    "instance": "web-01.example:9100",
    "job": "node",
    "service": "web",
    "severity": "critical",
    "summary_line": 'say "hi" \\ {{ x }} $(id)\nGrüße, {a=~"b"}',
}
FINGERPRINT = "26b2524f6d9bb912"
EVENT = {"type": "alert.firing", "data": {"monitor": "alertmanager", "labels": LABELS, "fingerprint": FINGERPRINT}}


def recorded(name: str) -> dict:
    return json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8"))


def response(name: str, **changes) -> web.Response:
    kept = {**recorded(name), **changes}
    headers = {key: value for key, value in kept["headers"].items() if key not in ("Connection", "Content-Length")}
    return web.Response(status=kept["status"], body=kept["body"].encode(), headers=headers)


def query_of(path: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(path).query, strict_parsing=True)


class Double:
    """Answers GETs by what is there for the path, and remembers what was asked."""

    def __init__(self, alerts: object, status: object = None) -> None:
        self.answers = {"/api/v2/alerts": alerts, "/api/v2/status": status or response("status")}
        self.asked: list[str] = []
        self.headers: list = []

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.raw_path)
        self.headers.append(request.headers)
        answer = self.answers.get(request.path) or response("not_found")
        return await answer(request) if callable(answer) else answer

    async def ask(self, event=None, path="", tls=None, **settings) -> str | None:
        runner = web.AppRunner(app := web.Application(), shutdown_timeout=0.1)
        app.router.add_route("*", "/{path:.*}", self.answer)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.2", 0, ssl_context=tls)
            await site.start()
            port = runner.addresses[0][1]
            url = f"{'https' if tls else 'http'}://127.0.0.2:{port}{path}"
            return await AlertmanagerApi(url=url, **{"settled_after_seconds": 0, **settings}).ask(EVENT if event is None else event)
        finally:
            await runner.cleanup()


def ask(alerts: object, *args, **settings) -> str | None:
    return asyncio.run(Double(alerts).ask(*args, **settings))


def test_it_asks_for_the_alert_by_its_own_labels_as_was_recorded():
    double = Double(response("alerts_firing"))
    assert asyncio.run(double.ask()) == "firing"
    [asked] = double.asked
    assert query_of(asked) == query_of(recorded("alerts_firing")["request"]["path"])
    assert "Authorization" not in double.headers[0]


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("alerts_firing", "firing"),
        ("alerts_silenced", "firing"),  # nobody is told of it, and it goes on all the same
        ("alerts_by_fewer_labels", "firing"),
        ("alerts_resolved", "resolved"),
        ("alerts_bad_matcher", None),
        ("not_found", None),
        ("status", None),
    ],
)
def test_what_alertmanager_answers(name, answer):
    assert ask(response(name)) == answer


def test_another_alert_that_fires_is_not_this_one():
    labels = {**LABELS, "instance": "web-03.example:9100"}
    other = {"type": "alert.firing", "data": {**EVENT["data"], "labels": labels, "fingerprint": "0123456789abcdef"}}
    assert ask(response("alerts_by_fewer_labels"), other) == "resolved"


def test_an_alert_without_alertmanagers_fingerprint_is_known_by_its_labels():
    event = {"type": "alert.firing", "data": {**EVENT["data"], "fingerprint": "made of something else"}}
    assert ask(response("alerts_firing"), event) == "firing"


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"data": None},
        {"data": {"monitor": "probe", "labels": LABELS, "fingerprint": FINGERPRINT}},
        {"data": {"monitor": "alertmanager", "fingerprint": FINGERPRINT}},
        {"data": {"monitor": "alertmanager", "labels": "alertname", "fingerprint": FINGERPRINT}},
    ],
)
def test_what_is_no_alert_of_alertmanagers_asks_nobody(event):
    double = Double(response("alerts_resolved"))
    assert asyncio.run(double.ask(event)) is None
    assert double.asked == []


async def redirect(_request):
    raise web.HTTPFound("/elsewhere")


async def too_much(request):
    answer = web.StreamResponse(headers={"Content-Type": "application/json"})
    await answer.prepare(request)
    with contextlib.suppress(ConnectionError):
        await answer.write(b"[")
        for _chunk in range(64):
            await answer.write(b" " * 65536)
    return answer


async def compressed_without_being_asked(_request):
    return web.Response(body=gzip.compress(b"[]"), headers={"Content-Encoding": "gzip"})


async def never(_request):
    await asyncio.sleep(60)


async def cut_off(request):
    request.transport.abort()
    return web.Response()


@pytest.mark.parametrize(
    ("alerts", "said"),
    [
        (redirect, "status 302"),
        (too_much, "more than 1048576 bytes"),
        (compressed_without_being_asked, "not JSON"),
        (never, "no answer within 0.3 s"),
        (cut_off, "ServerDisconnectedError"),
        (web.Response(status=401), "status 401"),
        (web.Response(status=204), "status 204"),
        (web.Response(body=b"<html>"), "not JSON"),
        (web.Response(body=b"[" * 100_000), "not JSON"),
        (web.Response(body=b'"\xff"'), "not JSON"),
        (web.Response(body=b'{"status": "success"}'), "no list of alerts"),
        (web.Response(body=b"[[]]"), "no list of alerts"),
    ],
)
def test_anything_else_is_no_answer_and_the_log_says_why(alerts, said, caplog):
    double = Double(alerts)
    with caplog.at_level(logging.WARNING):
        assert asyncio.run(double.ask(timeout_seconds=0.3 if alerts is never else 10)) is None
    [line] = caplog.messages
    assert said in line
    assert not [path for path in double.asked if "elsewhere" in path]


def test_nobody_there_is_no_answer(caplog):
    assert asyncio.run(AlertmanagerApi(url="http://127.0.0.2:1").ask(EVENT)) is None
    assert "could not be asked" in caplog.text


def test_one_that_was_just_started_and_does_not_know_an_alert_is_not_believed():
    # Recorded two seconds after it had started.
    assert ask(response("alerts_resolved"), settled_after_seconds=120) is None
    assert ask(response("alerts_firing"), settled_after_seconds=120) == "firing"
    assert ask(response("alerts_resolved"), settled_after_seconds=1) == "resolved"


@pytest.mark.parametrize("status", [web.Response(body=b"[]"), web.Response(body=b'{"uptime": "yesterday"}'), web.Response(body=b'{"uptime": null}')])
def test_a_status_without_its_start_is_no_answer(status):
    assert asyncio.run(Double(response("alerts_resolved"), status).ask(settled_after_seconds=1)) is None


def test_a_path_before_the_api_stays():
    double = Double(response("alerts_firing"))
    asyncio.run(double.ask(path="/alertmanager/"))
    assert double.asked[0].startswith("/alertmanager/api/v2/alerts?")


def test_it_authenticates_and_shows_nobody_how():
    double = Double(response("alerts_firing"))
    asyncio.run(double.ask(authorization="Bearer s3cret"))
    assert double.headers[0]["Authorization"] == "Bearer s3cret"
    assert "s3cret" not in repr(AlertmanagerApi(url="http://127.0.0.1:9093", authorization="Bearer s3cret"))


def test_it_trusts_the_certificates_that_it_is_told_to_and_no_others(tmp_path, caplog):
    authority, other = Authority(tmp_path, "ours"), Authority(tmp_path, "theirs")
    tls = server_context(authority.issue("server.pem", "127.0.0.2", (x509.IPAddress(ipaddress.ip_address("127.0.0.2")),)))
    assert ask(response("alerts_firing"), tls=tls, cafile=authority.cafile) == "firing"
    for cafile in (None, other.cafile, str(tmp_path / "gone")):
        assert ask(response("alerts_firing"), tls=tls, cafile=cafile) is None
    assert "CERTIFICATE_VERIFY_FAILED" in caplog.text
