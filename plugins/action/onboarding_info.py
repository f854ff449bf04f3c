# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read what NetBox asks for on a host, and refuse what is not allowed: the module eventops.infra.onboarding_info, which runs on the controller."""

from __future__ import annotations

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.eventops.infra.plugins.plugin_utils.nesting import TooDeep
from ansible_collections.eventops.infra.plugins.plugin_utils.neutralize import neutralize
from ansible_collections.eventops.infra.plugins.plugin_utils.onboarding.by_hand import documented_by
from ansible_collections.eventops.infra.plugins.plugin_utils.onboarding.documented import LeftOut, NotDocumented, documented_about, is_of_netbox
from ansible_collections.eventops.infra.plugins.plugin_utils.onboarding.fetching import fetch
from ansible_collections.eventops.infra.plugins.plugin_utils.onboarding.work import CONTEXT, STEPS, NotAllowed, Rules, work_for
from ansible_collections.eventops.infra.plugins.plugin_utils.router.control.client import Router, RouterError

ARGUMENTS = {
    "roles": {"type": "raw"},
    "roles_key": {"type": "str", "default": "ansible_roles"},
    "variables_key": {"type": "str", "default": "ansible_vars"},
    "allowed_roles": {"type": "list", "elements": "str", "default": []},
    "allowed_variables": {"type": "list", "elements": "str"},
    "on_update": {"type": "dict", "default": {}},
    "host_key_field": {"type": "str", "default": "custom_fields.ssh_host_key"},
    "host_key_needed": {"type": "bool", "default": False},
    "store": {"type": "path"},
}


class ActionModule(ActionBase):
    """Find the work for one host."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        del tmp
        _validation, arguments = self.validate_argument_spec(argument_spec=ARGUMENTS)
        rules = _rules(arguments)
        try:
            documented, of_event = self._documented(task_vars or {}, rules, arguments["store"])
            work = work_for(documented, rules, roles=arguments["roles"], needs_host_key=arguments["host_key_needed"])
        except (NotDocumented, NotAllowed, RouterError, TooDeep) as error:
            # As text that nothing evaluates: names of roles come from NetBox.
            return {**result, "failed": True, "msg": neutralize(f"Nothing was done. {error}.")[0]}
        found = {
            "steps": work.steps,
            "roles": work.roles,
            "variables": work.variables,
            "host_keys": work.host_keys,
            "changed_fields": work.changed,
            "of_event": of_event,
        }
        return {**result, "changed": False, **neutralize(found)[0]}

    def _documented(self, variables, rules, store):
        """Read the event, or else the host's variables, raw: with stock ansible-rulebook the text of an event is a template that Ansible would evaluate."""
        eda = variables.get("ansible_eda")
        event = eda.get("event") if isinstance(eda, dict) else None
        if not is_of_netbox(event):
            names = (CONTEXT, rules.host_key_field.partition(".")[0], rules.roles_key, rules.variables_key)
            return documented_by(neutralize({name: variables[name] for name in names if name in variables})[0], rules), False
        found = documented_about(variables["inventory_hostname"], neutralize(event)[0])
        return (fetch(found.case, Router(store)) if isinstance(found, LeftOut) else found), True


def _rules(arguments):
    on_update = arguments["on_update"]
    for name, steps in on_update.items():
        if not isinstance(steps, list) or not all(step in STEPS for step in steps):
            raise AnsibleActionFail(f"on_update.{name}: must be a list of {' and '.join(STEPS)}, got {steps!r}")
    return Rules(
        roles_key=arguments["roles_key"],
        variables_key=arguments["variables_key"],
        roles=tuple(arguments["allowed_roles"]),
        variables=None if arguments["allowed_variables"] is None else tuple(arguments["allowed_variables"]),
        on_update=on_update,
        host_key_field=arguments["host_key_field"],
    )
