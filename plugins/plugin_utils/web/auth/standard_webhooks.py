# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The scheme `standard_webhooks`: id, timestamp and signatures in headers of their own (Standard Webhooks 1.0, www.standardwebhooks.com)."""

from __future__ import annotations

import base64
import binascii
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
from .scheme_settings import TOLERANCE_SCHEMA
from .sent import as_bytes, sent_header
from .verifier import NotAuthenticated

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["secrets"],
    "properties": {"secrets": SECRETS_SCHEMA, "tolerance": TOLERANCE_SCHEMA},
}
_ID, _TIMESTAMP, _SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
_SECRET_PREFIX = "whsec_"
_SYMMETRIC = "v1,"  # v1a is signed by a key pair; such a sender sends v1, too, or is not for us


@dataclass(frozen=True)
class StandardWebhooks:
    """Knows a sender by a signature of the delivery's id, its timestamp and its body."""

    keys: tuple[bytes, ...] = field(repr=False)
    tolerance: float = 300.0
    reads_body: bool = True

    def verify(self, delivery: Delivery) -> str:
        """Return the id of a delivery that has a signature which is right. Raises NotAuthenticated."""
        signatures = [text.removeprefix(_SYMMETRIC) for text in sent_header(delivery, _SIGNATURE).split(" ") if text.startswith(_SYMMETRIC)]
        delivery_id, timestamp = sent_header(delivery, _ID), sent_header(delivery, _TIMESTAMP)
        require_fresh(timestamp, name=_TIMESTAMP, now=delivery.now, tolerance=self.tolerance)
        if "." in delivery_id:  # the dot ends what is signed of it: another id and another body could have the same signature
            raise NotAuthenticated(f"the header {_ID} must have no dot")
        if not signatures:
            raise NotAuthenticated(f"the header {_SIGNATURE} must have a signature that begins with {_SYMMETRIC}")
        content = b"%b.%b.%b" % (as_bytes(delivery_id), timestamp.encode(), delivery.body)
        wanted = [base64.b64encode(hmac.digest(key, content, "sha256")) for key in self.keys]
        matches = [is_one_of(as_bytes(signature), wanted) for signature in signatures]  # all of them, also after the right one
        if True not in matches:
            raise NotAuthenticated(f"no signature in {_SIGNATURE} is that of this delivery by any secret that is known here")
        return delivery_id


def make(settings: Mapping[str, Any], where: str, environment: Mapping[str, str], mistakes: Mistakes) -> StandardWebhooks | None:
    """Make a verifier of settings that the schema has checked; what is wrong with a secret goes to `mistakes`."""
    secrets = read_secrets(settings["secrets"], f"{where}.secrets", environment, mistakes, _require_key)
    return StandardWebhooks(tuple(map(_key, secrets)), settings["tolerance"]) if secrets else None


def _require_key(secret: str, place: str, mistakes: Mistakes) -> bool:
    try:
        key = _key(secret)
    except binascii.Error:
        key = b""
    if not key:
        mistakes.add(place, f"must be {_SECRET_PREFIX} and a key in base64, as the sender shows it")
        return False
    return require_length(key, place, mistakes)


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(_SECRET_PREFIX).encode(), validate=True)
