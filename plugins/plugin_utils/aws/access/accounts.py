# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The accounts and regions that a source works with: one at the top of its arguments, or several under `accounts`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.web.secrets import SECRET_SCHEMA, read_secret

from .place import Access, Place
from .profiles import region_of

ONLY = "aws"  # what the only account is called, where it has no name

_NAME = {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", "expected": "a name of letters, digits, dots, dashes and underscores"}
REGION_SCHEMA = {"type": "string", "pattern": "^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$", "expected": "a region such as eu-central-1"}
_ACCESS = {
    "profile": {"type": "string", "minLength": 1},
    "role_arn": {
        "type": "string",
        "pattern": "^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]{1,512}$",
        "expected": "the ARN of a role, such as arn:aws:iam::123456789012:role/eventops",
    },
    "external_id": SECRET_SCHEMA,
    "web_identity_token_file": {"type": "string", "minLength": 1},
    "endpoint_url": {
        "type": "string",
        "pattern": r"^https?://[^\s/@?#]+(/[^\s?#]*)?$",
        "expected": "an address such as https://sqs.example.com, without a user or a password",
    },
}
PROPERTIES: Mapping[str, Any] = {
    **_ACCESS,
    "region": REGION_SCHEMA,
    "accounts": {
        "type": "array",
        "minItems": 1,
        "maxItems": 100,
        "items": {
            "type": "object",
            "additionalProperties": False,
            "required": ["name"],
            "properties": {"name": _NAME, "regions": {"type": "array", "minItems": 1, "maxItems": 50, "uniqueItems": True, "items": REGION_SCHEMA}, **_ACCESS},
        },
    },
}
# Of an entry that looks at some of them.
CHOSEN: Mapping[str, Any] = {
    "accounts": {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"type": "string", "minLength": 1}},
    "regions": {"type": "array", "minItems": 1, "uniqueItems": True, "items": REGION_SCHEMA},
}

_NO_REGION = "must be given: neither AWS_REGION nor AWS_DEFAULT_REGION is set, and the profile names none"


@dataclass(frozen=True)
class Account:
    """An account, with the regions to work in; none where nothing says one. `regions_at` is where they are written."""

    name: str
    access: Access
    regions: tuple[str, ...]
    regions_at: str

    @property
    def places(self) -> tuple[Place, ...]:
        return tuple(self.at(region) for region in self.regions)

    def at(self, region: str) -> Place:
        """Return the place in any region."""
        return Place(self.name, region, self.access)


@dataclass(frozen=True)
class Accounts:
    """The accounts that there are, by their names."""

    known: Mapping[str, Account]

    @property
    def places(self) -> tuple[Place, ...]:
        return tuple(place for account in self.known.values() for place in account.places)

    def place(self, account: str | None, region: str | None, where: str, mistakes: Mistakes) -> Place | None:
        """Return the one place that is meant; what leaves it open goes to `mistakes`.

        :param account: None: the only one.
        :param region: None: the account's only one. One that the account does not list is right, too.
        """
        if account is None and len(self.known) > 1:
            mistakes.add(f"{where}.account", f"must be one of {', '.join(self.known)}")
            return None
        chosen = self.known.get(next(iter(self.known)) if account is None else account)
        if chosen is None:
            mistakes.add(f"{where}.account", f"must be one of {', '.join(self.known)}, got {account}")
            return None
        if region is not None:
            return chosen.at(region)
        if len(chosen.regions) == 1:
            return chosen.places[0]
        mistakes.add(f"{where}.region", f"must be one of {', '.join(chosen.regions)}" if chosen.regions else _NO_REGION)
        return None

    def chosen(self, names: Sequence[str], regions: Sequence[str], where: str, mistakes: Mistakes) -> tuple[Place, ...]:
        """Return the places of some accounts and regions; none of either means all that there are."""
        for name in names:
            if name not in self.known:
                mistakes.add(f"{where}.accounts", f"must be among {', '.join(self.known)}, got {name}")
        found: list[Place] = []
        for account in (self.known[name] for name in (names or self.known) if name in self.known):
            if not regions and not account.regions:
                mistakes.add(account.regions_at, _NO_REGION)
            found += [account.at(region) for region in (regions or account.regions)]
        return tuple(found)


def read_accounts(given: Mapping[str, Any], environment: Mapping[str, str], mistakes: Mistakes) -> Accounts:
    """Take the accounts apart that the schema has checked (PROPERTIES).

    :param environment: where secrets, and the region of the usual chain, are looked up.
    """
    if "accounts" not in given:
        only = {key: given[key] for key in _ACCESS if key in given} | {"name": ONLY}
        regions = {"regions": [given["region"]]} if "region" in given else {}
        return Accounts({ONLY: _account({**only, **regions}, "", environment, mistakes)})
    for key in (*_ACCESS, "region"):
        if key in given:
            mistakes.add(key, "stands beside accounts, so that it says nothing; write it in each of the accounts")
    found: dict[str, Account] = {}
    for number, account in enumerate(given["accounts"]):
        where = f"accounts[{number}]."
        if account["name"] in found:
            mistakes.add(f"{where}name", f"is that of another account, too: {account['name']}; call one of them differently")
        found[account["name"]] = _account(account, where, environment, mistakes)
    return Accounts(found)


def _account(account: Mapping[str, Any], where: str, environment: Mapping[str, str], mistakes: Mistakes) -> Account:
    secret = read_secret(account["external_id"], f"{where}external_id", environment, mistakes) if "external_id" in account else None
    for key in ("external_id", "web_identity_token_file"):
        if key in account and "role_arn" not in account:
            mistakes.add(f"{where}{key}", "belongs to a role that is assumed, so role_arn must be given, too")
    token = account.get("web_identity_token_file")
    if token is not None and not Path(token).expanduser().is_file():
        mistakes.add(f"{where}web_identity_token_file", f"must be a file, but {token} is none")
    access = Access(
        profile=account.get("profile"),
        role_arn=account.get("role_arn"),
        external_id=secret,
        web_identity_token_file=str(Path(token).expanduser()) if token else None,
        endpoint_url=account.get("endpoint_url"),
    )
    by_chain = region_of(access.profile, environment, f"{where}profile", mistakes)
    regions = tuple(account.get("regions") or ([by_chain] if by_chain else []))
    return Account(account["name"], access, regions, f"{where}regions" if where else "region")
