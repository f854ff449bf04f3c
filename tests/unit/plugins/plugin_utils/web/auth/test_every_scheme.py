# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What holds for every scheme: whatever comes, it is taken from who knows the secret alone, and refused without an accident and without showing it."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import json
import traceback

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.sns.certificates import Certificates
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.sns.message import message_of
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.sns.roots import Roots
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.sns.verifier import SnsSignature
from ansible_collections.eventops.infra.plugins.plugin_utils.web.auth.registry import SCHEMES
from ansible_collections.eventops.infra.plugins.plugin_utils.web.auth.verifier import CannotTell, NotAllowed, NotAuthenticated
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.aws.sns import amazon
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.aws.sns.amazon import NOW
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.web.auth.every_sender import OTHER_SECRET, SECRET, SENDERS
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.web.auth.sender import delivery, verifier
from cryptography.x509.verification import Store
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy, MultiDict, MultiDictProxy

REFUSALS = (NotAuthenticated, NotAllowed, CannotTell)
# In `make fuzz` all senders together take as long as one other test.
EXAMPLES = settings(max_examples=max(100, settings().max_examples // len(SENDERS)))
ROOTS = Roots(Store([amazon.ROOT]), frozenset([amazon.ROOT.subject.public_bytes()]))
SIGNING = [name for name in SENDERS if name in ("github", "hmac", "hmac-timestamp", "netbox", "sns", "standard_webhooks")]
HEX = ("x-signature", "x-hook-signature", "x-hub-signature-256")

HEADERS = (
    "Authorization",
    *("X-Hook-Signature", "X-Hub-Signature-256", "X-Signature", "X-Gitlab-Token", "X-Api-Key", "X-Timestamp", "x_signature"),
    *("webhook-id", "webhook-timestamp", "webhook-signature"),
)
# A header's bytes that are no UTF-8 come as surrogates.
TEXTS = st.text(max_size=80) | st.text(st.characters(min_codepoint=0xDC80, max_codepoint=0xDCFF), max_size=5)
VALUES = TEXTS | st.builds(
    str.__add__, st.sampled_from(["Bearer ", "basic ", "Basic OnNlY3JldA", "sha256=", "v1,", "v1,AAAA v1,", "0" * 128, f"{NOW:.0f}", f"msg.{NOW:.0f}"]), TEXTS
)
SNS_BODIES = st.fixed_dictionaries(
    {},
    optional={name: st.none() | st.integers() | TEXTS | st.just(value) for name, value in amazon.message().items()},
).map(lambda message: json.dumps(message).encode())
NAMES = st.tuples(st.sampled_from(["commonName", "DNS", "URI", "IP Address", "email"]), TEXTS)
CERTIFICATES = st.fixed_dictionaries({}, optional={"subject": st.lists(st.tuples(NAMES)).map(tuple), "subjectAltName": st.lists(NAMES).map(tuple)})


@pytest.fixture(scope="module")
def made():
    return {name: make(name) for name in SENDERS}


def make(name):
    sender = SENDERS[name]
    if sender.scheme == "sns":
        return SnsSignature(frozenset(sender.settings["topics"]), Certificates(ROOTS, amazon.Server()))
    return verifier(sender.scheme, **sender.settings)


def ask(verifier, sent):
    """Do what an endpoint does."""
    if hasattr(verifier, "prepare"):
        asyncio.run(verifier.prepare(sent))
    return verifier.verify(sent)


def changed(data, content):
    """Return bytes of which one is another."""
    place = data.draw(st.integers(0, len(content) - 1), "place")
    byte = data.draw(st.integers(0, 255).filter(lambda byte: byte != content[place]), "byte")
    return content[:place] + bytes([byte]) + content[place + 1 :]


def with_other_text(data, text):
    """Return a text as it would come if one of its bytes were another."""
    return changed(data, text.encode()).decode("utf-8", "surrogateescape")


def meant(name, value):
    """Return what a header means: hexadecimal digits and the name of a scheme may be written in small letters or large ones."""
    if name.lower() in HEX:
        return value.lower()
    scheme, space, credentials = value.partition(" ")
    return (scheme.lower(), space, credentials) if name == "Authorization" else value


def signed_by_sns(body):
    """Return what SNS's signature is of and the signature, however the JSON and the Base64 are written."""
    try:
        message = message_of(json.loads(body))
    except (ValueError, RecursionError):
        return None
    return message.string_to_sign(), message.signature, message.version, message.certificate_url


def test_every_scheme_is_here():
    assert {sender.scheme for sender in SENDERS.values()} == set(SCHEMES)


@pytest.mark.parametrize("name", SENDERS)
@EXAMPLES
@given(body=st.binary(max_size=200))
def test_who_knows_the_secret_is_known_and_nobody_else(made, name, body):
    sender = SENDERS[name]
    delivery_id = ask(made[name], sender.send(body, NOW, SECRET))
    assert delivery_id is None or isinstance(delivery_id, str)
    with pytest.raises(REFUSALS):
        ask(made[name], sender.send(body, NOW, OTHER_SECRET))


@pytest.mark.parametrize("name", SENDERS)
@EXAMPLES
@given(
    headers=st.lists(st.tuples(st.sampled_from(HEADERS) | st.text(max_size=20), VALUES), max_size=6),
    query=st.lists(st.tuples(st.just("code") | st.text(max_size=5), TEXTS), max_size=3),
    body=st.binary(max_size=100) | SNS_BODIES,
    certificate=st.none() | CERTIFICATES,
    now=st.just(NOW) | st.floats(0, 4e9),
)
def test_whatever_a_stranger_sends_is_refused_and_breaks_nothing(made, name, headers, query, body, certificate, now):
    sent = delivery(*headers, body=body, query=query, now=now)
    with pytest.raises(REFUSALS):
        ask(made[name], dataclasses.replace(sent, peer_certificate=certificate))


@pytest.mark.parametrize("name", SIGNING)
@EXAMPLES
@given(data=st.data(), body=st.binary(min_size=1, max_size=60))
def test_a_body_of_which_one_byte_is_another_is_refused(made, name, data, body):
    sent = SENDERS[name].send(body, NOW, SECRET)
    other = dataclasses.replace(sent, body=changed(data, sent.body))
    if name == "sns":
        assume(signed_by_sns(other.body) != signed_by_sns(sent.body))
    with pytest.raises(REFUSALS):
        ask(made[name], other)


@pytest.mark.parametrize("name", [name for name in SENDERS if name != "sns"])  # its signature is in its body
@EXAMPLES
@given(data=st.data(), body=st.binary(max_size=60))
def test_credentials_of_which_one_byte_is_another_are_refused(made, name, data, body):
    sent = SENDERS[name].send(body, NOW, SECRET)
    if name == "client_certificate":
        other = dataclasses.replace(sent, peer_certificate={"subject": ((("commonName", with_other_text(data, SECRET)),),)})
    elif name == "key-query":
        other = dataclasses.replace(sent, query=MultiDictProxy(MultiDict(code=with_other_text(data, SECRET))))
    else:
        header = data.draw(st.sampled_from(list(sent.headers)), "header")
        value = with_other_text(data, sent.headers[header])
        assume(meant(header, value) != meant(header, sent.headers[header]))
        other = dataclasses.replace(sent, headers=CIMultiDictProxy(CIMultiDict({**sent.headers, header: value})))
    with pytest.raises(REFUSALS):
        ask(made[name], other)


def forms_of(secret):
    """Return what a secret looks like, however it is printed."""
    plain = secret.encode()
    return [secret, plain.hex(), base64.b64encode(plain).decode(), base64.b64encode(b"ann:" + plain).decode(), str(list(plain))[1:-1]]


@pytest.mark.parametrize("name", [name for name in SENDERS if name not in ("sns", "client_certificate")])  # these know nothing that is secret
def test_neither_a_verifier_nor_its_errors_show_a_secret(made, name):
    sender, verifier = SENDERS[name], made[name]
    right = sender.send(b"{}", NOW, SECRET)
    secrets = [*forms_of(SECRET), *forms_of(OTHER_SECRET), *(value for value in right.headers.values() if not value.isdigit() and value != "msg_1")]
    shown = [repr(verifier), str(verifier), f"{verifier}"]
    twice = CIMultiDictProxy(CIMultiDict([*right.headers.items(), *right.headers.items()]))
    attempts = [
        sender.send(b"{}", NOW, OTHER_SECRET),
        dataclasses.replace(right, headers=twice, query=MultiDictProxy(MultiDict([*right.query.items(), *right.query.items()]))),
        dataclasses.replace(right, body=b"other", now=NOW + 10**6),
        dataclasses.replace(right, headers=CIMultiDictProxy(CIMultiDict({name: value[:-1] for name, value in right.headers.items()})), query=delivery().query),
        dataclasses.replace(right, headers=CIMultiDictProxy(CIMultiDict({name: f"x{value}" for name, value in right.headers.items()}))),
        delivery(body=b"{}", now=NOW),
    ]
    for attempt in attempts:
        try:
            verifier.verify(attempt)
        except NotAuthenticated as error:
            shown += [str(error), repr(error), error.challenge, "".join(traceback.format_exception(error))]
    assert len(shown) > 10
    assert not [secret for secret in secrets for text in shown if secret in text]
