# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read what NetBox documents of hosts: the module eventops.infra.netbox_host_info, which runs on the controller."""

from __future__ import annotations

from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.drift.netbox_action import NetBoxAction
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.drift.search import Wanted, search


class ActionModule(NetBoxAction):
    """Find hosts in NetBox by their names."""

    ARGUMENTS = {
        "hosts": {
            "type": "list",
            "elements": "dict",
            "required": True,
            "options": {
                "host": {"type": "str", "required": True},
                "name": {"type": "str"},
                "site": {"type": "str", "default": ""},
                "cluster": {"type": "str", "default": ""},
            },
        },
    }

    def ask(self, netbox, arguments, task_vars):
        del task_vars
        wanted = [Wanted(each["host"], each["name"] or each["host"], each["site"], each["cluster"]) for each in arguments["hosts"]]
        found = search(netbox, wanted)
        return {"changed": False, "hosts": {host: each.as_dict() for host, each in found.hosts.items()}, "problems": dict(found.problems)}
