#!/usr/bin/python
# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: autoscaling_group_capacity
short_description: Set how many instances an Auto Scaling group is to have, within bounds and not while it changes
version_added: 0.1.0
description:
  - Sets the desired capacity of an Auto Scaling group, and nothing else of it. It does not wait until the instances have come or gone.
  - It sets nothing, and fails, when the capacity would be outside of O(min) and O(max) or of the group's own bounds, while an activity or an instance refresh
    is in progress, when the process that it takes (C(Launch) or C(Terminate)) is suspended, and when more instances would have to go than are not
    protected from scale-in.
  - M(amazon.aws.autoscaling_group) makes and changes whole groups, and heeds none of that.
options:
  name:
    description: The name of the group.
    type: str
    required: true
  desired:
    description: How many instances it is to have.
    type: int
    required: true
  min:
    description: How few may be asked for here. The group's own bound holds as well.
    type: int
    required: true
  max:
    description: How many may be asked for here. The group's own bound holds as well.
    type: int
    required: true
  seen:
    description: How many it was to have when that was decided. When somebody else has changed that meanwhile, nothing is set, and the task fails.
    type: int
  record:
    description:
      - A line that is written to the group as the tag C(eventops:scale) when its capacity is set, so that everybody finds there what was done last.
      - >-
        At most 256 characters, of which AWS allows letters, digits, spaces and C(+ - = . _ : / @).
    type: str
extends_documentation_fragment:
  - eventops.infra.aws
attributes:
  check_mode:
    description: Says whether it would be set, and sets nothing.
    support: full
  diff_mode:
    description: Shows the capacity before and after.
    support: full
seealso:
  - module: eventops.infra.autoscaling_group_capacity_info
  - module: amazon.aws.autoscaling_group
"""

EXAMPLES = r"""
- name: Have three instances
  eventops.infra.autoscaling_group_capacity:
    name: web
    region: eu-central-1
    desired: 3
    min: 2
    max: 10
"""

RETURN = r"""
before:
  description: How many it was to have.
  returned: success
  type: int
  sample: 2
after:
  description: How many it is to have.
  returned: success
  type: int
  sample: 3
"""

import re

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.eventops.infra.plugins.module_utils.aws.arguments import ACCESS
from ansible_collections.eventops.infra.plugins.module_utils.aws.capacity import objection, set_capacity
from ansible_collections.eventops.infra.plugins.module_utils.aws.client import client
from ansible_collections.eventops.infra.plugins.module_utils.aws.errors import AWSError
from ansible_collections.eventops.infra.plugins.module_utils.aws.group import measure

RECORD = re.compile(r"[A-Za-z0-9 +=._:/@-]{1,256}")
ARGUMENTS = {
    "name": {"type": "str", "required": True},
    "desired": {"type": "int", "required": True},
    "min": {"type": "int", "required": True},
    "max": {"type": "int", "required": True},
    "seen": {"type": "int"},
    "record": {"type": "str"},
    **ACCESS,
}


def main():
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    given = module.params
    name, desired, record = given["name"], given["desired"], given["record"]
    # Before AWS is asked: a mistake costs no request.
    if not 0 <= given["min"] <= desired <= given["max"]:
        module.fail_json(msg=f"desired: must be from {given['min']} to {given['max']}, as min and max have it, got {desired}")
    if record and not RECORD.fullmatch(record):
        module.fail_json(msg="record: must be at most 256 characters that a tag may have: letters, digits, spaces and + - = . _ : / @")
    autoscaling = client(module, "autoscaling")
    try:
        measured = measure(autoscaling, name)
        before = measured["desired"]
        if problem := objection(measured, desired, given["seen"]):
            module.fail_json(msg=f"{name} was not set to {desired} instances: {problem}")
        changes = before != desired
        if changes and not module.check_mode:
            set_capacity(autoscaling, name, desired, record, measured["record"])
    except AWSError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=changes, before=before, after=desired, diff={"before": {"desired": before}, "after": {"desired": desired}})


if __name__ == "__main__":
    main()
