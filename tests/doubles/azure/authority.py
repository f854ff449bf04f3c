# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A certificate for the names of Azure, by an authority that exists for one test."""

from __future__ import annotations

import datetime
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_DAY = datetime.timedelta(days=1)


def certificates(directory: Path, hosts: tuple[str, ...]) -> tuple[Path, ssl.SSLContext]:
    """Write the authority's certificate into the directory; return its path and what a server with those names needs."""
    key, name = ec.generate_private_key(ec.SECP256R1()), _name("an authority for a double of Azure")
    unlimited = x509.BasicConstraints(ca=True, path_length=None)
    usage = x509.KeyUsage(False, False, False, False, False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    ca = _builder(name, name, key, 1).add_extension(unlimited, critical=True).add_extension(usage, critical=True).add_extension(identifier, critical=False)
    cafile = directory / "azure-ca.pem"
    cafile.write_bytes(ca.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    own = ec.generate_private_key(ec.SECP256R1())
    names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())
    signed = _builder(_name(hosts[0]), name, own, 2).add_extension(names, critical=False).add_extension(issuer, critical=False).sign(key, hashes.SHA256())
    certfile = directory / "azure.pem"
    secret = own.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    certfile.touch(mode=0o600)
    certfile.write_bytes(signed.public_bytes(serialization.Encoding.PEM) + secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certfile)
    return cafile, context


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, serial: int) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return x509.CertificateBuilder(issuer, subject, key.public_key(), serial, now - _DAY, now + 10 * _DAY)


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
