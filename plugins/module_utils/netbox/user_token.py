# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An API token of a user: NetBox has it, and a file has what NetBox shows only once."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping

from ansible_collections.eventops.infra.plugins.module_utils.netbox.client import NetBox, NetBoxError
from ansible_collections.eventops.infra.plugins.module_utils.netbox.ensuring import Outcome, ensure_absent, ensure_present
from ansible_collections.eventops.infra.plugins.module_utils.netbox.release import TOKENS_V2
from ansible_collections.eventops.infra.plugins.module_utils.netbox.token_file import TokenFile

_ENDPOINT = "users/tokens"
_MANAGED = ("write_enabled", "enabled", "allowed_ips")
_LENGTH_BYTES = 20  # 40 hexadecimal digits: what NetBox before 4.5 wants of a key


class TokenOfUser:
    """The token of a user with a description.

    Args:
        netbox: where it is.
        data: the option of the module; None is what was left out.
        file: what keeps the token.
        check: change nothing.
        warn: told of what cannot be known in check mode.
    """

    def __init__(self, netbox: NetBox, data: Mapping, file: TokenFile | None, check: bool, warn: Callable[[str], object]) -> None:
        self._netbox, self._data, self._file, self._check, self._warn = netbox, data, file, check, warn

    def present(self, renew: bool) -> Outcome:
        """Create the token, or bring the one that is there to what was asked for.

        Raises:
            NetBoxError: there is no such user, NetBox refuses, or the token is there and the file has another.
            OSError: the file cannot be read or written.
        """
        user = self._user()
        existing = self._existing(user)
        if existing is None:
            return self._create(user)
        if self._file.holds(existing):
            return self._private(ensure_present(self._netbox, _ENDPOINT, existing, self._managed(), self._check, _comparable))
        if not renew:
            raise NetBoxError(
                f"NetBox has the token {self._data['description']} of {self._data['user']}, and {self._file.path} does not have it: NetBox showed it once, "
                "when it was created. Copy the file from where it was written, or renew the token, which ends the one that is there"
            )
        created = self._create(user)
        ensure_absent(self._netbox, _ENDPOINT, existing, self._check)
        return Outcome("renewed", created.now, {"state": "present"}, {"state": "renewed"})

    def absent(self) -> Outcome:
        """Delete the token and its file."""
        user = self._netbox.find_one("users/users", username=self._data["user"])
        existing = self._existing(user)
        if existing is not None and self._file is not None and not self._check and self._file.holds(existing):
            self._file.remove()
        return ensure_absent(self._netbox, _ENDPOINT, existing, self._check)

    def _user(self) -> Mapping | None:
        user = self._netbox.find_one("users/users", username=self._data["user"])
        if user is None and not self._check:
            raise NetBoxError(f"data.user: NetBox has no user {self._data['user']}; make it first")
        if user is None:
            self._warn(f"NetBox has no user {self._data['user']} yet; the token needs one")
        return user

    def _existing(self, user: Mapping | None) -> Mapping | None:
        if user is None:
            return None
        tokens = self._netbox.find(_ENDPOINT, user_id=user["id"], description=self._data["description"])
        own = [token for token in tokens if token["user"]["id"] == user["id"]]  # a filter that NetBox does not know is ignored
        # The newest, where renewing was interrupted before the old one was deleted.
        return max(own, key=lambda token: token["id"]) if own else None

    def _managed(self) -> dict:
        return {name: self._data[name] for name in _MANAGED if self._data[name] is not None}

    def _create(self, user: Mapping | None) -> Outcome:
        with_versions = self._netbox.release() >= TOKENS_V2
        wanted = {"user": user and user["id"], "description": self._data["description"], **self._managed()}
        if with_versions:
            wanted["version"] = self._data["version"] or 2
        elif self._data["version"] == 2:
            raise NetBoxError("data.version: tokens of version 2 came with NetBox 4.5; this one is older")
        outcome = Outcome("created", wanted, {"state": "absent"}, {"state": "present", **wanted})
        if self._check:
            return outcome
        with self._file.place() as place:
            # Before 4.5 NetBox shows a key only where its configuration allows it; one that is handed in need not be shown.
            key = {} if with_versions else {"key": secrets.token_hex(_LENGTH_BYTES)}
            created = self._netbox.create(_ENDPOINT, {**wanted, **key})
            place.write(_whole({**created, **key}))
        return Outcome("created", created, outcome.before, outcome.after)

    def _private(self, outcome: Outcome) -> Outcome:
        if self._file.is_private:
            return outcome
        if not self._check:
            self._file.make_private()
        return Outcome(outcome.done or "file made private", outcome.now, {**outcome.before, "mode": "others may read it"}, {**outcome.after, "mode": "0600"})


def _comparable(field: str, value: object) -> object:
    if field == "allowed_ips":
        return sorted(address["address"] if isinstance(address, Mapping) else str(address) for address in value or [])
    return value


def _whole(created: Mapping) -> str:
    """Return a token that was just created as it is sent to NetBox.

    Raises:
        NetBoxError: NetBox did not show it.
    """
    token = created.get("token") or created.get("key")
    if not token or (created.get("version") == 2 and not created.get("token")):
        raise NetBoxError("expected NetBox to show the new token, and it did not; delete it in NetBox")
    if created.get("version") != 2 or token.startswith("nbt_"):
        return token
    return f"nbt_{created['key']}.{token}"
