# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who asks, and what they may. Users, tokens and permissions are not in the recorded schema; this follows NetBox's documentation."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime

from . import versions
from .errors import detail, forbidden
from .reader import Reader, Record

ACTIONS = {"GET": "view", "HEAD": "view", "POST": "add", "PUT": "change", "PATCH": "change", "DELETE": "delete"}
PREFIX = "nbt_"  # of a token of version 2


@dataclass(frozen=True)
class Actor:
    """A user with the token that was shown."""

    user: Record
    token: Record

    def may(self, action: str, object_type: str, reader: Reader, record: Record | None = None) -> bool:
        """Say whether the user may do something to objects of a type, and to one of them."""
        if self.user["is_superuser"]:
            return True
        return any(_covers(permission, action, object_type, record) for permission in _of(self.user, reader))

    def demand(self, action: str, object_type: str, reader: Reader, record: Record | None = None) -> None:
        """Refuse what the user or the token may not do."""
        if action != "view" and not self.token["write_enabled"]:
            raise forbidden()
        if not self.may(action, object_type, reader, record):
            raise forbidden()


def authenticate(header: str | None, reader: Reader, now: datetime) -> Actor:
    """Return who shows a token; NetBox answers 403 where others answer 401."""
    scheme, _space, value = (header or "").partition(" ")
    has_two = versions.has_tokens_of_version_2(reader.version)
    if scheme.lower() not in (("token", "bearer") if has_two else ("token",)):
        raise detail(403, "Authentication credentials were not provided.")
    # The prefix says which version it is, and not the scheme.
    version = 2 if has_two and value.startswith(PREFIX) else 1
    token = _find(version, value.strip(), reader)
    if token is None:
        raise detail(403, f"Invalid v{version} token" if has_two else "Invalid token")
    if not token["enabled"]:
        raise detail(403, "Token disabled")
    if token["expires"] is not None and token["expires"] <= now:
        raise detail(403, "Token expired")
    user = reader.get("users.user", token["user"])
    if not user["is_active"]:
        raise detail(403, "User inactive")
    return Actor(user, token)


def new_secret(version: int) -> tuple[str | None, str]:
    """Return the public key and the plain text of a new token."""
    return (None, secrets.token_hex(20)) if version == 1 else (secrets.token_hex(6), secrets.token_hex(20))


def written_out(token: Record) -> str:
    """Return a token as a client is given it."""
    return token["secret"] if token["version"] == 1 else f"{PREFIX}{token['key']}.{token['secret']}"


def header_of(token: str) -> str:
    """Return the header for a token as a client is given it."""
    return f"Bearer {token}" if token.startswith(PREFIX) else f"Token {token}"


def _find(version: int, value: str, reader: Reader) -> Record | None:
    for token in reader.all("users.token"):
        if token["version"] == version and hmac.compare_digest(written_out(token).encode(), value.encode()):
            return token
    return None


def _of(user: Record, reader: Reader) -> list[Record]:
    """Return the permissions of a user: those that name the user or a group of the user, or that these name."""
    groups = [reader.get("users.group", number) for number in user["groups"]]
    named = set(user["permissions"]).union(*(group["permissions"] for group in groups))
    return [
        found
        for found in reader.all("users.objectpermission")
        if found["enabled"] and (found["id"] in named or user["id"] in found["users"] or any(number in found["groups"] for number in user["groups"]))
    ]


def _covers(permission: Record, action: str, object_type: str, record: Record | None) -> bool:
    if action not in permission["actions"] or object_type not in permission["object_types"]:
        return False
    constraints = permission["constraints"]
    if not constraints or record is None:
        return True
    alternatives = constraints if isinstance(constraints, list) else [constraints]
    return any(all(_meets(record, name, wanted) for name, wanted in alternative.items()) for alternative in alternatives)


def _meets(record: Record, name: str, wanted: object) -> bool:
    field, _separator, how = name.partition("__")
    value = record.get(field.removesuffix("_id"), record.get(field))
    tests = {"": lambda: value == wanted, "in": lambda: value in wanted, "startswith": lambda: str(value).startswith(wanted)}
    if how not in tests:
        raise NotImplementedError(f"the double does not know the constraint {name}: add it to permissions.py")
    return tests[how]()
