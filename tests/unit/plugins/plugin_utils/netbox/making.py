# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Rows of the change log and objects, as short as a test can read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.change import CREATED, UPDATED, Change, change_of

VM = "virtualization.virtualmachine"
BEGAN = datetime(2026, 11, 20, 20, 35, tzinfo=UTC)


def at(seconds: float) -> datetime:
    """Return a time, so many seconds after the beginning."""
    return BEGAN + timedelta(seconds=seconds)


def flat(**fields: Any) -> dict[str, Any]:
    """Return a virtual machine as the change log has it."""
    return {
        "name": "web01",
        "status": "active",
        "primary_ip4": None,
        "primary_ip6": None,
        "comments": "",
        "tags": [],
        "custom_fields": {"login_user": "debian"},
        "local_context_data": None,
        **fields,
    }


def vm(**fields: Any) -> dict[str, Any]:
    """Return a virtual machine as the API has it."""
    return {
        "id": 1,
        "name": "web01",
        "display": "web01",
        "status": {"value": "active", "label": "Active"},
        "primary_ip": None,
        "primary_ip4": None,
        "primary_ip6": None,
        "tags": [],
        "custom_fields": {"login_user": "debian"},
        "config_context": {},
        "created": "2026-11-20T20:35:00.000000Z",
        **fields,
    }


def address(text: str, number: int = 1) -> dict[str, Any]:
    """Return an address as the API nests it."""
    return {"id": number, "address": text, "display": text, "family": {"value": 4, "label": "IPv4"}}


def addressed(text: str = "10.0.0.11/24", **fields: Any) -> dict[str, Any]:
    """Return a virtual machine that has a primary address."""
    return vm(primary_ip=address(text), primary_ip4=address(text), **fields)


def row(
    number: int, action: str, before: dict[str, Any] | None, after: dict[str, Any] | None, *, request: str = "r", object_id: int = 1, type_: str = VM
) -> Change:
    """Return a change, `number` seconds after the beginning."""
    name = (after or before or {}).get("name", "")
    return change_of(
        {
            "id": number,
            "time": at(number).isoformat().replace("+00:00", "Z"),
            "user": {"id": 1, "username": "admin"},
            "user_name": "admin",
            "request_id": f"{request}{number}",
            "action": {"value": action, "label": action},
            "changed_object_type": type_,
            "changed_object_id": object_id,
            "object_repr": name,
            "prechange_data": before,
            "postchange_data": after,
        }
    )


def created(number: int = 1, **fields: Any) -> Change:
    """Return the creation of the virtual machine."""
    found = row(number, "create", None, flat(**fields))
    assert found.action == CREATED
    return found


def updated(number: int, before: dict[str, Any], after: dict[str, Any]) -> Change:
    """Return an update of the virtual machine."""
    found = row(number, "update", flat(**before), flat(**after))
    assert found.action == UPDATED
    return found


def deleted(number: int, **fields: Any) -> Change:
    """Return the end of the virtual machine."""
    return row(number, "delete", flat(**fields), None)
