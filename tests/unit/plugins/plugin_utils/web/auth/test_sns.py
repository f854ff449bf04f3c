# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The scheme `sns`: every check with what it lets in and with the attack that it is there for."""

from __future__ import annotations

import asyncio
import base64
import json
from dataclasses import replace

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.sns.fetch import FetchFailed
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes, read
from ansible_collections.eventops.infra.plugins.plugin_utils.web.auth.delivery import Delivery
from ansible_collections.eventops.infra.plugins.plugin_utils.web.auth.sns import SCHEMA, make
from ansible_collections.eventops.infra.plugins.plugin_utils.web.auth.verifier import CannotTell, NotAllowed, NotAuthenticated
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.aws.sns import amazon
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.aws.sns.amazon import CERTIFICATE_URL, ISSUER_URL, NOW, TOPIC, Server, body, message
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st

ID = "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324"


@pytest.fixture
def cafile(tmp_path):
    path = tmp_path / "roots.pem"
    path.write_bytes(amazon.pem(amazon.ROOT))
    return str(path)


@pytest.fixture
def server():
    return Server()


@pytest.fixture
def verifier(cafile, server):
    return made(cafile, server)


def made(roots, server, **settings):
    mistakes = Mistakes()
    found = make(read({"topics": [TOPIC], "cafile": roots, **settings}, SCHEMA), "auth.sns", {}, mistakes, fetch=server)
    mistakes.raise_if_any()
    return found


def verify(verifier, content, now=NOW):
    """Do what an endpoint does."""
    delivery = Delivery(body=content if isinstance(content, bytes) else body(content), now=now)
    asyncio.run(verifier.prepare(delivery))
    return verifier.verify(delivery)


def refused(verifier, content, why, error=NotAuthenticated, now=NOW):
    with pytest.raises(error, match=why):
        verify(verifier, content, now)
    # Without the certificate, and with it: nothing depends on whether prepare was the one that refused.
    with pytest.raises((NotAuthenticated, NotAllowed)):
        verifier.verify(Delivery(body=content if isinstance(content, bytes) else body(content), now=now))


@pytest.mark.parametrize("kind", ["Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"])
@pytest.mark.parametrize("version", ["1", "2"])
def test_what_sns_signs_is_taken_by_its_id(verifier, kind, version):
    assert verify(verifier, message(kind, version=version)) == ID
    assert verifier.reads_body


def test_a_message_without_a_subject_and_one_of_several_lines_are_taken(verifier):
    assert verify(verifier, message(Subject=None)) == ID
    assert verify(verifier, message(Message="one\ntwo\r\n\u00e4 \U0001f600 \\ \"")) == ID
    assert verify(verifier, message(Message="")) == ID
    assert verify(verifier, {**message(Subject=None), "Subject": None}) == ID


def test_the_certificate_is_fetched_once_and_its_issuer_with_it(verifier, server):
    for _round in range(3):
        verify(verifier, message())
    assert server.asked == [CERTIFICATE_URL, ISSUER_URL]


@pytest.mark.parametrize(
    "changes",
    [
        {"Message": "Hello world?"},
        {"Subject": None},
        {"Subject": "Another"},
        {"MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf325"},
        {"Timestamp": "2026-01-31T11:59:59.937Z"},
        {"SignatureVersion": "1"},
        {"Type": "SubscriptionConfirmation", "Token": "t", "SubscribeURL": "https://example.com/"},
    ],
)
def test_what_was_changed_afterwards_is_a_strangers(verifier, changes):
    refused(verifier, {**message(), **changes}, "Signature is not that of this message|Subject must be text")


def test_what_another_key_signed_is_a_strangers(verifier):
    refused(verifier, message(by="somebody"), "Signature is not that of this message")


def test_the_signature_is_of_the_values_not_of_how_the_json_is_written(verifier):
    sent = message(Message='{"AlarmName": "caf\u00e9"}')
    assert verify(verifier, json.dumps(sent, ensure_ascii=True, sort_keys=True).encode()) == ID
    assert verify(verifier, json.dumps(sent, ensure_ascii=False, separators=(",", ":")).encode()) == ID

    text_written_anew = {**sent, "Message": json.dumps(json.loads(sent["Message"]), separators=(",", ":"))}
    refused(verifier, text_written_anew, "Signature is not that of this message")
    unsigned = {name: value for name, value in sent.items() if name not in ("Signature", "SignatureVersion", "SigningCertURL")}
    over_the_body = amazon.key("sns").sign(json.dumps(unsigned).encode(), PKCS1v15(), SHA256())
    refused(verifier, {**sent, "Signature": base64.b64encode(over_the_body).decode()}, "Signature is not that of this message")


@pytest.mark.parametrize(
    "url",
    [
        "https://sns.us-west-2.amazonaws.com.evil.com/SimpleNotificationService-9c6465fa7f48f5ca.pem",
        "https://evil.com/sns.us-west-2.amazonaws.com/SimpleNotificationService-9c6465fa7f48f5ca.pem",
        "https://snsxus-west-2.amazonaws.com/SimpleNotificationService-9c6465fa7f48f5ca.pem",
        "https://sns.us-west-2.s3.amazonaws.com/SimpleNotificationService-9c6465fa7f48f5ca.pem",
        "https://sns.us-west-2.amazonaws.com.s3.amazonaws.com/SimpleNotificationService-9c6465fa7f48f5ca.pem",
        "https://s3.us-west-2.amazonaws.com/sns.us-west-2.amazonaws.com/SimpleNotificationService-9c6465fa7f48f5ca.pem",
        "https://s3.amazonaws.com/bucket/SimpleNotificationService-9c6465fa7f48f5ca.pem",
        "https://sns.s3-us-west-2.amazonaws.com/SimpleNotificationService-9c6465fa7f48f5ca.pem",
        "https://sns.amazonaws.com/SimpleNotificationService-9c6465fa7f48f5ca.pem",
        "https://sns.us-west-2.amazonawsxcom/SimpleNotificationService-9c6465fa7f48f5ca.pem",
        "https://sns.us-west-2xamazonaws.com/SimpleNotificationService-9c6465fa7f48f5ca.pem",
        "https://sns.us-west-2.amazonaws.com/SimpleNotificationService-9c6465fa7f48f5caxpem",
        "https://sns.us-west-2.amazonaws.co/SimpleNotificationService-9c6465fa7f48f5ca.pem",
        "https://sns.us-west-2.amazonaws.com.cn/SimpleNotificationService-9c6465fa7f48f5ca.pem",
        "https://sns.cn-north-1.amazonaws.com/SimpleNotificationService-9c6465fa7f48f5ca.pem",
        "http://sns.us-west-2.amazonaws.com/SimpleNotificationService-9c6465fa7f48f5ca.pem",
        "HTTPS://sns.us-west-2.amazonaws.com/SimpleNotificationService-9c6465fa7f48f5ca.pem",
        "https://SNS.us-west-2.amazonaws.com/SimpleNotificationService-9c6465fa7f48f5ca.pem",
        "https://sns.us-west-2.amazonaws.com:443/SimpleNotificationService-9c6465fa7f48f5ca.pem",
        "https://sns.us-west-2.amazonaws.com:8443/SimpleNotificationService-9c6465fa7f48f5ca.pem",
        "https://sns.us-west-2.amazonaws.com@evil.com/SimpleNotificationService-9c6465fa7f48f5ca.pem",
        "https://user:password@sns.us-west-2.amazonaws.com/SimpleNotificationService-9c6465fa7f48f5ca.pem",
        "https://evil.com\\@sns.us-west-2.amazonaws.com/SimpleNotificationService-9c6465fa7f48f5ca.pem",
        "https://evil.com#@sns.us-west-2.amazonaws.com/SimpleNotificationService-9c6465fa7f48f5ca.pem",
        "https://sns.us-west-2.amazonaws.com/../SimpleNotificationService-9c6465fa7f48f5ca.pem",
        "https://sns.us-west-2.amazonaws.com/x/SimpleNotificationService-9c6465fa7f48f5ca.pem",
        "https://sns.us-west-2.amazonaws.com//SimpleNotificationService-9c6465fa7f48f5ca.pem",
        "https://sns.us-west-2.amazonaws.com/SimpleNotificationService-9c6465fa7f48f5ca/../evil.pem",
        "https://sns.us-west-2.amazonaws.com/SimpleNotificationService-%39c6465fa7f48f5ca.pem",
        "https://sns.us-west-2.amazonaws.com/SimpleNotificationService-9C6465FA7F48F5CA.pem",
        "https://sns.us-west-2.amazonaws.com/SimpleNotificationService-9c6465fa7f48f5ca.pem?x=1",
        "https://sns.us-west-2.amazonaws.com/SimpleNotificationService-9c6465fa7f48f5ca.pem#x",
        "https://sns.us-west-2.amazonaws.com/SimpleNotificationService-9c6465fa7f48f5ca.pem.crt",
        "https://sns.us-west-2.amazonaws.com/SimpleNotificationService-.pem",
        "https://sns.us-west-2.amazonaws.com/?Action=ConfirmSubscription",
        " https://sns.us-west-2.amazonaws.com/SimpleNotificationService-9c6465fa7f48f5ca.pem",
        "https://sns.us-west-2.amazonaws.com./SimpleNotificationService-9c6465fa7f48f5ca.pem",
        "https://sns.us-west-\uff12.amazonaws.com/SimpleNotificationService-9c6465fa7f48f5ca.pem",
        "file:///etc/passwd",
        "https://169.254.169.254/latest/meta-data/",
    ],
)
def test_a_certificate_from_anywhere_else_is_not_even_fetched(verifier, server, url):
    server.has(url, amazon.pem(amazon.LEAF, amazon.ISSUER))
    refused(verifier, message(SigningCertURL=url), "SigningCertURL must be")
    assert not server.asked


def test_a_line_break_after_the_certificates_url_is_refused(verifier, server):
    refused(verifier, message(SigningCertURL=CERTIFICATE_URL + "\n"), "SigningCertURL must be one line")
    assert not server.asked


@pytest.mark.parametrize(
    ("host", "names"),
    [
        ("sns.eu-central-1.amazonaws.com", ("sns.amazonaws.com",)),
        ("sns.us-gov-west-1.amazonaws.com", ("sns.us-gov-west-1.amazonaws.com",)),
        ("sns.ap-southeast-2.amazonaws.com", ("sns-signing.ap-southeast-2.amazonaws.com",)),
        ("sns.us-east-1.amazonaws.com", ("other.example.com", "sns-us-east-1.amazonaws.com")),
        ("sns.cn-north-1.amazonaws.com.cn", ("sns-cn-north-1.amazonaws.com.cn",)),
    ],
)
def test_the_names_that_aws_uses_are_taken(verifier, server, host, names):
    url = f"https://{host}/SimpleNotificationService-0123456789abcdef.pem"
    server.has(url, amazon.pem(amazon.leaf(names=names)))
    topic = f"arn:aws:sns:{host.split('.')[1]}:123456789012:alarms"
    verifier = replace(verifier, topics=frozenset([topic]))
    assert verify(verifier, message(SigningCertURL=url, TopicArn=topic)) == ID


def test_a_certificate_of_another_region_is_not_even_fetched(verifier, server):
    url = "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem"
    with pytest.raises(NotAuthenticated, match="same region"):
        verify(verifier, message(SigningCertURL=url))
    assert url not in server.asked


@pytest.mark.parametrize("stuffed", [b"{}" + b" " * 600_000, b'{"a": ' + b"[" * 9 + b"]" * 9 + b"}", json.dumps(dict.fromkeys(map(str, range(300)))).encode()])
def test_what_sns_cannot_have_sent_is_not_looked_into(verifier, stuffed):
    refused(verifier, stuffed, "at most")


@pytest.mark.parametrize(
    "names",
    [
        (),
        ("evil.com",),
        ("sqs.us-west-2.amazonaws.com",),
        ("sns.us-east-1.amazonaws.com",),
        ("sns.amazonaws.com.evil.com",),
        ("*.amazonaws.com",),
        ("*.us-west-2.amazonaws.com",),
    ],
)
def test_a_certificate_for_another_name_is_refused(verifier, server, names):
    server.has(CERTIFICATE_URL, amazon.pem(amazon.leaf(names=names)))
    refused(verifier, message(), "the certificate is not for sns.amazonaws.com")


@pytest.mark.parametrize(
    "chain",
    [
        pytest.param((amazon.leaf(valid=(-60, -1)), amazon.ISSUER), id="expired"),
        pytest.param((amazon.leaf(valid=(1, 60)), amazon.ISSUER), id="not valid yet"),
        pytest.param((amazon.LEAF, amazon.certificate("RSA 2048 M01", "Root 1", is_authority=True, valid=(-60, -1))), id="its issuer expired"),
        pytest.param((amazon.leaf(issuer="sns"),), id="signed by itself"),
        pytest.param((amazon.leaf(issuer="Root 2"), amazon.certificate("Root 2", "Root 2", is_authority=True)), id="another root"),
        pytest.param((amazon.leaf(issuer="Root 1", signed_with="Root 2"),), id="another root of the same name"),
        pytest.param((amazon.leaf(issuer="RSA 2048 M01"), amazon.certificate("RSA 2048 M01", "Root 1")), id="its issuer is no authority"),
        pytest.param((amazon.leaf(issuer="sns 2"), amazon.certificate("sns 2", "RSA 2048 M01", names=("sns.amazonaws.com",)), amazon.ISSUER), id="by a leaf"),
    ],
)
def test_a_chain_that_does_not_hold_is_refused(verifier, server, chain):
    server.has(CERTIFICATE_URL, amazon.pem(*chain))
    refused(verifier, message(), "the certificate is not to be trusted")


def test_a_certificate_that_expires_while_it_is_known_is_refused_then(verifier):
    assert verify(verifier, message()) == ID
    later = NOW + 301 * 86400
    refused(verifier, message(Timestamp="2026-11-28T12:00:00.000Z"), "not to be trusted", now=later)


@pytest.mark.parametrize(
    "aia",
    [
        None,
        "http://evil.com/r2m01.cer",
        "http://crt.r2m01.amazontrust.com.evil.com/r2m01.cer",
        "http://crt.r2m01.amazontrust.com@evil.com/r2m01.cer",
        "http://crt.evilamazontrust.com/r2m01.cer",
        "http://ocsp.r2m01.amazontrust.com/r2m01.cer",
        "http://crt.r2m01.amazontrust.com:8080/r2m01.cer",
        "http://crt.r2m01.amazontrust.com/../r2m01.cer",
        "http://crt.r2m01.amazontrust.com/r2m01.cer?x",
        "ldap://crt.r2m01.amazontrust.com/r2m01.cer",
    ],
)
def test_an_issuer_is_fetched_from_amazons_authority_only(verifier, server, aia):
    server.has(CERTIFICATE_URL, amazon.pem(amazon.leaf(aia=aia)))
    server.has(aia or "", amazon.pem(amazon.ISSUER))
    refused(verifier, message(), "the certificate is not to be trusted")
    assert server.asked == [CERTIFICATE_URL]


def test_an_issuer_that_is_fetched_is_trusted_only_through_the_chain(verifier, server):
    server.has(ISSUER_URL, amazon.pem(amazon.certificate("RSA 2048 M01", "RSA 2048 M01", is_authority=True)))
    refused(verifier, message(), "the certificate is not to be trusted")


def test_an_issuer_in_pem_and_one_beside_the_certificate_are_taken(verifier, server):
    server.has(ISSUER_URL, amazon.pem(amazon.ISSUER))
    assert verify(verifier, message()) == ID
    other = CERTIFICATE_URL.replace("9c64", "0000")
    server.has(other, amazon.pem(amazon.LEAF, amazon.ISSUER))
    server.asked.clear()
    assert verify(verifier, message(SigningCertURL=other)) == ID
    assert server.asked == [other]


@pytest.mark.parametrize("content", [b"", b"<html>", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", amazon.pem(*[amazon.LEAF] * 11)])
def test_what_is_no_certificate_is_refused(verifier, server, content):
    server.has(CERTIFICATE_URL, content)
    refused(verifier, message(), "what SigningCertURL leads to")


def test_nobody_can_tell_while_the_certificate_cannot_be_fetched(verifier, server):
    server.has(CERTIFICATE_URL, FetchFailed("no answer within 5 s"))
    for _round in range(3):
        refused(verifier, message(), "cannot be fetched: no answer", CannotTell)
    assert server.asked == [CERTIFICATE_URL], "it is not asked again at once"
    server.has(CERTIFICATE_URL, amazon.pem(amazon.LEAF))
    assert verify(verifier, message(), now=NOW + 6) == ID


def test_a_certificate_that_is_not_there_is_a_strangers(verifier, server):
    url = CERTIFICATE_URL.replace("9c64", "0000")
    for _round in range(3):
        refused(verifier, message(SigningCertURL=url), "status 404")
    assert server.asked == [url]


def test_version_1_is_refused_where_it_is_not_allowed(cafile, server):
    verifier = made(cafile, server, signature_version=[2])
    assert verify(verifier, message(version="2")) == ID
    server.asked.clear()
    refused(verifier, message(version="1"), "SignatureVersion 1 is not taken here; set SignatureVersion of the topic to 2", NotAllowed)
    refused(verifier, message(SignatureVersion="3"), "must be 1 or 2")
    assert not server.asked


def test_a_topic_that_is_not_on_the_list_is_not_allowed(verifier, server):
    for topic in (TOPIC + "2", TOPIC.upper(), "arn:aws:sns:us-west-2:210987654321:alarms", TOPIC[:-1], "*"):
        refused(verifier, message(TopicArn=topic), "not among the topics", NotAllowed)
    assert not server.asked


@pytest.mark.parametrize(("sent_at", "why"), [("2026-01-31T10:59:59.000Z", "3601 s ago"), ("2026-01-31T13:00:01Z", "3601 s ahead"), ("yesterday", "RFC 3339")])
def test_a_message_of_another_time_is_a_strangers(verifier, server, sent_at, why):
    refused(verifier, message(Timestamp=sent_at), why)
    assert not server.asked


@pytest.mark.parametrize("sent_at", ["2026-01-31T11:00:00.000Z", "2026-01-31T13:00:00.000Z"])
def test_a_message_of_this_hour_is_taken(verifier, sent_at):
    assert verify(verifier, message(Timestamp=sent_at)) == ID


def test_a_key_that_is_there_twice_is_refused(verifier, server):
    right = body(message()).decode()
    for extra in ('"Message": "evil",', '"SigningCertURL": "https://evil.com/x.pem",', '"TopicArn": "other",'):
        refused(verifier, right.replace("{", "{" + extra, 1).encode(), "twice")
    assert not server.asked


@pytest.mark.parametrize("content", [b"", b"[]", b"5", b"null", b'"x"', b"{}", b"\xff", b'{"Type": NaN}', b"[" * 100, b'{"Type": "Notif', b'{"Type": "Other"}'])
def test_what_is_no_message_is_a_strangers(verifier, server, content):
    refused(verifier, content, ".")
    assert not server.asked


@pytest.mark.parametrize("name", ["Type", "MessageId", "TopicArn", "Message", "Timestamp", "SignatureVersion", "Signature", "SigningCertURL"])
@pytest.mark.parametrize("value", [None, 5, True, [], {}, ["x"]])
def test_fields_that_are_missing_or_no_text_are_refused(verifier, name, value):
    refused(verifier, {**message(), name: value}, name)


def test_two_messages_cannot_be_written_as_one_text(verifier):
    """Whoever may publish chooses the Message, and could write other fields into it; signed is one text of all of them."""
    signed = message(Subject=None, Message=f"reboot\nMessageId\nabc\nTimestamp\n2026-01-31T11:59:58.937Z\nTopicArn\n{TOPIC}\nType\nNotification")
    split = {**signed, "Message": "reboot", "MessageId": signed["Message"].partition("MessageId\n")[2] + f"\nMessageId\n{ID}"}
    refused(verifier, split, "MessageId must be one line")


@pytest.mark.parametrize("signature", ["", "!", "AAAA", "A" * 5000, "\uff21"])
def test_a_signature_that_is_none_is_refused(verifier, signature):
    refused(verifier, message(Signature=signature), "not that of this message" if signature == "AAAA" else "Signature must be")


@given(content=st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.dictionaries(st.sampled_from([*message(), "x"]), inner), max_leaves=12))
def test_no_body_ends_in_another_error(content):
    class Nothing:
        async def load(self, url, now):
            raise AssertionError("nothing is worth fetching")

    from ansible_collections.eventops.infra.plugins.plugin_utils.aws.sns.verifier import SnsSignature

    verifier = SnsSignature(frozenset([TOPIC]), Nothing())
    with pytest.raises((NotAuthenticated, NotAllowed)):
        asyncio.run(verifier.prepare(Delivery(body=json.dumps(content).encode(), now=NOW)))


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"cafile": "/nowhere/roots.pem"}, "auth.sns.cafile: must be a PEM file of root certificates, but /nowhere/roots.pem cannot be read: No such file"),
        ({"cafile": __file__}, "there is no certificate in it"),
        ({"topics": []}, "topics"),
        ({"topics": ["arn:aws:sqs:us-east-1:123456789012:x"]}, "must be the ARN of a topic"),
        ({"signature_version": [3]}, "signature_version"),
        ({"signature_version": []}, "signature_version"),
        ({"topic": "x"}, "did you mean topics"),
    ],
)
def test_settings_that_mean_nothing_are_refused(cafile, server, settings, why):
    with pytest.raises(ValueError, match=why):
        made(cafile, server, **settings)


def test_without_a_cafile_the_roots_are_the_systems(cafile, server, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", cafile)
    mistakes = Mistakes()
    verifier = make(read({"topics": [TOPIC]}, SCHEMA), "auth.sns", {}, mistakes, fetch=server)
    assert not mistakes and not verifier.confirm_subscriptions
    assert verify(verifier, message()) == ID
