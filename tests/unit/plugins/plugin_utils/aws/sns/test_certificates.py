# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Certificates are fetched once, in bounded numbers, and so is what turned out to be none."""

from __future__ import annotations

import asyncio

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.sns.certificates import Certificates
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.sns.errors import CertificateUnavailable, NotGenuine
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.sns.fetch import FetchFailed
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.sns.roots import Roots
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.aws.sns import amazon
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.aws.sns.amazon import CERTIFICATE_URL, HOST, ISSUER_URL, NOW, Server, awaited
from cryptography.x509.verification import Store

ROOTS = Roots(Store([amazon.ROOT]), frozenset([amazon.ROOT.subject.public_bytes()]))


def url(number):
    return f"https://{HOST}/SimpleNotificationService-{number:032x}.pem"


class Slow(Server):
    """Answers when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.open = asyncio.Event()

    async def __call__(self, url, max_bytes):
        self.asked.append(url)
        await self.open.wait()
        self.asked.pop()
        return await super().__call__(url, max_bytes)


@awaited
async def test_many_messages_at_once_share_one_fetch_and_who_goes_away_does_not_end_it():
    server = Slow()
    certificates = Certificates(ROOTS, server)
    waiting = [asyncio.create_task(certificates.load(CERTIFICATE_URL, NOW)) for _message in range(100)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    await asyncio.sleep(0)
    server.open.set()
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(answers[0], asyncio.CancelledError) and answers[1:] == [None] * 99
    assert server.asked == [CERTIFICATE_URL, ISSUER_URL]
    assert certificates.key(CERTIFICATE_URL, NOW).key.public_numbers() == amazon.key("sns").public_key().public_numbers()


@awaited
async def test_so_many_may_wait_for_one_and_no_more():
    server = Slow()
    certificates = Certificates(ROOTS, server)
    waiting = [asyncio.create_task(certificates.load(CERTIFICATE_URL, NOW)) for _message in range(201)]
    await asyncio.sleep(0)
    server.open.set()
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    assert answers[:200] == [None] * 200 and "too many messages wait" in str(answers[200])
    await certificates.load(CERTIFICATE_URL, NOW)


@awaited
async def test_a_failure_is_shared_too_and_forgotten_after_a_while():
    server = Server()
    certificates = Certificates(ROOTS, server)
    answers = await asyncio.gather(*(certificates.load(url(1), NOW) for _message in range(50)), return_exceptions=True)
    assert {str(answer) for answer in answers} == {"the certificate of SNS cannot be fetched: status 404, expected 200"}
    with pytest.raises(NotGenuine):
        await certificates.load(url(1), NOW + 59)
    assert server.asked == [url(1)]
    server.has(url(1), amazon.pem(amazon.LEAF))
    await certificates.load(url(1), NOW + 61)


@awaited
async def test_made_up_certificates_push_out_none_that_is_right_and_are_kept_in_bounded_numbers():
    server = Server()
    certificates = Certificates(ROOTS, server)
    await certificates.load(CERTIFICATE_URL, NOW)
    for number in range(1000):
        with pytest.raises(NotGenuine):
            await certificates.load(url(number), NOW)
    asked = len(server.asked)
    await certificates.load(CERTIFICATE_URL, NOW)
    assert len(server.asked) == asked
    assert len(certificates._failures) <= 200 and len(certificates._keys) == 1 and not certificates._loading


@awaited
async def test_few_are_fetched_at_once():
    server = Slow()
    certificates = Certificates(ROOTS, server)
    waiting = [asyncio.create_task(certificates.load(url(number), NOW)) for number in range(8)]
    await asyncio.sleep(0)
    with pytest.raises(CertificateUnavailable, match="too many"):
        await certificates.load(CERTIFICATE_URL, NOW)
    server.open.set()
    assert all(isinstance(answer, NotGenuine) for answer in await asyncio.gather(*waiting, return_exceptions=True))
    await certificates.load(CERTIFICATE_URL, NOW)


@awaited
async def test_what_takes_too_long_is_given_up(monkeypatch):
    monkeypatch.setattr("ansible_collections.eventops.infra.plugins.plugin_utils.aws.sns.certificates.TIMEOUT_SECONDS", 0.01)
    with pytest.raises(CertificateUnavailable, match="more than 0.01 s"):
        await Certificates(ROOTS, Slow()).load(CERTIFICATE_URL, NOW)


@awaited
async def test_an_issuer_that_cannot_be_had_now_tells_nothing_of_the_sender():
    server = Server()
    server.has(ISSUER_URL, FetchFailed("status 503, expected 200"))
    with pytest.raises(CertificateUnavailable, match="status 503"):
        await Certificates(ROOTS, server).load(CERTIFICATE_URL, NOW)


@awaited
async def test_an_endless_chain_ends():
    server = Server()
    for number in range(20):
        aia = f"http://crt.r2m01.amazontrust.com/{number}.cer"
        issued = amazon.certificate(f"CA {number}", f"CA {number + 1}", is_authority=True, aia=aia.replace(f"/{number}.", f"/{number + 1}."))
        server.has(aia, amazon.pem(issued))
    server.has(CERTIFICATE_URL, amazon.pem(amazon.leaf(issuer="CA 0", aia="http://crt.r2m01.amazontrust.com/0.cer")))
    with pytest.raises(NotGenuine, match="not to be trusted"):
        await Certificates(ROOTS, server).load(CERTIFICATE_URL, NOW)
    assert len(server.asked) == 4


@awaited
async def test_no_address_of_another_form_is_ever_fetched():
    server = Server()
    with pytest.raises(NotGenuine):
        await Certificates(ROOTS, server).load("https://example.com/x.pem", NOW)
    assert not server.asked
