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
_REGION = {"type": "string", "pattern": "^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$", "expected": "a region such as eu-central-1"}
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
    "region": _REGION,
    "accounts": {
        "type": "array",
        "minItems": 1,
        "maxItems": 100,
        "items": {
            "type": "object",
            "additionalProperties": False,
            "required": ["name"],
            "properties": {"name": _NAME, "regions": {"type": "array", "minItems": 1, "maxItems": 50, "uniqueItems": True, "items": _REGION}, **_ACCESS},
        },
    },
}


@dataclass(frozen=True)
class Accounts:
    """The places that there are, by the accounts' names."""

    places: Mapping[str, tuple[Place, ...]]

    def place(self, account: str | None, region: str | None, where: str, mistakes: Mistakes) -> Place | None:
        """Return the one place that is meant; what leaves it open goes to `mistakes`.

        :param account: None: the only one.
        :param region: None: the account's only one. One that the account does not list is right, too.
        """
        if account is None and len(self.places) > 1:
            mistakes.add(f"{where}.account", f"must be one of {', '.join(self.places)}")
            return None
        chosen = next(iter(self.places)) if account is None else account
        if chosen not in self.places:
            mistakes.add(f"{where}.account", f"must be one of {', '.join(self.places)}, got {chosen}")
            return None
        places = self.places[chosen]
        if region is not None:
            return Place(chosen, region, places[0].access)
        if len(places) > 1:
            mistakes.add(f"{where}.region", f"must be one of {', '.join(place.region for place in places)}")
            return None
        return places[0]

    def chosen(self, accounts: Sequence[str], regions: Sequence[str], where: str, mistakes: Mistakes) -> tuple[Place, ...]:
        """Return the places of some accounts and regions; none of either means all that there are."""
        for name in accounts:
            if name not in self.places:
                mistakes.add(f"{where}.accounts", f"must be among {', '.join(self.places)}, got {name}")
        found = [place for name in (accounts or self.places) for place in self.places.get(name, ())]
        if not regions:
            return tuple(found)
        accesses = {place.account: place.access for place in found}
        return tuple(Place(account, region, access) for account, access in accesses.items() for region in regions)


def read_accounts(given: Mapping[str, Any], environment: Mapping[str, str], mistakes: Mistakes) -> Accounts:
    """Take the accounts apart that the schema has checked (PROPERTIES).

    :param environment: where secrets, and the region of the usual chain, are looked up.
    """
    if "accounts" not in given:
        only = {key: given[key] for key in _ACCESS if key in given} | {"name": ONLY}
        if "region" in given:
            only["regions"] = [given["region"]]
        return Accounts({ONLY: _places(only, "", "region", environment, mistakes)})
    for key in (*_ACCESS, "region"):
        if key in given:
            mistakes.add(key, "stands beside accounts, so that it says nothing; write it in each of the accounts")
    found: dict[str, tuple[Place, ...]] = {}
    for number, account in enumerate(given["accounts"]):
        where = f"accounts[{number}]."
        if account["name"] in found:
            mistakes.add(f"{where}name", f"is that of another account, too: {account['name']}; call one of them differently")
        found[account["name"]] = _places(account, where, "regions", environment, mistakes)
    return Accounts(found)


def _places(account: Mapping[str, Any], where: str, region_key: str, environment: Mapping[str, str], mistakes: Mistakes) -> tuple[Place, ...]:
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
    regions = account.get("regions") or [found for found in [region_of(access.profile, environment, f"{where}profile", mistakes)] if found]
    if not regions:
        mistakes.add(f"{where}{region_key}", "must be given: neither AWS_REGION nor AWS_DEFAULT_REGION is set, and the profile names none")
    return tuple(Place(account["name"], region, access) for region in regions)
