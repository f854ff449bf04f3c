# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The scheme `bearer`: a token in the header Authorization (RFC 6750)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.web.secret_strength import require_token
from ansible_collections.eventops.infra.plugins.plugin_utils.web.secrets import SECRETS_SCHEMA, read_secrets

from .comparison import is_one_of
from .delivery import Delivery
from .sent import as_bytes, sent_header
from .verifier import NotAuthenticated

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["secrets"],
    "properties": {"secrets": SECRETS_SCHEMA},
}
_CHALLENGE = "Bearer"


@dataclass(frozen=True)
class Bearer:
    """Knows a sender by its token."""

    tokens: tuple[bytes, ...] = field(repr=False)
    reads_body: bool = False

    def verify(self, delivery: Delivery) -> None:
        """Raise NotAuthenticated when the token is none of those that are known."""
        scheme, _space, token = sent_header(delivery, "Authorization", _CHALLENGE).partition(" ")
        if scheme.lower() != "bearer":
            raise NotAuthenticated("the header Authorization must be: Bearer TOKEN", _CHALLENGE)
        if not is_one_of(as_bytes(token.strip(" ")), self.tokens):
            raise NotAuthenticated("the token is none of those that are known here", f'{_CHALLENGE} error="invalid_token"')


def make(settings: Mapping[str, Any], where: str, environment: Mapping[str, str], mistakes: Mistakes) -> Bearer | None:
    """Make a verifier of settings that the schema has checked; what is wrong with a token goes to `mistakes`."""
    tokens = read_secrets(settings["secrets"], f"{where}.secrets", environment, mistakes, require_token)
    return Bearer(tuple(token.encode() for token in tokens)) if tokens else None
