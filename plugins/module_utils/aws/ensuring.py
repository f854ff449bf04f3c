# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Bring one thing in AWS to what was asked for, or only say what that would change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.eventops.infra.plugins.module_utils.aws.errors import AWSError
from ansible_collections.eventops.infra.plugins.module_utils.aws.ownership import insist_on_owner, wanted_tags


@dataclass(frozen=True)
class Outcome:
    """What became of a thing, and what it is now: in check mode, what it would be."""

    done: str  # created, changed, deleted, or "" when nothing was to be done
    now: Mapping
    before: Mapping = field(default_factory=dict)
    after: Mapping = field(default_factory=dict)


class Thing(Protocol):
    """One kind of thing in AWS."""

    what: str  # as a message names it, such as "queue eventops"

    def find(self) -> dict | None:
        """Return the fields of it, without its tags, or None when there is none."""

    def tags(self) -> dict[str, str]:
        """Return the tags of what was found."""

    def comparable(self, name: str, value: object) -> object:
        """Return the value of a field in a form that is equal where the values mean the same."""

    def create(self, wanted: Mapping, tags: Mapping[str, str]) -> None:
        """Create it with its tags in the same request, so that what was interrupted is known for ours."""

    def change(self, wanted: Mapping, differing: Mapping) -> None:
        """Set the fields that differ, a part of those that are wanted."""

    def tag(self, tags: Mapping[str, str]) -> None:
        """Set tags; others stay."""

    def delete(self) -> None:
        """Delete it."""


def ensure(thing: Thing, wanted: Mapping, owner: str, tags: Mapping, absent: bool, check: bool) -> Outcome:
    """Create, change or delete a thing, when that is its owner's right.

    Args:
        wanted: the fields that were asked for.
        owner: the value of the tag that says who made it.
        tags: further tags.
        absent: whether it is to be gone.
        check: change nothing.

    Raises:
        NotOurs: there is one of that name that another made.
        AWSError: AWS refused.
    """
    existing = thing.find()
    if existing is None:
        return Outcome("", {}) if absent else _created(thing, wanted, wanted_tags(owner, tags), check)
    has = thing.tags()
    insist_on_owner(f"the {thing.what}", has, owner)
    if absent:
        if not check:
            thing.delete()
        return Outcome("deleted", existing, {"state": "present"}, {"state": "absent"})
    return _changed(thing, existing, wanted, has, wanted_tags(owner, tags), check)


def run(module: AnsibleModule, thing: Thing, wanted: Mapping, returned_as: str) -> None:
    """Do what a module was asked for, and end it.

    Args:
        wanted: the fields that were asked for.
        returned_as: the name of what is returned.
    """
    given = module.params
    try:
        outcome = ensure(thing, wanted, given["owner"], given["tags"], given["state"] == "absent", module.check_mode)
    except AWSError as error:
        module.fail_json(msg=str(error))
    module.exit_json(
        changed=bool(outcome.done),
        diff={"before": dict(outcome.before), "after": dict(outcome.after)},
        msg=f"{thing.what} {outcome.done or 'is as it should be' if outcome.now else 'is not there'}",
        **{returned_as: {"name": given["name"], **outcome.now}},
    )


def _created(thing, wanted, tags, check):
    if not check:
        thing.create(wanted, tags)
    return Outcome("created", dict(wanted), {"state": "absent"}, {"state": "present", **wanted, "tags": tags})


def _changed(thing, existing, wanted, has, wants, check):
    before, after = _differences(existing, wanted, thing.comparable)
    tags_before, tags_after = _differences(has, wants, lambda name, value: value)
    if after and not check:
        thing.change(wanted, {name: wanted[name] for name in after})
    if tags_after and not check:
        thing.tag(tags_after)
    if tags_after:
        before, after = {**before, "tags": tags_before}, {**after, "tags": tags_after}
    return Outcome("changed" if after else "", {**existing, **wanted}, before, after)


def _differences(existing: Mapping, wanted: Mapping, comparable: Callable[[str, object], object]) -> tuple[dict, dict]:
    before, after = {}, {}
    for name in sorted(wanted):
        if comparable(name, existing.get(name)) != comparable(name, wanted[name]):
            before[name], after[name] = existing.get(name), wanted[name]
    return before, after
