# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A message as SNS signs it, and the text that its signature is of.

The fields and the text: Amazon SNS Developer Guide, "Verifying the signatures of Amazon SNS messages".
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import NotGenuine

NOTIFICATION, SUBSCRIPTION, UNSUBSCRIPTION = "Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"
_CONFIRMED = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
# In the order in which they are signed; Subject only where there is one.
SIGNED: Mapping[str, tuple[str, ...]] = {
    NOTIFICATION: ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    SUBSCRIPTION: _CONFIRMED,
    UNSUBSCRIPTION: _CONFIRMED,
}
_OPTIONAL = "Subject"
# The text has names and values on lines of their own: only the first value may have several lines, or two messages could be written as one text.
_SEVERAL_LINES = "Message"
_LINE_BREAK = re.compile(r"[\r\n]")
_MAX_SIGNATURE_LENGTH = 2048  # of a key with 8192 bits it is 1368


@dataclass(frozen=True, slots=True)
class SignedMessage:
    """What a message says that SNS signs (`fields`), and how it is signed."""

    fields: Mapping[str, str]
    version: str
    signature: bytes
    certificate_url: str

    @property
    def id(self) -> str:
        """Return what tells the message from all others."""
        return self.fields["MessageId"]

    def string_to_sign(self) -> bytes:
        """Return the text that the signature is of."""
        # surrogatepass: JSON can hold what is no character; then the signature is not of it, and nothing breaks.
        return "".join(f"{name}\n{value}\n" for name, value in self.fields.items()).encode("utf-8", "surrogatepass")


def message_of(content: Any) -> SignedMessage:
    """Take a message apart. Raises NotGenuine when SNS would not have written it so."""
    if not isinstance(content, Mapping):
        raise NotGenuine("the body must be a message of SNS, which is an object; with raw message delivery there is none, so that must be off")
    kind = content.get("Type")
    if not isinstance(kind, str) or kind not in SIGNED:
        raise NotGenuine(f"Type must be {', '.join(SIGNED)}; with raw message delivery there is none, so that must be off")
    fields = {name: _text(content, name) for name in SIGNED[kind] if name != _OPTIONAL or content.get(name) is not None}
    return SignedMessage(fields, _text(content, "SignatureVersion"), _signature(_text(content, "Signature")), _text(content, "SigningCertURL"))


def _text(content: Mapping[str, Any], name: str) -> str:
    value = content.get(name)
    if not isinstance(value, str):
        raise NotGenuine(f"{name} must be text")
    if name != _SEVERAL_LINES and (not value or _LINE_BREAK.search(value)):
        raise NotGenuine(f"{name} must be one line, and not empty")
    return value


def _signature(text: str) -> bytes:
    try:
        signature = base64.b64decode(text, validate=True) if len(text) <= _MAX_SIGNATURE_LENGTH else b""
    except (binascii.Error, ValueError):
        signature = b""
    if not signature:
        raise NotGenuine(f"Signature must be Base64 of at most {_MAX_SIGNATURE_LENGTH} characters")
    return signature
