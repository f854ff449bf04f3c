# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Senders whose way to be known is documented: schemes that need nothing but the secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.web.secrets import SECRETS_SCHEMA

from . import hmac_signature, key
from .verifier import Make, Scheme, Verifier

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["secrets"],
    "properties": {"secrets": SECRETS_SCHEMA},
}


def _preset(make: Make, **fixed: str) -> Scheme:
    def make_preset(settings: Mapping[str, Any], where: str, environment: Mapping[str, str], mistakes: Mistakes) -> Verifier | None:
        return make({**fixed, **settings}, where, environment, mistakes)

    return Scheme(SCHEMA, make_preset)


# netbox/extras/webhooks.py: generate_signature
NETBOX = _preset(hmac_signature.make, header="X-Hook-Signature", algorithm="sha512")

# GitHub Docs, "Validating webhook deliveries" and "Webhook events and payloads", delivery headers
GITHUB = _preset(hmac_signature.make, header="X-Hub-Signature-256", prefix="sha256=", algorithm="sha256", id_header="X-GitHub-Delivery")

# GitLab Docs, "Webhooks", secret token: sent as it is
GITLAB = _preset(key.make, header="X-Gitlab-Token")
