# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The way of one request through the front door."""

from __future__ import annotations

import asyncio
import hmac
import json
from contextlib import suppress
from unittest import mock

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import snapshot_of
from ansible_collections.eventops.infra.plugins.plugin_utils.intake import EventRefused, IntakeUnavailable
from ansible_collections.eventops.infra.plugins.plugin_utils.receiver import reading
from ansible_collections.eventops.infra.plugins.plugin_utils.receiver.alertmanager_api import AlertmanagerApi
from ansible_collections.eventops.infra.plugins.plugin_utils.receiver.deliveries import Remembered

from .front_door import ALERT, AUTHORIZED, BEARER, GENERIC, TOKEN, Kept, door

HOOK = {"/hook": {"adapter": GENERIC, "auth": BEARER}}


def run(test):
    asyncio.run(asyncio.wait_for(test(), 30))


def test_a_delivery_is_answered_when_its_event_is_kept():
    async def test():
        async with door(HOOK) as opened:
            status, said = await opened.post("/hook")
            (event,) = opened.queue.events
            assert (status, said) == (202, {"accepted": 1, "ids": [event["id"]]})
            assert (event["type"], event["hosts"], event["source"]) == ("alert.firing", ["web-01"], "eventops.http:/hook")
            assert event["data"] == {**ALERT, "name": "WebDown", "endpoint": "/hook"} and "payload" not in event

    run(test)


@pytest.mark.parametrize(
    ("path", "body", "headers", "method", "status"),
    [
        ("/other", ALERT, {}, "POST", 404),
        ("/hook/", ALERT, {}, "POST", 404),
        ("/%68ook", ALERT, {}, "POST", 404),
        ("/hook%23x", ALERT, {}, "POST", 404),
        ("/hook", json.dumps(json.dumps(ALERT)).encode(), {}, "POST", 400),
        ("/hook", ALERT, {}, "GET", 405),
        ("/hook", ALERT, {}, "OPTIONS", 405),
        ("/hook", ALERT, {"Authorization": ""}, "POST", 401),
        ("/hook", ALERT, {"Authorization": f"Bearer {TOKEN}x"}, "POST", 401),
        ("/hook", ALERT, {"Authorization": f"Basic {TOKEN}"}, "POST", 401),
        ("/hook", ALERT, {"Content-Type": "text/plain"}, "POST", 415),
        ("/hook", ALERT, {"Content-Encoding": "gzip"}, "POST", 415),
        ("/hook", b"", {}, "POST", 400),
        ("/hook", b"{", {}, "POST", 400),
        ("/hook", b'{"a": 1, "a": 2}', {}, "POST", 400),
        ("/hook", b'{"a": NaN}', {}, "POST", 400),
        ("/hook", b'{"a": 1e999}', {}, "POST", 400),
        ("/hook", b'{"a": "\xff"}', {}, "POST", 400),
        ("/hook", b"[" * 100_000, {}, "POST", 400),
        ("/hook", b'{"a":' * 65 + b"1" + b"}" * 65, {}, "POST", 400),
        ("/hook", b"9" * 5000, {}, "POST", 400),
        ("/hook", {"status": "odd"}, {}, "POST", 422),
        ("/hook", {"status": "down"}, {}, "POST", 422),
        ("/hook", [1], {}, "POST", 422),
        ("/hook", b" " * 1_048_577, {}, "POST", 413),
    ],
)
def test_what_is_refused_says_why_and_keeps_nothing(path, body, headers, method, status):
    async def test():
        async with door(HOOK) as opened:
            came, said = await opened.post(path, body, {**AUTHORIZED, **headers}, method)
            assert (came, opened.queue.puts) == (status, 0), said
            assert said["status"] == status and said["title"] and said["detail"]
            assert opened.headers["Content-Type"] == "application/problem+json" and TOKEN not in json.dumps(said)
            assert "Traceback" not in json.dumps(said)
            assert (await opened.post("/hook"))[0] == 202

    run(test)


def test_an_unknown_sender_is_not_told_how_its_payload_would_have_been_read():
    async def test():
        async with door({"/signed": {"adapter": GENERIC, "auth": {"netbox": {"secrets": ["s3cret"]}}}}) as opened:
            assert (await opened.post("/signed", b"{"))[0] == 401
            assert (await opened.post("/signed", b"{", {**AUTHORIZED, "X-Hook-Signature": "0" * 128}))[0] == 401

    run(test)


@pytest.mark.parametrize(("failure", "status"), [(IntakeUnavailable("the disk is full"), 503), (EventRefused("type: case.x is the router's own"), 422)])
def test_what_could_not_be_kept_is_said(failure, status):
    async def test():
        queue = Kept()
        queue.failure = failure
        async with door(HOOK, queue=queue) as opened:
            came, said = await opened.post("/hook")
            assert came == status and str(failure) in said["detail"]
            assert ("Retry-After" in opened.headers) == (status == 503)

    run(test)


def test_a_bug_is_no_answer_of_ours(caplog):
    async def test():
        queue = Kept()
        queue.failure = ZeroDivisionError("inside")
        async with door(HOOK, queue=queue) as opened:
            came, said = await opened.post("/hook")
            assert came == 500 and "inside" not in json.dumps(said)
        assert "ZeroDivisionError" in caplog.text

    run(test)


def test_what_no_adapter_reads_is_kept_where_that_is_wanted():
    async def test():
        endpoints = {"/keep": {"adapter": GENERIC, "unread": "keep", "auth": BEARER}, "/any": {"auth": BEARER, "keep_payload": True}}
        async with door(endpoints) as opened:
            assert (await opened.post("/keep", {"x": 1}))[0] == (await opened.post("/any", {"x": 1}))[0] == 202
            unread, received = opened.queue.events
            assert unread["type"] == received["type"] == "event.received"
            assert "the adapter generic" in unread["eventops_unread"] and unread["data"]["payload"] == {"x": 1} and "payload" not in unread
            assert "eventops_unread" not in received and received["payload"] == received["data"]["payload"] == {"x": 1}

    run(test)


def test_only_headers_that_are_named_are_kept():
    async def test():
        settings = {"generic": {**GENERIC["generic"], "subject": "headers.x-site"}}
        async with door({"/hook": {"adapter": settings, "auth": BEARER, "headers": ["X-Site"]}}) as opened:
            await opened.post("/hook", headers={**AUTHORIZED, "X-Site": "north", "X-Other": "y"})
            assert opened.queue.events[0]["data"]["headers"] == {"x-site": "north"} and opened.queue.events[0]["subject"] == "north"

    run(test)


def test_a_binary_cloudevent_has_any_data_or_none():
    async def test():
        event = {"ce-specversion": "1.0", "ce-type": "a.b", "ce-id": "1", "ce-source": "http://example.com/x", "Authorization": AUTHORIZED["Authorization"]}
        async with door({"/ce": {"adapter": "cloudevents", "auth": BEARER}, "/hook": HOOK["/hook"]}) as opened:
            bodies = {"application/json": (b'{"n": 1}', {"n": 1}), "text/plain": (b"hello", {"value": "hello"}), "application/xml": (b"", {})}
            for number, (media_type, (body, data)) in enumerate(bodies.items()):
                assert (await opened.post("/ce", body, {**event, "ce-id": str(number), "Content-Type": media_type}))[0] == 202
                assert opened.queue.events[-1]["data"] == {**data, "endpoint": "/ce"}
            assert (await opened.post("/ce", b"\xff", {**event, "Content-Type": "image/png"}))[0] == 400
            assert (await opened.post("/hook", b"hello", {**event, "Content-Type": "text/plain"}))[0] == 415, "elsewhere it is no header of meaning"

    run(test)


def test_an_event_says_by_which_endpoint_it_came_whatever_its_sender_says():
    async def test():
        async with door(HOOK) as opened:
            await opened.post("/hook", {**ALERT, "endpoint": "/other"})
            assert opened.queue.events[0]["data"]["endpoint"] == "/hook"

    run(test)


def test_a_path_with_a_fragment_is_no_endpoint():
    async def test():
        async with door(HOOK) as opened:
            reader, writer = await asyncio.open_connection("127.0.0.1", opened.port)
            writer.write(b"GET /hook#x HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
            assert (await reader.read()).startswith(b"HTTP/1.1 404 ")
            writer.close()

    run(test)


def test_a_host_that_the_inventory_has_learned_of_since_is_found():
    async def test():
        queue = Kept()

        async def fresh(*, unknown_name=False):
            queue.inventory.snapshot = snapshot_of({"_meta": {"hostvars": {"web-09": {"rack": "r9"}}}, "all": {"hosts": ["web-09"]}})
            return queue.inventory.snapshot

        queue.inventory.fresh = fresh
        by_variable = {"generic": {**GENERIC["generic"], "hosts": [{"hostvar": "rack", "path": "payload.rack"}]}}
        async with door({"/hook": {"adapter": by_variable, "auth": BEARER}}, queue=queue) as opened:
            assert (await opened.post("/hook", {**ALERT, "rack": "r9"}))[0] == 202 and queue.events[0]["hosts"] == ["web-09"]
            assert (await opened.post("/hook", {**ALERT, "rack": "r1"}))[0] == 422

    run(test)


def test_what_each_of_many_events_would_keep_is_bounded(monkeypatch):
    async def test():
        alerts = [{"status": "firing", "labels": {"alertname": "A", "host": "web-01", "n": str(number)}} for number in range(3)]
        group = {"version": "4", "groupKey": "g", "status": "firing", "alerts": alerts}
        endpoint = {"adapter": "alertmanager", "auth": BEARER}
        async with door({"/all": {**endpoint, "keep_payload": True}, "/none": endpoint}) as opened:
            assert (await opened.post("/all", group))[0] == 202
            monkeypatch.setattr(reading, "_MOST_KEPT_BYTES", 2 * len(json.dumps(group)))
            assert (await opened.post("/all", group))[0] == 422
            assert (await opened.post("/none", group))[0] == 202

    run(test)


def test_a_monitor_that_can_be_asked_is_asked_about_its_own_alerts_alone():
    async def test():
        api = {"confirm": {"alertmanager": {"url": "http://127.0.0.1:1"}}}
        async with door({"/am": {"adapter": "alertmanager", "auth": BEARER, **api}, **HOOK}) as opened:
            asked = []

            async def ask(_api, event):
                asked.append(event)
                return "resolved"

            with mock.patch.object(AlertmanagerApi, "ask", ask):
                events = [{"data": {"endpoint": endpoint}} for endpoint in ("/am", "/hook", "/gone")]
                assert [await opened.queue.ask(event) for event in events] == ["resolved", None, None] and asked == events[:1]
        async with door(HOOK) as opened:
            assert opened.queue.ask is None

    run(test)


def signed(body: bytes, **headers: str) -> dict[str, str]:
    return {"X-Hook-Signature": hmac.new(b"s3cret", body, "sha512").hexdigest(), "Content-Type": "application/json", **headers}


def test_headers_that_no_signature_covers_say_nothing():
    async def test():
        netbox = {"netbox": {"secrets": ["s3cret"]}}
        async with door({"/ce": {"adapter": "cloudevents", "auth": netbox}, "/requests": {"adapter": "request", "auth": netbox}}) as opened:
            body = json.dumps({"specversion": "1.0", "type": "deploy.ok", "id": "orig", "source": "/s"}).encode()
            forged = {"ce-specversion": "1.0", "ce-type": "alert.firing", "ce-hosts": "web-01", "ce-id": "forged", "ce-source": "/x"}
            assert (await opened.post("/ce", body, signed(body, **forged)))[0] == 422 and not opened.queue.events
            assert (await opened.post("/ce", body, signed(body)))[1]["ids"] == ["orig"]
            body = json.dumps({"type": "request.report", "requested_by": "ann", "data": {"kind": "usage"}}).encode()
            status, said = await opened.post("/requests", body, signed(body, **{"Idempotency-Key": "another"}))
            assert status in (202, 422) and "another" not in said.get("ids", [])

    run(test)


def test_nobody_sends_in_another_endpoints_name():
    async def test():
        async with door({"/ce": {"adapter": "cloudevents", "auth": BEARER}}) as opened:
            event = {"specversion": "1.0", "type": "a.b", "id": "1", "source": "eventops.http:/requests"}
            status, said = await opened.post("/ce", event)
            assert status == 422 and said["detail"].startswith("source: must not begin with eventops.http:") and not opened.queue.events

    run(test)


@pytest.mark.parametrize("forged", [{"type": "case.storm"}, {"type": "a.b", "dedup_key": "case.exhausted/1"}])
def test_nobody_sends_in_the_routers_name(forged):
    async def test():
        async with door({"/any": {"adapter": "envelope", "auth": BEARER}}, remembered=Remembered()) as opened:
            status, said = await opened.post("/any", {"specversion": "1.0", **forged})
            assert status == 422 and "case." in said["detail"] and not opened.queue.events

    run(test)


def test_alone_a_delivery_that_is_repeated_is_known():
    async def test():
        settings = {"generic": {**GENERIC["generic"], "id": "payload.id"}}
        async with door({"/hook": {"adapter": settings, "auth": BEARER}}, remembered=Remembered()) as opened:
            for _again in range(2):
                assert (await opened.post("/hook", {**ALERT, "id": "d-1"}))[1] == {"accepted": 1, "ids": ["d-1"]}
            assert [event["id"] for event in opened.queue.events] == ["d-1"]

    run(test)


def test_past_its_rate_a_sender_is_told_when_to_come_again():
    async def test():
        async with door({"/hook": {**HOOK["/hook"], "rate": {"per_second": 0.1, "burst": 2}}}) as opened:
            assert [(await opened.post("/hook"))[0] for _each in range(3)] == [202, 202, 429]
            assert 1 <= int(opened.headers["Retry-After"]) <= 10
            assert (await opened.post("/hook", headers={}))[0] == 401, "strangers use up nobody's rate"

    run(test)


def test_too_many_at_once_are_told_to_come_again():
    async def test():
        queue = Kept()
        queue.delay = 0.5
        async with door(HOOK, queue=queue, max_in_flight=2) as opened:
            answers = await asyncio.gather(*(opened.post("/hook") for _each in range(4)))
            assert sorted(status for status, _said in answers) == [202, 202, 503, 503]

    run(test)


def test_strangers_whose_bodies_trickle_keep_no_good_sender_out():
    async def test():
        endpoints = {"/signed": {"adapter": GENERIC, "auth": {"netbox": {"secrets": ["s3cret"]}}}, **HOOK}
        async with door(endpoints, max_connections=40) as opened:
            head = b"POST /signed HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nX-Hook-Signature: x\r\nContent-Length: 1000\r\n\r\n{"
            writers = []
            for _each in range(60):
                with suppress(OSError):
                    _reader, writer = await asyncio.open_connection("127.0.0.1", opened.port)
                    writer.write(head)
                    writers.append(writer)
            await asyncio.sleep(0.2)
            assert [(await opened.post("/hook"))[0] for _each in range(20)] == [202] * 20
            for writer in writers:
                writer.close()

    run(test)


def test_senders_come_from_their_networks():
    async def test():
        async with door({"/far": {**HOOK["/hook"], "senders": ["10.0.0.0/8"]}, "/near": HOOK["/hook"]}, senders=["127.0.0.0/8"]) as opened:
            assert [(await opened.post(path))[0] for path in ("/far", "/near")] == [403, 202]

    run(test)


def test_what_has_come_in_is_kept_and_answered_when_it_closes():
    async def test():
        queue = Kept()
        queue.delay = 0.5
        async with door(HOOK, queue=queue) as opened:
            posting = asyncio.create_task(opened.post("/hook"))
            await asyncio.sleep(0.2)
            opened.task.cancel()
            assert (await posting)[0] == 202 and len(queue.events) == 1
            with suppress(asyncio.CancelledError):
                await opened.task
            with pytest.raises(OSError):
                await opened.post("/hook")

    run(test)
