# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The scheme `basic`: a name and a password in the header Authorization (RFC 7617), in UTF-8."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.web.secret_strength import require_length
from ansible_collections.eventops.infra.plugins.plugin_utils.web.secrets import SECRET_SCHEMA, read_secret

from .comparison import is_one_of
from .delivery import Delivery
from .sent import as_bytes, sent_header
from .verifier import NotAuthenticated

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["users"],
    "properties": {
        "users": {
            "type": "array",
            "minItems": 1,
            "maxItems": 100,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["name", "password"],
                "properties": {
                    # RFC 7617 section 2: a colon ends the name, and control characters stand in neither.
                    "name": {"type": "string", "pattern": r"^[^:\x00-\x1f\x7f]{1,255}$", "expected": "a user's name: up to 255 characters, no colon"},
                    "password": SECRET_SCHEMA,
                },
            },
        }
    },
}
_CHALLENGE = 'Basic realm="eventops", charset="UTF-8"'


@dataclass(frozen=True)
class Basic:
    """Knows a sender by its name and password, which are compared as one."""

    users: tuple[bytes, ...] = field(repr=False)
    reads_body: bool = False

    def verify(self, delivery: Delivery) -> None:
        """Raise NotAuthenticated when no user has this name and this password."""
        scheme, _space, credentials = sent_header(delivery, "Authorization", _CHALLENGE).partition(" ")
        if scheme.lower() != "basic":
            raise NotAuthenticated("the header Authorization must be: Basic CREDENTIALS", _CHALLENGE)
        try:
            given = base64.b64decode(as_bytes(credentials.strip(" ")), validate=True)
        except binascii.Error:
            raise NotAuthenticated("the credentials after Basic must be NAME:PASSWORD in base64", _CHALLENGE) from None
        if not is_one_of(given, self.users):
            raise NotAuthenticated("the name and password are none of those that are known here", _CHALLENGE)


def make(settings: Mapping[str, Any], where: str, environment: Mapping[str, str], mistakes: Mistakes) -> Basic | None:
    """Make a verifier of settings that the schema has checked; what is wrong with a password goes to `mistakes`."""
    users = []
    for number, user in enumerate(settings["users"]):
        place = f"{where}.users[{number}]"
        password = read_secret(user["password"], f"{place}.password", environment, mistakes)
        if password is None or not require_length(password, f"{place}.password", mistakes):
            continue
        known = f"{user['name']}:{password}".encode()
        if known in users:
            mistakes.add(place, "is the same as another; leave one out")
        users.append(known)
    return Basic(tuple(users)) if users else None
