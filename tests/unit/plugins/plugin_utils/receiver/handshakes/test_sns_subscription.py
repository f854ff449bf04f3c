# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""SNS asks whether the endpoint wants a topic: its URL is fetched only where the message is its own and the rulebook says so."""

from __future__ import annotations

import asyncio

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.sns.certificates import Certificates
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.sns.fetch import FetchFailed
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.sns.roots import Roots
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.sns.verifier import SnsSignature
from ansible_collections.eventops.infra.plugins.plugin_utils.receiver.handshakes.sns_subscription import SnsSubscription
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.aws.sns import amazon
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.aws.sns.amazon import CERTIFICATE_URL, HOST, NOW, SUBSCRIBE_URL, TOPIC, Server, message
from cryptography.x509.verification import Store

ROOTS = Roots(Store([amazon.ROOT]), frozenset([amazon.ROOT.subject.public_bytes()]))
SUBSCRIPTION, UNSUBSCRIPTION = "SubscriptionConfirmation", "UnsubscribeConfirmation"
TOKEN = SUBSCRIBE_URL.rpartition("=")[2]


def ask(payload, *, confirm=True, server=None, verified=True):
    """Return the answer, and what was fetched but for certificates."""
    server = server or Server()
    server.files.setdefault(SUBSCRIBE_URL, b"<ConfirmSubscriptionResponse/>")
    verifier = SnsSignature(frozenset([TOPIC]), Certificates(ROOTS, server), confirm_subscriptions=confirm)
    handshake = SnsSubscription(verifier if verified else None, server, lambda: NOW)
    answer = asyncio.run(handshake.answer("POST", {}, payload))
    return answer, [url for url in server.asked if not url.endswith((".pem", ".cer"))]


def test_a_subscription_is_confirmed():
    answer, fetched = ask(message(SUBSCRIPTION))
    assert (answer.status, answer.body, fetched) == (200, None, [SUBSCRIBE_URL])


def test_what_is_no_handshake_is_left_to_others():
    for payload in (message(), [], None, "x", {}, {"Type": 5}, {"Type": ["SubscriptionConfirmation"]}):
        assert ask(payload) == (None, [])


def test_nothing_is_confirmed_unless_the_rulebook_says_so():
    answer, fetched = ask(message(SUBSCRIPTION), confirm=False)
    assert answer.status == 403 and "confirm_subscriptions: true" in answer.body and not fetched


@pytest.mark.parametrize(
    "payload",
    [
        {**message(SUBSCRIPTION), "Message": "changed"},
        {**message(SUBSCRIPTION), "Signature": "AAAA"},
        {**message(SUBSCRIPTION), "SubscribeURL": "https://169.254.169.254/"},
        message(SUBSCRIPTION, by="somebody"),
        message(SUBSCRIPTION, TopicArn=TOPIC + "2"),
        message(SUBSCRIPTION, SigningCertURL=CERTIFICATE_URL.replace("amazonaws.com", "amazonaws.com.evil.com")),
        message(SUBSCRIPTION, Timestamp="2026-01-31T10:00:00Z"),
        {"Type": SUBSCRIPTION, "SubscribeURL": SUBSCRIBE_URL},
    ],
)
def test_nothing_is_fetched_for_a_message_that_is_not_of_sns(payload):
    answer, fetched = ask(payload)
    assert answer.status == 403 and not fetched


def test_nothing_is_fetched_where_another_scheme_let_the_message_in():
    answer, fetched = ask(message(SUBSCRIPTION), verified=False)
    assert answer.status == 403 and "auth.sns" in answer.body and not fetched


@pytest.mark.parametrize(
    "url",
    [
        SUBSCRIBE_URL.replace("https", "http"),
        SUBSCRIBE_URL.replace(HOST, "sns.us-east-1.amazonaws.com"),
        SUBSCRIBE_URL.replace(HOST, HOST + ".evil.com"),
        SUBSCRIBE_URL.replace(HOST, HOST + ":443"),
        SUBSCRIBE_URL.replace(HOST, "user@" + HOST),
        SUBSCRIBE_URL.replace(HOST, "evil.com/" + HOST),
        SUBSCRIBE_URL.replace(HOST, HOST.upper()),
        SUBSCRIBE_URL.replace("/?", "/x?"),
        SUBSCRIBE_URL.replace("/?", "?"),
        SUBSCRIBE_URL.replace("ConfirmSubscription", "Unsubscribe"),
        SUBSCRIBE_URL.replace("ConfirmSubscription", "DeleteTopic"),
        SUBSCRIBE_URL.replace(TOPIC, TOPIC + "2"),
        SUBSCRIBE_URL.replace(TOKEN, "1"),
        SUBSCRIBE_URL + "&Action=Publish",
        SUBSCRIBE_URL + "&AuthenticateOnUnsubscribe=true",
        SUBSCRIBE_URL + "#x",
        SUBSCRIBE_URL + " ",
        "https://169.254.169.254/?Action=ConfirmSubscription",
    ],
)
def test_even_a_signed_message_leads_only_to_the_confirmation_at_its_own_host(url):
    server = Server()
    server.has(url, b"")
    answer, fetched = ask(message(SUBSCRIPTION, SubscribeURL=url), server=server)
    assert answer.status == 403 and "SubscribeURL must be https://" in answer.body and not fetched


def test_a_topic_that_is_percent_encoded_is_the_same():
    url = SUBSCRIBE_URL.replace(TOPIC, TOPIC.replace(":", "%3A"))
    server = Server()
    server.has(url, b"")
    answer, fetched = ask(message(SUBSCRIPTION, SubscribeURL=url), server=server)
    assert answer.status == 200 and fetched == [url]


def test_sns_is_told_to_come_again_when_the_confirmation_does_not_get_through():
    server = Server()
    server.has(SUBSCRIBE_URL, FetchFailed("no answer within 5 s"))
    answer, _fetched = ask(message(SUBSCRIPTION), server=server)
    assert answer.status == 503 and "Retry-After" in answer.headers
    server = Server()
    server.has(CERTIFICATE_URL, FetchFailed("no answer within 5 s"))
    answer, fetched = ask(message(SUBSCRIPTION), server=server)
    assert answer.status == 503 and "Retry-After" in answer.headers and not fetched


def test_the_end_of_a_subscription_is_told_and_nothing_is_fetched(caplog):
    answer, fetched = ask({**message(UNSUBSCRIPTION), "UnsubscribeURL": f"https://{HOST}/?Action=Unsubscribe"})
    assert answer.status == 200 and not fetched
    assert TOPIC in caplog.text and TOKEN not in caplog.text
    answer, fetched = ask({**message(UNSUBSCRIPTION), "Message": "changed"})
    assert answer.status == 403 and not fetched
