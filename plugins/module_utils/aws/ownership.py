# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who made a thing in AWS: a tag on it says so, and what has another one is not touched."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.eventops.infra.plugins.module_utils.aws.errors import AWSError

TAG = "eventops:managed-by"
OWNED = {
    "owner": {"type": "str", "required": True},
    "tags": {"type": "dict", "default": {}},
    "state": {"type": "str", "default": "present", "choices": ["present", "absent"]},
}


class NotOurs(AWSError):
    """There is a thing of that name, and somebody else made it."""


def insist_on_owner(what: str, tags: Mapping[str, str], owner: str) -> None:
    """Raise NotOurs unless the tags of a thing say that this owner made it.

    Args:
        what: the thing as an error names it, such as "the queue eventops".
    """
    has = tags.get(TAG)
    if has == owner:
        return
    found = f"is {has!r} there" if has else "is missing there"
    raise NotOurs(
        f"{what} exists and was not made here, so it is left alone: its tag {TAG} should be {owner!r} and {found}. "
        "Choose another name, or delete it; where it is to be handed over, set the tag yourself"
    )


def wanted_tags(owner: str, tags: Mapping[str, object]) -> dict[str, str]:
    """Return the tags that a thing is to have, the owner's among them."""
    return {**{str(key): str(value) for key, value in tags.items()}, TAG: owner}


def as_pairs(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Return tags as most of AWS's services want them."""
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def as_mapping(pairs: object) -> dict[str, str]:
    """Return the tags of an answer of most of AWS's services."""
    return {pair["Key"]: pair["Value"] for pair in pairs or ()}
