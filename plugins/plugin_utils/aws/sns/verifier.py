# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a delivery is a message that Amazon SNS sent, of a topic that is expected, a short while ago.

What is checked: Amazon SNS Developer Guide, "Verifying the signatures of Amazon SNS messages".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.timestamp import in_utc
from ansible_collections.eventops.infra.plugins.plugin_utils.web.auth.delivery import Delivery
from ansible_collections.eventops.infra.plugins.plugin_utils.web.auth.verifier import CannotTell, NotAllowed, NotAuthenticated
from ansible_collections.eventops.infra.plugins.plugin_utils.web.strict_json import MalformedJson, parse

from .addresses import endpoint_of_certificate
from .certificates import Certificates
from .errors import CertificateUnavailable, NotGenuine
from .message import SignedMessage, message_of
from .signature import require_signature

TOLERANCE_SECONDS = 3600.0  # SNS tries for an hour to deliver a message
# A message has up to 256 KiB (Amazon SNS Developer Guide, "Publishing"), and as JSON text within JSON some more. Around it is one flat object.
_MOST_BYTES = 512 * 1024
_DEEPEST, _MOST_KEYS = 8, 200
_ALL_VERSIONS = frozenset(("1", "2"))


@dataclass(frozen=True)
class SnsSignature:
    """Knows SNS by its signature, and what it says by the topic.

    `certificates` are those that have been seen: `prepare` loads one more where a message needs it, so that `verify` has it at hand. Whether it
    takes part in handshakes is for them to know: `confirm_subscriptions`.
    """

    topics: frozenset[str]
    certificates: Certificates
    versions: frozenset[str] = _ALL_VERSIONS
    confirm_subscriptions: bool = False
    reads_body: bool = True

    async def prepare(self, delivery: Delivery) -> None:
        """Load the certificate of a delivery that is worth it. Raises NotAuthenticated, NotAllowed or CannotTell."""
        await self.load(_content(delivery), delivery.now)

    def verify(self, delivery: Delivery) -> str:
        """Return the id of a message that SNS signed. Raises NotAuthenticated or NotAllowed."""
        return self.verified(_content(delivery), delivery.now).id

    async def load(self, content: Any, now: float) -> None:
        """Load the certificate of a message. Raises NotAuthenticated, NotAllowed or CannotTell."""
        try:
            await self.certificates.load(self._acceptable(content, now).certificate_url, now)
        except NotGenuine as error:
            raise NotAuthenticated(str(error)) from error
        except CertificateUnavailable as error:
            raise CannotTell(str(error)) from error

    def verified(self, content: Any, now: float) -> SignedMessage:
        """Return a message that SNS signed with a certificate that has been loaded. Raises NotAuthenticated or NotAllowed."""
        try:
            message = self._acceptable(content, now)
            require_signature(message, self.certificates.key(message.certificate_url, now).key)
        except NotGenuine as error:
            raise NotAuthenticated(str(error)) from error
        return message

    def _acceptable(self, content: Any, now: float) -> SignedMessage:
        """Check all that can be told without the certificate: for what fails here, nothing is fetched."""
        message = message_of(content)
        endpoint = endpoint_of_certificate(message.certificate_url)
        if message.version not in _ALL_VERSIONS:
            raise NotGenuine(f"SignatureVersion must be 1 or 2, got {message.version[:20]!r}")
        sent_at = _seconds(message.fields["Timestamp"])
        if abs(now - sent_at) > TOLERANCE_SECONDS:
            raise NotGenuine(f"Timestamp is {abs(now - sent_at):.0f} s {'ago' if now > sent_at else 'ahead'}; at most {TOLERANCE_SECONDS:.0f} are allowed")
        if message.fields["TopicArn"] not in self.topics:
            raise NotAllowed("TopicArn is not among the topics that this endpoint expects")
        if f":sns:{endpoint.region}:" not in message.fields["TopicArn"]:
            raise NotGenuine("SigningCertURL and TopicArn must be of the same region")
        if message.version not in self.versions:
            raise NotAllowed(f"SignatureVersion {message.version} is not taken here; set SignatureVersion of the topic to {max(self.versions)}")
        return message


def _content(delivery: Delivery) -> Any:
    # A stranger has this done, too, before anything is known of it: for what SNS cannot have sent it is not.
    if len(delivery.body) > _MOST_BYTES:
        raise NotAuthenticated(f"a message of SNS has at most {_MOST_BYTES} bytes, got {len(delivery.body)}")
    try:
        return _parsed(delivery.body)
    except MalformedJson as error:
        raise NotAuthenticated(str(error)) from error


@lru_cache(maxsize=4)
def _parsed(body: bytes) -> Any:
    """Read a body once for all that look at it."""
    return parse(body, max_depth=_DEEPEST, max_keys=_MOST_KEYS)


def _seconds(timestamp: str) -> float:
    try:
        return datetime.fromisoformat(in_utc(timestamp)).timestamp()
    except ValueError:
        raise NotGenuine("Timestamp must be RFC 3339 such as 2026-01-31T12:00:00.000Z") from None
