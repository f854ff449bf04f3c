# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The scheme `hmac`: a signature of the body's bytes by a shared secret (RFC 2104), in a header of the sender's choice."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.web.secret_strength import require_length
from ansible_collections.eventops.infra.plugins.plugin_utils.web.secrets import SECRETS_SCHEMA, read_secrets

from .comparison import is_one_of
from .delivery import Delivery
from .freshness import require_fresh
from .scheme_settings import HEADER_SCHEMA, TOLERANCE_SCHEMA
from .sent import as_bytes, sent_header
from .verifier import NotAuthenticated

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["header", "secrets"],
    "properties": {
        "algorithm": {"enum": ["sha256", "sha512", "sha384", "sha1"], "default": "sha256"},
        "header": HEADER_SCHEMA,
        "prefix": {"type": "string", "maxLength": 50, "default": ""},
        "encoding": {"enum": ["hex", "base64"], "default": "hex"},
        "secrets": SECRETS_SCHEMA,
        "timestamp_header": HEADER_SCHEMA,
        "tolerance": TOLERANCE_SCHEMA,
        "id_header": HEADER_SCHEMA,
    },
    "dependentRequired": {"tolerance": ["timestamp_header"]},
}


@dataclass(frozen=True)
class HmacSignature:
    """Knows a sender by its signature.

    With `timestamp_header`, what is signed is the timestamp, a dot and the body. `id_header` holds the delivery's id; no signature covers it.
    """

    header: str
    secrets: tuple[bytes, ...] = field(repr=False)
    algorithm: str = "sha256"
    prefix: str = ""
    encoding: str = "hex"
    timestamp_header: str | None = None
    tolerance: float = 300.0
    id_header: str | None = None
    reads_body: bool = True

    def verify(self, delivery: Delivery) -> str | None:
        """Return the id of a delivery whose signature is right. Raises NotAuthenticated."""
        given = sent_header(delivery, self.header)
        content = delivery.body
        if self.timestamp_header is not None:
            timestamp = sent_header(delivery, self.timestamp_header)
            require_fresh(timestamp, name=self.timestamp_header, now=delivery.now, tolerance=self.tolerance)
            content = b"%b.%b" % (timestamp.encode(), content)
        if not given.startswith(self.prefix):
            raise NotAuthenticated(f"the header {self.header} must begin with {self.prefix}")
        signature = as_bytes(given[len(self.prefix) :])
        if not is_one_of(signature.lower() if self.encoding == "hex" else signature, [self._signature(secret, content) for secret in self.secrets]):
            raise NotAuthenticated(f"the signature in {self.header} is not that of this body by any secret that is known here")
        return delivery.only_header(self.id_header) if self.id_header is not None else None

    def _signature(self, secret: bytes, content: bytes) -> bytes:
        digest = hmac.digest(secret, content, self.algorithm)
        return digest.hex().encode() if self.encoding == "hex" else base64.b64encode(digest)


def make(settings: Mapping[str, Any], where: str, environment: Mapping[str, str], mistakes: Mistakes) -> HmacSignature | None:
    """Make a verifier of settings that the schema has checked; what is wrong with a secret goes to `mistakes`."""
    secrets = read_secrets(settings["secrets"], f"{where}.secrets", environment, mistakes, require_length)
    given = {key: value for key, value in settings.items() if key != "secrets"}
    return HmacSignature(secrets=tuple(secret.encode() for secret in secrets), **given) if secrets else None
