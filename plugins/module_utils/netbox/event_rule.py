# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An event rule as it is sent to NetBox, with names looked up."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ansible_collections.eventops.infra.plugins.module_utils.netbox.client import NetBox, NetBoxError
from ansible_collections.eventops.infra.plugins.module_utils.netbox.conditions import canonical
from ansible_collections.eventops.infra.plugins.module_utils.netbox.differences import as_it_is
from ansible_collections.eventops.infra.plugins.module_utils.netbox.event_types import OF_OBJECTS, switches
from ansible_collections.eventops.infra.plugins.module_utils.netbox.release import EVENT_TYPES
from ansible_collections.eventops.infra.plugins.module_utils.netbox.tags import slugs, tags_of

# What a rule does -> the type of the object that it does it with, and where that is found.
ACTIONS = {
    "webhook": ("extras.webhook", "extras/webhooks"),
    "script": ("extras.script", "extras/scripts"),
    "notification": ("extras.notificationgroup", "extras/notification-groups"),
}
_AS_GIVEN = ("name", "object_types", "enabled", "description")


def wanted_rule(netbox: NetBox, data: Mapping, existing: Mapping | None, not_there_yet: Callable[[str], object] | None) -> dict:
    """Return the fields of a rule that were asked for, as NetBox takes them.

    Args:
        data: the option of the module; None is what was left out.
        existing: the rule as it is, or None.
        not_there_yet: told of an action's object that does not exist, in check mode; without it that is an error.

    Raises:
        NetBoxError: what a new rule needs was left out, or a name means nothing.
    """
    missing = [name for name in ("object_types", "action_object") if existing is None and data[name] in (None, "", [])]
    if missing:
        raise NetBoxError(f"the event rule {data['name']} does not exist, and a new one needs {' and '.join(f'data.{name}' for name in missing)}")
    wanted = {name: data[name] for name in _AS_GIVEN if data[name] is not None}
    event_types = data["event_types"] or (list(OF_OBJECTS) if existing is None else None)
    if event_types:
        wanted.update({"event_types": event_types} if netbox.release() >= EVENT_TYPES else switches(event_types))
    if data["conditions"] is not None:
        wanted["conditions"] = data["conditions"] or None
    if data["action_object"] is not None:
        wanted.update(_action(netbox, data["action_type"], data["action_object"], not_there_yet))
    if data["tags"] is not None:
        wanted["tags"] = tags_of(netbox, data["tags"])
    return wanted


def comparable(field: str, value: object) -> object:
    """Return the value of a rule's field in the form in which it is compared and shown."""
    if field in ("object_types", "event_types"):
        return sorted(value or [])
    if field == "conditions":
        return canonical(value)
    return slugs(value) if field == "tags" else as_it_is(field, value)


def _action(netbox: NetBox, action_type: str, written: object, not_there_yet: Callable[[str], object] | None) -> dict:
    object_type, endpoint = ACTIONS[action_type]
    number = written
    if isinstance(written, bool) or not isinstance(written, (int, str)):
        raise NetBoxError(f"data.action_object: must be the name of a {action_type} or its number, got {written!r}")
    if isinstance(written, str):
        found = netbox.find_one(endpoint, name=written)
        if found is None and not_there_yet is None:
            raise NetBoxError(f"data.action_object: NetBox has no {action_type} with the name {written}; make it first")
        if found is None:
            not_there_yet(f"NetBox has no {action_type} with the name {written} yet; the rule needs one")
        number = found and found["id"]
    return {"action_type": action_type, "action_object_type": object_type, "action_object_id": number}
