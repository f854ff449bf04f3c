# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How a host that NetBox documents is reached: the connection variables that are read from its object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.connections import InvalidConnection, connection_variables

from .fields import field_at

ADDRESS, USER, PORT = "ansible_host", "ansible_user", "ansible_port"
DEFAULT_PATHS: Mapping[str, str] = {ADDRESS: "primary_ip", USER: "custom_fields.login_user"}


def reach(thing: Mapping[str, Any], paths: Mapping[str, str]) -> tuple[dict[str, Any], str]:
    """Return an object's connection variables, and what is wrong with them: nothing, or why there are none.

    :param thing: the object, read from the API: a webhook may not say where playbooks connect.
    :param paths: where each variable is found in it.
    """
    variables = {name: _plain(field_at(thing, path)) for name, path in paths.items()}
    given = {name: value for name, value in variables.items() if value not in (None, "")}
    if ADDRESS not in given:
        return {}, f"{paths.get(ADDRESS, ADDRESS)} is not set"
    try:
        return connection_variables(given), ""
    except InvalidConnection as error:
        return {}, str(error)


def _plain(value: Any) -> Any:
    """Return what is meant: of an address, which NetBox writes as an object with `address`, that without its mask; of a choice its value."""
    if isinstance(value, Mapping):
        value = value.get("address", value.get("value"))
    return value.partition("/")[0] if isinstance(value, str) and value.count("/") == 1 else value
