#!/usr/bin/python
# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: azure_scale_set
short_description: Set the capacity of a virtual machine scale set of Azure, and nothing else of it
version_added: 0.1.0
description:
  - Sets how many instances a scale set has, and a tag that says why, in one request that names nothing else.
  - Refuses when the capacity is not the expected one any more, or when the scale set was changed between reading and writing.
  - Does not wait for the instances. M(eventops.infra.azure_scale_set_info) says where they are.
  - >-
    C(azure.azcollection.azure_rm_virtualmachinescaleset), given nothing but a capacity, also sets other properties to its defaults, such as the caching of the
    disk and the placement group.
options:
  capacity:
    description: How many instances it is to have.
    type: int
    required: true
  expected:
    description: How many it is expected to have before.
    type: int
    required: true
  record:
    description:
      - The value of the tag C(eventops:scale). Its other tags stay.
      - By default the tag stays as it is.
    type: str
extends_documentation_fragment:
  - eventops.infra.azure
attributes:
  check_mode:
    description: Says what would change, and changes nothing. What Azure would refuse is only found out without it.
    support: full
  diff_mode:
    description: Shows the capacity before and after.
    support: full
"""

EXAMPLES = r"""
- name: One more web server
  eventops.infra.azure_scale_set:
    resource_group: shop
    name: web
    expected: 2
    capacity: 3
"""

RETURN = r"""
before:
  description: The capacity before.
  returned: success
  type: int
  sample: 2
after:
  description: The capacity that was set.
  returned: success
  type: int
  sample: 3
record:
  description: The value of the tag C(eventops:scale).
  returned: success
  type: str
  sample: time=2026-01-31T12:00:00Z direction=out from=2 to=3
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.eventops.infra.plugins.module_utils.azure.access import resource_manager
from ansible_collections.eventops.infra.plugins.module_utils.azure.arguments import ACCESS, SCALE_SET, check_names
from ansible_collections.eventops.infra.plugins.module_utils.azure.resource_manager import ResourceManagerError
from ansible_collections.eventops.infra.plugins.module_utils.azure.scale_set import ScaleSet

ARGUMENTS = {"capacity": {"type": "int", "required": True}, "expected": {"type": "int", "required": True}, "record": {"type": "str"}}
_LARGEST = 1000
_LONGEST_TAG = 256


def main() -> None:
    """Set the capacity of a scale set."""
    module = AnsibleModule({**ARGUMENTS, **SCALE_SET, **ACCESS}, supports_check_mode=True)
    check_names(module)
    capacity, record = module.params["capacity"], module.params["record"]
    if not 0 <= capacity <= _LARGEST:
        module.fail_json(msg=f"capacity: must be from 0 to {_LARGEST}, got {capacity}")
    if record is not None and len(record) > _LONGEST_TAG:
        module.fail_json(msg=f"record: the value of a tag has at most {_LONGEST_TAG} characters, got {len(record)}")
    try:
        scale_set = ScaleSet(resource_manager(module), module.params["resource_group"], module.params["name"])
        done = scale_set.resize(capacity, module.params["expected"], record, check=module.check_mode)
    except ResourceManagerError as error:
        module.fail_json(msg=str(error))
    shown = {"before": {"capacity": done["before"]}, "after": {"capacity": done["after"]}} if module._diff else {}
    module.exit_json(**done, **({"diff": shown} if shown else {}))


if __name__ == "__main__":
    main()
