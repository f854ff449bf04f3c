# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a certificate is one of SNS: a chain leads from it to a root that is trusted, all of its dates hold, and its name is right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.verification import PolicyBuilder, VerificationError

from .errors import NotGenuine
from .roots import Roots


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """A key of SNS. `not_before` and `not_after` bound when its whole chain is valid, in seconds since the epoch."""

    key: RSAPublicKey
    not_before: float
    not_after: float

    def is_valid_at(self, now: float) -> bool:
        """Tell whether every certificate of the chain is valid then."""
        return self.not_before <= now <= self.not_after


def trusted_key(chain: Sequence[x509.Certificate], names: Sequence[str], roots: Roots, now: float) -> TrustedKey:
    """Return the key of the first certificate.

    :param chain: it, and those that it may have been issued by.
    :param names: of which it must be for one, written out.
    :param now: in seconds since the epoch.
    :raises NotGenuine: when it is not to be trusted.
    """
    leaf, *others = chain
    own = _names(leaf)
    name = next((name for name in names if name in own), None)
    if name is None:
        raise NotGenuine(f"the certificate is not for {names[0]}, or another name of SNS, but for {', '.join(own)[:200] or 'no name'}")
    verifier = PolicyBuilder().store(roots.store).time(datetime.fromtimestamp(now, UTC)).build_server_verifier(x509.DNSName(name))
    try:
        path = verifier.verify(leaf, others)
    except VerificationError as error:
        raise NotGenuine(f"the certificate is not to be trusted: {error}") from error
    key = leaf.public_key()
    if not isinstance(key, RSAPublicKey):
        raise NotGenuine("the certificate must have an RSA key")
    return TrustedKey(
        key,
        max(certificate.not_valid_before_utc.timestamp() for certificate in path),
        min(certificate.not_valid_after_utc.timestamp() for certificate in path),
    )


def _names(certificate: x509.Certificate) -> list[str]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, UnsupportedAlgorithm, ValueError):
        return []
    return names.get_values_for_type(x509.DNSName)
