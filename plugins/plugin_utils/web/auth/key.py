# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The scheme `key`: an API key in a header or in the URL's query, such as EventBridge's API destinations and Event Grid send."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.web.secret_strength import require_token
from ansible_collections.eventops.infra.plugins.plugin_utils.web.secrets import SECRETS_SCHEMA, read_secrets

from .comparison import is_one_of
from .delivery import Delivery
from .scheme_settings import HEADER_SCHEMA
from .sent import as_bytes, sent_header, sent_parameter
from .verifier import NotAuthenticated

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["secrets"],
    "oneOf": [{"required": ["header"]}, {"required": ["query"]}],
    "properties": {
        "header": HEADER_SCHEMA,
        "query": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,100}$", "expected": "the name of a parameter: letters, digits, . _ -"},
        "secrets": SECRETS_SCHEMA,
    },
}


@dataclass(frozen=True)
class Key:
    """Knows a sender by its key, in a header, or where `header` is None in the query."""

    header: str | None
    query: str | None
    keys: tuple[bytes, ...] = field(repr=False)
    reads_body: bool = False

    def verify(self, delivery: Delivery) -> None:
        """Raise NotAuthenticated when the key is none of those that are known."""
        given = sent_header(delivery, self.header) if self.header is not None else sent_parameter(delivery, self.query or "")
        if not is_one_of(as_bytes(given), self.keys):
            raise NotAuthenticated(f"the key in {self.header or self.query} is none of those that are known here")


def make(settings: Mapping[str, Any], where: str, environment: Mapping[str, str], mistakes: Mistakes) -> Key | None:
    """Make a verifier of settings that the schema has checked; what is wrong with a key goes to `mistakes`."""
    keys = read_secrets(settings["secrets"], f"{where}.secrets", environment, mistakes, require_token)
    return Key(settings.get("header"), settings.get("query"), tuple(key.encode() for key in keys)) if keys else None
