# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The root certificates that a chain may lead to: those of a file, or those that the system trusts."""

from __future__ import annotations

import os
import re
import ssl
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.verification import Store

_PEM = re.compile(rb"-----BEGIN (?:TRUSTED )?CERTIFICATE-----.+?-----END (?:TRUSTED )?CERTIFICATE-----", re.DOTALL)
_HASHED = re.compile(r"[0-9a-f]{8}\.[0-9]+")  # how OpenSSL finds a certificate in a folder


@dataclass(frozen=True)
class Roots:
    """What is trusted, and the subjects by which a chain's end is known."""

    store: Store
    subjects: frozenset[bytes]


def read_roots(cafile: str | None) -> Roots:
    """Read a PEM file, or what the system trusts (SSL_CERT_FILE and SSL_CERT_DIR, where they are set, instead of that).

    :raises OSError: when the file cannot be read.
    :raises ValueError: when there is no certificate.
    """
    contents = [Path(cafile).expanduser().read_bytes()] if cafile is not None else list(_of_the_system())
    found = {certificate.fingerprint(SHA256()): certificate for content in contents for certificate in _certificates(content)}
    if not found:
        raise ValueError("there is no certificate in it" if cafile is not None else "the system trusts no certificate")
    return Roots(Store(list(found.values())), frozenset(certificate.subject.public_bytes() for certificate in found.values()))


def _of_the_system() -> Iterator[bytes]:
    paths = ssl.get_default_verify_paths()
    if paths.cafile:
        yield Path(paths.cafile).read_bytes()
    elif paths.capath:
        for name in sorted(os.listdir(paths.capath)):
            if _HASHED.fullmatch(name):
                yield Path(paths.capath, name).read_bytes()


def _certificates(content: bytes) -> Iterator[x509.Certificate]:
    for block in _PEM.findall(content):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", CryptographyDeprecationWarning)  # of those that the next version refuses
                certificate = x509.load_pem_x509_certificate(block)
        except ValueError:
            continue  # among hundreds there are old ones that today's parsers refuse; nothing is trusted through them
        yield certificate
