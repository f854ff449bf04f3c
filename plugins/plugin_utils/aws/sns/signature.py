# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a message's signature is by a key."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from .errors import NotGenuine
from .message import SignedMessage

_HASHES = {"1": SHA1, "2": SHA256}


def require_signature(message: SignedMessage, key: RSAPublicKey) -> None:
    """Check the signature of a version that is known, 1 or 2. Raises NotGenuine."""
    try:
        key.verify(message.signature, message.string_to_sign(), PKCS1v15(), _HASHES[message.version]())
    except InvalidSignature:
        raise NotGenuine("Signature is not that of this message") from None
    except UnsupportedAlgorithm:
        raise NotGenuine("this machine refuses SHA1, which SignatureVersion 1 is made with; set SignatureVersion of the topic to 2") from None
