# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Bring one object of NetBox to what was asked for, or only say what that would change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ansible_collections.eventops.infra.plugins.module_utils.netbox.client import NetBox
from ansible_collections.eventops.infra.plugins.module_utils.netbox.differences import Comparable, as_it_is, differences


@dataclass(frozen=True)
class Outcome:
    """What became of an object, and what it is now: in check mode, what it would be."""

    done: str  # created, changed, deleted, or "" when nothing was to be done
    now: Mapping
    before: Mapping = field(default_factory=dict)
    after: Mapping = field(default_factory=dict)

    @property
    def diff(self) -> dict:
        """The difference as Ansible shows it."""
        return {"before": dict(self.before), "after": dict(self.after)}


def ensure_present(netbox: NetBox, path: str, existing: Mapping | None, wanted: Mapping, check: bool, comparable: Comparable = as_it_is) -> Outcome:
    """Create an object, or change the fields of it that differ.

    Args:
        path: of the endpoint, such as `extras/webhooks`.
        existing: the object as it is, or None.
        wanted: the fields that were asked for.
        check: change nothing.
        comparable: brings the values of a field into the form in which they are compared and shown.
    """
    before, after = differences(existing or {}, wanted, comparable)
    if existing is None:
        now = dict(wanted) if check else netbox.create(path, wanted)
        return Outcome("created", now, {"state": "absent"}, {"state": "present", **after})
    if not after:
        return Outcome("", existing)
    sent = {name: wanted[name] for name in after}
    now = {**existing, **sent} if check else netbox.change(path, existing["id"], sent)
    return Outcome("changed", now, before, after)


def ensure_absent(netbox: NetBox, path: str, existing: Mapping | None, check: bool) -> Outcome:
    """Delete an object if it is there."""
    if existing is None:
        return Outcome("", {})
    if not check:
        netbox.delete(path, existing["id"])
    return Outcome("deleted", existing, {"state": "present"}, {"state": "absent"})
