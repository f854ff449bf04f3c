# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""SNS, Event Grid and CloudEvents at the front door as it is: who is let in, what is kept, and what is answered to a handshake."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.sns.fetch import FetchFailed
from ansible_collections.eventops.infra.plugins.plugin_utils.receiver.deliveries import Remembered
from ansible_collections.eventops.infra.plugins.plugin_utils.receiver.handshakes.choice import handshakes_of
from ansible_collections.eventops.infra.plugins.plugin_utils.web.auth import sns
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.adapters.cloud_payloads import BLOB, INSTANCE_EVENT, MESSAGE
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.aws.sns import amazon
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.aws.sns.amazon import CERTIFICATE_URL, ISSUER_URL, SUBSCRIBE_URL, TOPIC, Server

from .front_door import AUTHORIZED, BEARER, door
from .handshakes.test_event_grid_validation import TOPIC as AZURE_TOPIC
from .handshakes.test_event_grid_validation import VALIDATION

SENT_BY_SNS = {"Content-Type": "text/plain; charset=UTF-8", "x-amz-sns-message-type": "Notification"}
NO_HOST = {"hosts": [{"label": "InstanceId"}, "none"]}
AGES = (-400, 36500)  # the door's clock is the real one


def message(*arguments, **changes):
    return amazon.message(*arguments, **{"Timestamp": datetime.now(UTC).isoformat().replace("+00:00", "Z"), **changes})


@pytest.fixture
def server(monkeypatch):
    found = Server()
    found.has(CERTIFICATE_URL, amazon.pem(amazon.leaf(valid=AGES)))
    found.has(ISSUER_URL, amazon.pem(amazon.certificate("RSA 2048 M01", "Root 1", is_authority=True, valid=AGES)))
    found.has(SUBSCRIBE_URL, b"")
    monkeypatch.setitem(sns.make.__kwdefaults__, "fetch", found)
    monkeypatch.setitem(handshakes_of.__kwdefaults__, "fetch", found)
    return found


@pytest.fixture
def endpoints(tmp_path):
    roots = tmp_path / "roots.pem"
    roots.write_bytes(amazon.pem(amazon.certificate("Root 1", "Root 1", is_authority=True, valid=AGES)))
    settings = {"topics": [TOPIC], "cafile": str(roots), "confirm_subscriptions": True}
    return {"/sns": {"adapter": {"sns": {"cloudwatch_alarm": NO_HOST}}, "auth": {"sns": settings}}}


def run(endpoints, test):
    async def opened():
        async with door(endpoints, remembered=Remembered()) as the_door:
            await test(the_door)

    asyncio.run(asyncio.wait_for(opened(), 30))


def test_an_alarm_by_sns_is_kept_once(server, endpoints):
    async def test(opened):
        signed = amazon.body(message(Message=json.dumps(MESSAGE)))
        for _time in range(3):
            status, said = await opened.post("/sns", signed, SENT_BY_SNS)
            assert (status, said["ids"]) == (202, ["22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324"])
        (event,) = opened.queue.events
        assert (event["type"], event["hosts"], event["data"]["name"]) == ("alert.firing", ["i-12345678901234567"], "ServerCpuTooHigh")
        assert "Signature" not in json.dumps(event)

    run(endpoints, test)


def test_what_sns_did_not_sign_is_refused(server, endpoints):
    async def test(opened):
        signed = message(Message=json.dumps(MESSAGE))
        for changes, status in (
            ({"Message": "reboot"}, 401),
            ({"Signature": "AAAA"}, 401),
            ({"SigningCertURL": "https://sns.us-west-2.amazonaws.com.evil.com/SimpleNotificationService-9c6465fa7f48f5ca.pem"}, 401),
            ({"TopicArn": TOPIC + "2"}, 403),
            ({"Type": "Other"}, 401),
        ):
            assert (await opened.post("/sns", {**signed, **changes}, SENT_BY_SNS))[0] == status
        assert (await opened.post("/sns", amazon.body(signed).replace(b"{", b'{"Message": "reboot",', 1), SENT_BY_SNS))[0] in (400, 401)
        assert (await opened.post("/sns", b"reboot", {**SENT_BY_SNS, "x-amz-sns-rawdelivery": "true"}))[0] in (400, 401)
        assert not opened.queue.events

    run(endpoints, test)


def test_a_forged_envelope_in_a_signed_message_is_not_taken_for_one(server, endpoints):
    async def test(opened):
        forged = {"specversion": "1.0", "type": "alert.firing", "hosts": ["web-01"], "data": {"name": "Forged"}}
        assert (await opened.post("/sns", {**message(), **forged}, SENT_BY_SNS))[0] == 202
        (event,) = opened.queue.events
        assert (event["type"], event["hosts"], event["data"]["name"]) == ("aws.sns.notification", [], "alarms")

    run(endpoints, test)


def test_a_subscription_is_confirmed_only_after_all_this(server, endpoints):
    async def test(opened):
        signed = message("SubscriptionConfirmation")
        assert (await opened.post("/sns", {**signed, "Token": "x"}, SENT_BY_SNS))[0] == 401
        assert (await opened.post("/sns", {**signed, "SubscribeURL": "https://169.254.169.254/"}, SENT_BY_SNS))[0] == 401
        assert SUBSCRIBE_URL not in server.asked
        assert (await opened.post("/sns", signed, SENT_BY_SNS))[0] == 200
        assert server.asked[-1] == SUBSCRIBE_URL and not opened.queue.events
        assert (await opened.post("/sns", message("UnsubscribeConfirmation"), SENT_BY_SNS))[0] == 200
        assert server.asked[-1] == SUBSCRIBE_URL and not opened.queue.events

    run(endpoints, test)


def test_sns_comes_again_while_its_certificate_cannot_be_fetched(server, endpoints):
    async def test(opened):
        server.has(CERTIFICATE_URL, FetchFailed("no answer within 5 s"))
        assert (await opened.post("/sns", message(), SENT_BY_SNS))[0] == 503
        assert "Retry-After" in opened.headers and not opened.queue.events

    run(endpoints, test)


def test_event_grid_gets_its_code_and_then_its_events_are_kept():
    async def test(opened):
        assert (await opened.post("/azure", VALIDATION, {"Content-Type": "application/json"}))[0] == 401
        assert await opened.post("/azure", VALIDATION) == (200, {"validationResponse": VALIDATION[0]["data"]["validationCode"]})
        other = [{**VALIDATION[0], "topic": AZURE_TOPIC + "2"}]
        async with opened.session.post(f"http://127.0.0.1:{opened.port}/azure", json=other, headers=AUTHORIZED) as answer:
            assert answer.status == 403
        assert not opened.queue.events
        assert (await opened.post("/azure", [BLOB, {**BLOB, "id": "2"}]))[0] == 202
        assert [event["type"] for event in opened.queue.events] == ["azure.microsoft.storage.blob_created"] * 2

    run({"/azure": {"adapter": {"eventgrid": {"topics": [AZURE_TOPIC]}}, "auth": BEARER}}, test)


def test_cloudevents_are_kept_in_all_modes_and_options_answers_for_origins():
    async def test(opened):
        asked = {"WebHook-Request-Origin": "eventgrid.azure.net", "WebHook-Request-Rate": "120"}
        assert (await opened.post("/events", b"", {**AUTHORIZED, **asked}, method="OPTIONS"))[0] == 200
        allowed = {name: opened.headers[name] for name in ("WebHook-Allowed-Origin", "WebHook-Allowed-Rate", "Allow")}
        assert allowed == {"WebHook-Allowed-Origin": "eventgrid.azure.net", "WebHook-Allowed-Rate": "120", "Allow": "POST"}
        async with opened.session.options(f"http://127.0.0.1:{opened.port}/events", headers={**AUTHORIZED, "WebHook-Request-Origin": "evil.com"}) as answer:
            assert answer.status == 403 and "WebHook-Allowed-Origin" not in answer.headers

        event = {"specversion": "1.0", "id": "1", "source": "/s", "type": "t", "data_base64": "eyJhIjogMX0="}
        batch = [{**event, "id": "2"}, {**event, "id": "3"}]
        in_headers = {"ce-specversion": "1.0", "ce-id": "4", "ce-source": "/s", "ce-type": "t", "ce-hosts": "web-01,web-02"}
        for body, headers in (
            (event, {"Content-Type": "application/cloudevents+json"}),
            (batch, {"Content-Type": "application/cloudevents-batch+json"}),
            ({"a": 1}, in_headers),
        ):
            assert (await opened.post("/events", body, {**AUTHORIZED, **headers}))[0] == 202
        assert [(kept["id"], kept["data"]["a"]) for kept in opened.queue.events] == [("1", 1), ("2", 1), ("3", 1), ("4", 1)]
        assert opened.queue.events[-1]["hosts"] == ["web-01", "web-02"]

    run({"/events": {"adapter": "cloudevents", "auth": BEARER, "cloudevents_origins": ["eventgrid.azure.net"]}}, test)


def test_an_event_of_eventbridge_comes_with_a_key():
    async def test(opened):
        headers = {"Content-Type": "application/json; charset=utf-8", "X-Api-Key": "0123456789abcdef"}
        assert (await opened.post("/eventbridge", INSTANCE_EVENT, {**headers, "X-Api-Key": "x"}))[0] == 401
        assert (await opened.post("/eventbridge", INSTANCE_EVENT, headers))[0] == 202
        assert [event["type"] for event in opened.queue.events] == ["aws.ec2.ec2_instance_state_change_notification"]

    run({"/eventbridge": {"adapter": "eventbridge", "auth": {"key": {"header": "X-Api-Key", "secrets": ["0123456789abcdef"]}}}}, test)
