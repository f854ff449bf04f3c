# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""For each scheme, settings as a rulebook has them and what a sender makes that knows the secret, or another one."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.web.auth.delivery import Delivery
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.aws.sns import amazon
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.web.auth.sender import OTHER_TOKEN, TOKEN, delivery

SECRET, OTHER_SECRET = TOKEN, OTHER_TOKEN
_LONGEST = 86_400  # seconds that a signed timestamp may be old: for senders that sign once and send for long


@dataclass(frozen=True)
class Sender:
    """One way to be known. `send(body, now, secret)` makes a delivery; SNS puts what it is given into a message of its own."""

    scheme: str
    settings: Mapping[str, Any]
    send: Callable[[bytes, float, str], Delivery]


def _basic(body: bytes, now: float, secret: str) -> Delivery:
    return delivery(("Authorization", f"Basic {base64.b64encode(f'ann:{secret}'.encode()).decode()}"), body=body, now=now)


def _client_certificate(body: bytes, now: float, secret: str) -> Delivery:
    return delivery(body=body, now=now, subject=((("commonName", secret),),))


def _hmac(header: str, algorithm: str, prefix: str = "", timestamp_header: str | None = None) -> Callable[[bytes, float, str], Delivery]:
    def send(body: bytes, now: float, secret: str) -> Delivery:
        timestamp = [(timestamp_header, f"{now:.0f}")] if timestamp_header else []
        content = b"".join(value.encode() + b"." for _name, value in timestamp) + body
        return delivery((header, prefix + hmac.new(secret.encode(), content, algorithm).hexdigest()), *timestamp, body=body, now=now)

    return send


def _standard_webhooks(body: bytes, now: float, secret: str) -> Delivery:
    signature = base64.b64encode(hmac.digest(secret.encode(), f"msg_1.{now:.0f}.".encode() + body, "sha256")).decode()
    return delivery(("webhook-id", "msg_1"), ("webhook-timestamp", f"{now:.0f}"), ("webhook-signature", f"v1,{signature}"), body=body, now=now)


def _sns(body: bytes, now: float, secret: str) -> Delivery:
    sent_at = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    message = amazon.message(by="sns" if secret == SECRET else "somebody", Message=body.decode("utf-8", "replace"), Timestamp=sent_at)
    return delivery(body=amazon.body(message), now=now)


# SNS needs a `cafile` besides.
SENDERS: Mapping[str, Sender] = {
    "basic": Sender("basic", {"users": [{"name": "ann", "password": SECRET}]}, _basic),
    "bearer": Sender("bearer", {"secrets": [SECRET]}, lambda body, now, secret: delivery(("Authorization", f"Bearer {secret}"), body=body, now=now)),
    "client_certificate": Sender("client_certificate", {"subjects": [SECRET]}, _client_certificate),
    "github": Sender("github", {"secrets": [SECRET]}, _hmac("X-Hub-Signature-256", "sha256", "sha256=")),
    "gitlab": Sender("gitlab", {"secrets": [SECRET]}, lambda body, now, secret: delivery(("X-Gitlab-Token", secret), body=body, now=now)),
    "hmac": Sender("hmac", {"header": "X-Signature", "secrets": [SECRET]}, _hmac("X-Signature", "sha256")),
    "hmac-timestamp": Sender(
        "hmac",
        {"header": "X-Signature", "timestamp_header": "X-Timestamp", "tolerance": _LONGEST, "secrets": [SECRET]},
        _hmac("X-Signature", "sha256", timestamp_header="X-Timestamp"),
    ),
    "key": Sender("key", {"header": "X-Api-Key", "secrets": [SECRET]}, lambda body, now, secret: delivery(("X-Api-Key", secret), body=body, now=now)),
    "key-query": Sender("key", {"query": "code", "secrets": [SECRET]}, lambda body, now, secret: delivery(query=[("code", secret)], body=body, now=now)),
    "netbox": Sender("netbox", {"secrets": [SECRET]}, _hmac("X-Hook-Signature", "sha512")),
    "sns": Sender("sns", {"topics": [amazon.TOPIC]}, _sns),
    "standard_webhooks": Sender(
        "standard_webhooks", {"secrets": [f"whsec_{base64.b64encode(SECRET.encode()).decode()}"], "tolerance": _LONGEST}, _standard_webhooks
    ),
}
