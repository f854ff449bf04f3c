# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A small Amazon: an authority with a root and an issuer, certificates of SNS by it, messages that they sign, and a server that has the files."""

from __future__ import annotations

import asyncio
import base64
import json
from datetime import UTC, datetime, timedelta
from functools import cache, wraps

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.sns.fetch import FetchFailed
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.sns.message import SIGNED
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC).timestamp()
TOPIC = "arn:aws:sns:us-west-2:123456789012:alarms"
HOST = "sns.us-west-2.amazonaws.com"
CERTIFICATE_URL = f"https://{HOST}/SimpleNotificationService-9c6465fa7f48f5cacd23014631ec1136.pem"
ISSUER_URL = "http://crt.r2m01.amazontrust.com/r2m01.cer"
SUBSCRIBE_URL = f"https://{HOST}/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=2336412f37fb687f5d51e6e241d09c805a5a57b30d712f79"


@cache
def key(name: str) -> rsa.RSAPrivateKey:
    """Make a key, once for each name: making one takes a tenth of a second."""
    return rsa.generate_private_key(65537, 2048)


def certificate(
    name: str,
    issuer: str,
    *,
    names: tuple[str, ...] = (),
    is_authority: bool = False,
    aia: str | None = None,
    valid: tuple[float, float] = (-30, 300),
    signed_with: str | None = None,
) -> x509.Certificate:
    """Issue a certificate; `valid` are days from NOW."""
    start = datetime.fromtimestamp(NOW, UTC)
    signer = key(signed_with or issuer)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(issuer))
        .public_key(key(name).public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start + timedelta(days=valid[0]))
        .not_valid_after(start + timedelta(days=valid[1]))
        .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key(name).public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .add_extension(
            x509.KeyUsage(not is_authority, False, not is_authority, False, False, is_authority, is_authority, False, False),
            critical=True,
        )
    )
    if not is_authority:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(each) for each in names]), critical=False)
    if aia:
        access = x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier(aia))
        builder = builder.add_extension(x509.AuthorityInformationAccess([access]), critical=False)
    return builder.sign(signer, SHA256())


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Amazon"), x509.NameAttribute(NameOID.COMMON_NAME, name)])


def pem(*certificates: x509.Certificate) -> bytes:
    """Write a PEM file."""
    return b"".join(each.public_bytes(Encoding.PEM) for each in certificates)


ROOT = certificate("Root 1", "Root 1", is_authority=True)
ISSUER = certificate("RSA 2048 M01", "Root 1", is_authority=True)


def leaf(**changes) -> x509.Certificate:
    """Issue a certificate of SNS."""
    return certificate("sns", **{"issuer": "RSA 2048 M01", "names": ("sns.amazonaws.com",), "aia": ISSUER_URL, **changes})


LEAF = leaf()


class Server:
    """Has files at URLs, and notes what it was asked for."""

    def __init__(self, **files) -> None:
        self.files = {CERTIFICATE_URL: pem(LEAF), ISSUER_URL: ISSUER.public_bytes(Encoding.DER), **files}
        self.asked: list[str] = []

    def has(self, url: str, content: bytes | Exception) -> None:
        """Put a file, or what goes wrong with it."""
        self.files[url] = content

    async def __call__(self, url: str, max_bytes: int) -> bytes:
        """Give a file, as the production code asks for it."""
        self.asked.append(url)
        await asyncio.sleep(0)
        content = self.files.get(url, FetchFailed("status 404, expected 200", is_final=True))
        if isinstance(content, Exception):
            raise content
        return content


def message(kind: str = "Notification", *, by: str = "sns", version: str = "2", **changes) -> dict:
    """Make a message that is signed; None takes a field away."""
    fields = {
        "Type": kind,
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": TOPIC,
        "Subject": "My First Message",
        "Message": "Hello world!",
        "Timestamp": "2026-01-31T11:59:58.937Z",
    }
    if kind != "Notification":
        del fields["Subject"]
        fields |= {"Token": SUBSCRIBE_URL.rpartition("=")[2], "SubscribeURL": SUBSCRIBE_URL}
    fields = {name: value for name, value in (fields | changes).items() if value is not None}
    text = "".join(f"{name}\n{fields[name]}\n" for name in SIGNED[kind] if name in fields)
    signature = key(by).sign(text.encode(), PKCS1v15(), SHA1() if version == "1" else SHA256())
    return {**fields, "SignatureVersion": version, "Signature": base64.b64encode(signature).decode(), "SigningCertURL": CERTIFICATE_URL} | {
        name: value for name, value in changes.items() if name in ("SignatureVersion", "Signature", "SigningCertURL")
    }


def awaited(test):
    """Run a test that awaits."""

    @wraps(test)
    def run(*args, **kwargs):
        asyncio.run(test(*args, **kwargs))

    return run


def body(content: object) -> bytes:
    """Write a message as SNS does."""
    return json.dumps(content, indent=2).encode()
