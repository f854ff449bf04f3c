# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the action plugins that talk to a router have in common: they run on the controller, and what they return is data that no template can come from."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.eventops.infra.plugins.plugin_utils.neutralize import neutralize

from .client import Router, RouterError

STORE = {"store": {"type": "path"}}


class RouterAction(ActionBase):
    """An action that asks a router. `ask` gets the validated arguments and returns the module's result; nothing is done on the play's host."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    ARGUMENTS: Mapping[str, Any] = {}
    RULES: Mapping[str, Any] = {}

    def run(self, tmp: object = None, task_vars: Mapping | None = None) -> dict:
        """Run the action."""
        result = super().run(tmp, task_vars)
        del tmp
        _validation, arguments = self.validate_argument_spec(argument_spec={**STORE, **self.ARGUMENTS}, **self.RULES)
        try:
            answer = self.ask(Router(arguments["store"]), arguments)
        except RouterError as error:
            # As a result and not raised, so that `failed_when` of the task has a say.
            answer = {"failed": True, "msg": str(error)}
        result.update(neutralize(answer)[0])
        return result

    @abstractmethod
    def ask(self, router: Router, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Ask the router. Raises RouterError."""

    def difference(self, before: object, after: object) -> dict[str, str]:
        """Write two states down for `--diff`."""
        return {"before": _lines(before), "after": _lines(after)}


def given(arguments: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return those of some arguments that were given."""
    return {name: arguments[name] for name in names if arguments[name] is not None}


def _lines(value: object) -> str:
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
