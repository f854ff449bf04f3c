#!/usr/bin/python
# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: autoscaling_group_capacity_info
short_description: Say how many instances an Auto Scaling group has, and what stands against changing that now
version_added: 0.1.0
description:
  - Asks AWS for an Auto Scaling group, its latest activities and its instance refreshes, and says what matters for changing its capacity.
  - M(amazon.aws.autoscaling_group_info) tells of the group alone.
options:
  name:
    description: The name of the group.
    type: str
    required: true
  warmup:
    description:
      - Seconds that a new instance takes until it has its share of the load. Until then it counts as warming.
      - The default instance warm-up of the group counts where it is longer.
    type: float
    default: 0
  history:
    description: For how many seconds back to look for the last change of its capacity.
    type: float
    default: 3600
  troubles_since:
    description: Only what failed since then, in seconds since the epoch, is in RV(measured.trouble).
    type: float
    default: 0
extends_documentation_fragment:
  - eventops.infra.aws
attributes:
  check_mode:
    description: It changes nothing.
    support: full
seealso:
  - module: eventops.infra.autoscaling_group_capacity
  - module: amazon.aws.autoscaling_group_info
"""

EXAMPLES = r"""
- name: Look at the group
  eventops.infra.autoscaling_group_capacity_info:
    name: web
    region: eu-central-1
  register: looked

- name: Insist that nothing goes on
  ansible.builtin.assert:
    that: not looked.measured.in_progress
"""

RETURN = r"""
measured:
  description: What was found.
  returned: success
  type: dict
  contains:
    desired:
      description: How many instances the group is to have.
      type: int
    min:
      description: How few it may have.
      type: int
    max:
      description: How many it may have.
      type: int
    instances:
      description: >-
        What it has, each with C(name), C(state) (V(in_service), V(starting), V(warming), V(stopping), V(standby) or V(other)), C(healthy), and C(protected)
        from scale-in.
      type: list
      elements: dict
    in_progress:
      description: What goes on, such as a launch or an instance refresh, or empty.
      type: str
    blocked_out:
      description: Why it cannot grow, such as that its process C(Launch) is suspended, or empty.
      type: str
    blocked_in:
      description: Why it cannot shrink, or empty.
      type: str
    changed_at:
      description: When its capacity was last changed by anybody, in seconds since the epoch, as far as its activities tell.
      type: float
    record:
      description: What M(eventops.infra.autoscaling_group_capacity) has written to it, or empty.
      type: str
    trouble:
      description: What failed last, or empty.
      type: str
  sample:
    desired: 2
    min: 1
    max: 6
    instances: [{name: i-0abc, state: in_service, healthy: true, protected: false}]
    in_progress: ""
    blocked_out: ""
    blocked_in: ""
    changed_at: 1769860800.0
    record: time=2026-01-31T12:00:00Z direction=out from=1 to=2 case=17
    trouble: ""
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.eventops.infra.plugins.module_utils.aws.arguments import ACCESS
from ansible_collections.eventops.infra.plugins.module_utils.aws.client import client
from ansible_collections.eventops.infra.plugins.module_utils.aws.errors import AWSError
from ansible_collections.eventops.infra.plugins.module_utils.aws.group import measure

ARGUMENTS = {
    "name": {"type": "str", "required": True},
    "warmup": {"type": "float", "default": 0},
    "history": {"type": "float", "default": 3600},
    "troubles_since": {"type": "float", "default": 0},
    **ACCESS,
}


def main():
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    given = module.params
    autoscaling = client(module, "autoscaling")
    try:
        measured = measure(autoscaling, given["name"], **{name: given[name] for name in ("warmup", "history", "troubles_since")})
    except AWSError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, measured=measured)


if __name__ == "__main__":
    main()
