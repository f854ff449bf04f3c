# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whose a NetBox object is: the virtual machine or the device that it is, is assigned to or belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.event import MAX_HOST_LENGTH

_HOSTS = ("virtualmachine", "device")
_FIELDS = {"virtual_machine": "virtualmachine", "device": "device"}
# What an object may be of, whatever it is: a service (since 4.3) of a machine or of an FHRP group, an address of an interface.
_OF_ANY_TYPE = {"parent": "parent_object_type", "assigned_object": "assigned_object_type"}


def host_of(model: str, thing: Mapping[str, Any]) -> str | None:
    """Return the name of the host that an object is about; None for what belongs to none.

    :param model: such as `ipaddress`.
    :param thing: the object, as the API of NetBox has it.
    """
    if model in _HOSTS:
        return _name(model, thing)
    owners = [thing]
    for field, type_field in _OF_ANY_TYPE.items():
        owner, its_model = thing.get(field), _model(thing.get(type_field))
        if owner is not None and its_model in _HOSTS:
            return _name(its_model, owner)
        if isinstance(owner, Mapping):
            owners.append(owner)  # an interface, which is a host's itself
    for owner in owners:
        for field, its_model in _FIELDS.items():
            if owner.get(field) is not None:
                return _name(its_model, owner[field])
    return None


def _model(object_type: Any) -> str | None:
    return object_type.rpartition(".")[2] if isinstance(object_type, str) else None


def _name(model: str, host: Any) -> str:
    """Return the name of a host, else what NetBox displays for one that has none, else its id: of these an inventory hardly has a host.

    Not nothing: what is about a host would run on the controller. And not a mistake: NetBox lets devices be without a name.
    """
    name, display, number = (host.get("name"), host.get("display"), host.get("id")) if isinstance(host, Mapping) else (None, None, host)
    if isinstance(name, str) and name:
        return name
    if isinstance(display, str) and display:
        return display[:MAX_HOST_LENGTH]
    is_id = isinstance(number, int) and number.bit_length() <= 64
    return f"{model} {number}" if is_id else f"a {model} without a name"
