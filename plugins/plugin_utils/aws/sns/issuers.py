# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The certificates between one of SNS and a root: SNS serves its own alone, which says where its issuer's is (RFC 5280 section 4.2.2.1)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID

from .errors import NotGenuine
from .fetch import Fetch
from .roots import Roots

MAX_CERTIFICATE_BYTES = 64 * 1024
_MOST_IN_A_FILE = 10
_MOST_FETCHED = 3
# Amazon's own authority. Plain HTTP is usual here: what comes is trusted only where a chain through it holds.
_AUTHORITY = re.compile(r"https?://crt\.(?:[a-z0-9-]{1,63}\.){0,3}amazontrust\.com/[A-Za-z0-9_-]{1,64}(?:\.[A-Za-z0-9_-]{1,64}){0,3}\.(?:cer|crt)", re.ASCII)


async def certificate_with_issuers(content: bytes, roots: Roots, fetch: Fetch) -> Sequence[x509.Certificate]:
    """Return the certificate in a PEM file, and the issuers that are in it or that can be had.

    Where an issuer is missing that cannot be had, the chain ends; whether it can be trusted is for another to say.

    :raises NotGenuine: when the file is not of certificates.
    :raises FetchFailed: when an issuer cannot be had now.
    """
    try:
        chain = x509.load_pem_x509_certificates(content)
    except ValueError as error:
        raise NotGenuine("what SigningCertURL leads to is no certificate") from error
    if len(chain) > _MOST_IN_A_FILE:
        raise NotGenuine(f"what SigningCertURL leads to has more than {_MOST_IN_A_FILE} certificates")
    for _number in range(_MOST_FETCHED):
        issuer = await _issuer(chain, roots, fetch)
        if issuer is None:
            break
        chain.append(issuer)
    return chain


async def _issuer(chain: Sequence[x509.Certificate], roots: Roots, fetch: Fetch) -> x509.Certificate | None:
    last = _last(chain)
    url = None if last.issuer.public_bytes() in roots.subjects else _address(last)
    if url is None:
        return None
    content = await fetch(url, MAX_CERTIFICATE_BYTES)
    try:
        return x509.load_pem_x509_certificate(content) if content.startswith(b"-----") else x509.load_der_x509_certificate(content)
    except ValueError:
        return None


def _last(chain: Sequence[x509.Certificate]) -> x509.Certificate:
    """Return where the way from the first certificate to its root ends, whatever the order of the others."""
    last = chain[0]
    for _number in chain:
        last = next((other for other in chain if other.subject == last.issuer and other is not last), last)
    return last


def _address(certificate: x509.Certificate) -> str | None:
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return None
    urls = (
        description.access_location.value
        for description in access
        if description.access_method == AuthorityInformationAccessOID.CA_ISSUERS and isinstance(description.access_location, x509.UniformResourceIdentifier)
    )
    return next((url for url in urls if _AUTHORITY.fullmatch(url)), None)
