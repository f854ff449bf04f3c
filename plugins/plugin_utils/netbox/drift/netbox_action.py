# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the action plugins of the comparison have in common: they run on the controller, and what they return is data that no template can come from."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.drift.api import NetBox, NetBoxError
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.drift.documented import NotNetBox
from ansible_collections.eventops.infra.plugins.plugin_utils.neutralize import neutralize

CONNECTION = {
    "url": {"type": "str", "required": True},
    "token": {"type": "str", "required": True, "no_log": True},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "timeout": {"type": "float", "default": 30},
}


class NetBoxAction(ActionBase):
    """An action that asks a NetBox. `ask` gets the validated arguments and returns the module's result; nothing is done on the play's host."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    ARGUMENTS: Mapping[str, Any] = {}

    def run(self, tmp: object = None, task_vars: Mapping | None = None) -> dict:
        """Run the action."""
        result = super().run(tmp, task_vars)
        del tmp
        _validation, arguments = self.validate_argument_spec(argument_spec={**CONNECTION, **self.ARGUMENTS})
        try:
            answer = self.ask(_netbox(arguments), arguments, task_vars or {})
        except (NetBoxError, NotNetBox) as error:
            # As a result and not raised, so that `failed_when` of the task has a say.
            answer = {"failed": True, "msg": str(error)}
        result.update(neutralize(answer)[0])
        return result

    @abstractmethod
    def ask(self, netbox: NetBox, arguments: Mapping[str, Any], task_vars: Mapping[str, Any]) -> dict[str, Any]:
        """Ask NetBox. Raises NetBoxError and NotNetBox."""


def _netbox(arguments: Mapping[str, Any]) -> NetBox:
    return NetBox(
        arguments["url"],
        arguments["token"],
        validate_certs=arguments["validate_certs"],
        ca_path=arguments["ca_path"],
        timeout_seconds=arguments["timeout"],
    )
