#!/usr/bin/python
# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: azure_scale_set_info
short_description: Say how many instances a virtual machine scale set of Azure has, how they are, and whether it can be scaled
version_added: 0.1.0
description:
  - Reads a scale set, its instances with their state, health and protection, its latest rolling upgrade, and the autoscale settings of its resource group.
  - Both orchestration modes, uniform and flexible.
  - Changes nothing.
extends_documentation_fragment:
  - eventops.infra.azure
attributes:
  check_mode:
    description: Changes nothing anyway.
    support: full
  diff_mode:
    description: There is nothing to show.
    support: none
"""

EXAMPLES = r"""
- name: Look at the web servers
  eventops.infra.azure_scale_set_info:
    resource_group: shop
    name: web
  register: web

- name: Say which are not in service
  ansible.builtin.debug:
    var: web.measured.instances | rejectattr('state', 'eq', 'in_service')
"""

RETURN = r"""
measured:
  description: What was found.
  returned: success
  type: dict
  contains:
    desired:
      description: How many instances it is to have (C(sku.capacity)).
      type: int
      sample: 3
    min:
      description: The fewest that Azure allows.
      type: int
      sample: 0
    max:
      description: The most that Azure allows, by its placement group.
      type: int
      sample: 1000
    instances:
      description:
        - All that it has now, also those that come or go, each with C(name), C(state), C(healthy) and C(protected).
        - The state is one of V(in_service), V(starting), V(warming) (its health is not known yet), V(stopping) or V(other).
      type: list
      elements: dict
    in_progress:
      description: What goes on, during which nothing is to be changed. Empty when nothing does.
      type: str
      sample: the scale set's provisioningState is Updating
    blocked_out:
      description: Why it cannot grow now. Empty when it can.
      type: str
      sample: the autoscale setting web-cpu is enabled, and would undo it
    blocked_in:
      description: Why it cannot shrink now. Empty when it can.
      type: str
      sample: ''
    changed_at:
      description: When the newest of its instances was created, in seconds since the epoch.
      type: float
      sample: 1764170000.0
    record:
      description: The value of its tag C(eventops:scale).
      type: str
      sample: time=2026-01-31T12:00:00Z direction=out from=2 to=3
    trouble:
      description: What Azure says about what failed last.
      type: str
      sample: ''
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.eventops.infra.plugins.module_utils.azure.access import resource_manager
from ansible_collections.eventops.infra.plugins.module_utils.azure.arguments import ACCESS, SCALE_SET, check_names
from ansible_collections.eventops.infra.plugins.module_utils.azure.measured import measured
from ansible_collections.eventops.infra.plugins.module_utils.azure.resource_manager import ResourceManagerError
from ansible_collections.eventops.infra.plugins.module_utils.azure.scale_set import ScaleSet


def main() -> None:
    """Look at a scale set."""
    module = AnsibleModule({**SCALE_SET, **ACCESS}, supports_check_mode=True)
    check_names(module)
    try:
        seen = ScaleSet(resource_manager(module), module.params["resource_group"], module.params["name"]).look()
    except ResourceManagerError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, measured=measured(seen))


if __name__ == "__main__":
    main()
