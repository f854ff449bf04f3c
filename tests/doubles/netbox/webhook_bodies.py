# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The bodies of webhooks, by version: 4.6.8 is recorded, the others differ as NetBox's release notes say."""

from __future__ import annotations

import hmac
import json

from jinja2.sandbox import SandboxedEnvironment

from . import versions
from .reader import Record
from .transaction import Event


def context(event: Event, version: str, timestamp: str) -> dict[str, object]:
    """Return what a webhook tells of an event."""
    told: dict[str, object] = {"event": event.type, "timestamp": timestamp}
    if versions.is_before(version, "4.5"):
        told["model"] = event.model.key
    else:
        told["object_type"] = event.model.type
    if versions.is_before(version, "4.7"):
        told |= {"username": event.request.user_name, "request_id": event.request.id}
    told["data"] = event.data
    if not versions.is_before(version, "4.6"):
        told["request"] = {"id": event.request.id, "method": event.request.method, "path": event.request.path, "user": event.request.user_name}
    return told | {"snapshots": {"prechange": event.before, "postchange": event.after}}


def body(webhook: Record, told: dict[str, object]) -> bytes:
    """Return the body: the webhook's template, or JSON."""
    if webhook["body_template"]:
        return _rendered(webhook["body_template"], told).encode()
    return json.dumps(told).encode()


def headers(webhook: Record, told: dict[str, object], content: bytes) -> dict[str, str]:
    """Return the headers of a delivery; nothing but the signature says whose it is."""
    found = {"Accept-Encoding": "identity", "User-Agent": "python-urllib3/2.8.0", "Content-Type": webhook["http_content_type"]}
    for line in _rendered(webhook["additional_headers"], told).splitlines():
        name, colon, value = line.partition(":")
        if colon:
            found[name.strip()] = value.strip()
    if webhook["secret"]:
        found["X-Hook-Signature"] = hmac.new(webhook["secret"].encode(), content, "sha512").hexdigest()
    return found


def _rendered(template: str, told: dict[str, object]) -> str:
    return SandboxedEnvironment(autoescape=False).from_string(template).render(told)
