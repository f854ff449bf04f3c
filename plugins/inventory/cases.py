# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: cases
short_description: Hosts of the router's open cases
version_added: 0.1.0
author:
  - eventops.infra contributors (@eventops)
description:
  - Yields the hosts of the cases that the router O(ignore:eventops.infra.router) has open, and C(localhost), from a small file that the
    router keeps beside its store. A playbook can reach a host that an event has just made known, before any other inventory source has
    heard of it.
  - Where a source of this collection has read from an authority how a host is reached, the host has C(ansible_host),
    C(ansible_user) and C(ansible_port) from there. The body of a webhook never says so.
  - It stands beside your own inventory, in the same directory. What you say about a host stands. A name that any other source of the
    inventory has, before or after this one, gets no variable from here.
  - Variables from here are data. They are not evaluated as templates.
notes:
  - Hosts are added when all sources of the inventory have been read, so sources that build on others, such as
    P(ansible.builtin.constructed#inventory), do not see them.
  - With C(localhost) in the inventory, the pattern C(all) matches it, too. Playbooks that ansible-rulebook starts are limited to
    their own hosts.
options:
  plugin:
    description:
      - Marks the file as one for this plugin. Its name must be C(eventops.yml) or end in C(.eventops.yml) (or C(.yaml)).
    type: str
    required: true
    choices:
      - eventops.infra.cases
  store:
    description:
      - The path of the router's store. The router sets it in its environment, so playbooks that ansible-rulebook starts know it.
      - Without it, or when no router has used that store yet, there is C(localhost) only.
    type: str
    env:
      - name: EVENTOPS_STORE
"""

EXAMPLES = r"""
# /etc/eventops/inventory/cases.eventops.yml, beside hosts.ini and group_vars.
# To see what playbooks see: EVENTOPS_STORE=/var/lib/eventops/store.db ansible-inventory -i /etc/eventops/inventory --list
plugin: eventops.infra.cases
"""

import json
import os

from ansible.errors import AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin
from ansible.utils.unsafe_proxy import wrap_var

try:
    from ansible.template import trust_as_template
except ImportError:  # before ansible-core 2.19, every string is a template that is not marked as unsafe

    def trust_as_template(value):
        return value


class InventoryModule(BaseInventoryPlugin):
    """Yield localhost and the hosts of open cases, wherever no other source has a host of that name."""

    NAME = "eventops.infra.cases"

    def verify_file(self, path):
        name = os.path.basename(path)
        return super().verify_file(path) and (name in _NAMES or name.endswith(tuple(f".{ending}" for ending in _NAMES)))

    def parse(self, inventory, loader, path, cache=True):
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        # The router asks the inventory which hosts there are: those of its open cases cannot vouch for themselves.
        of_cases = {} if "EVENTOPS_RESOLVING" in os.environ else _hosts_of(self.get_option("store"))
        hosts = {"localhost": _local(), **of_cases}

        # Which names the user's own sources have is known when all of them have been read: a directory's are read in the
        # order of their names, and `cases.eventops.yml` comes before `hosts.ini`. Ansible then calls this method.
        reconcile = inventory.reconcile_inventory

        def add_hosts_then_reconcile():
            inventory.reconcile_inventory = reconcile
            inventory.current_source = path
            for host, variables in hosts.items():
                if host not in inventory.hosts and host not in inventory.groups:
                    inventory.add_host(host)
                    for name, value in variables.items():
                        inventory.set_variable(host, name, value)
            reconcile()

        inventory.reconcile_inventory = add_hosts_then_reconcile


_NAMES = ("eventops.yml", "eventops.yaml")


def _local():
    variables = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    return {name: trust_as_template(value) for name, value in variables.items()}


def _hosts_of(store):
    if not store:
        return {}
    path = os.path.expanduser(f"{store}.d/inventory.json")
    try:
        with open(path, encoding="utf-8") as file:
            hosts = json.load(file)["hosts"]
        return {host: {name: wrap_var(value) for name, value in variables.items()} for host, variables in hosts.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise AnsibleParserError(f"{path}: must be what the router writes, {{'hosts': {{name: {{variables}}}}}}: {error!r}") from error
