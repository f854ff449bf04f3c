#!/usr/bin/python
# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ec2_instance_health_info
short_description: Say whether an EC2 instance is healthy, and what is wrong with it
version_added: 0.1.0
description:
  - Asks EC2 for the state of an instance, its status checks, and what is scheduled for it, and Auto Scaling for its group, if it has one.
  - An instance that is terminated counts as healthy when its group has as many instances in service as it should without it.
options:
  instance_id:
    description: The id of the instance.
    type: str
    required: true
  console_lines:
    description: How many lines of the end of its console to read. V(0) reads none. Where that is not granted, the evidence says so.
    type: int
    default: 0
extends_documentation_fragment:
  - eventops.infra.aws
attributes:
  check_mode:
    description: It changes nothing.
    support: full
seealso:
  - module: eventops.infra.ec2_instance_recovery
"""

EXAMPLES = r"""
- name: Look at the instance
  eventops.infra.ec2_instance_health_info:
    instance_id: i-0123456789abcdef0
    region: eu-central-1
    console_lines: 10
  delegate_to: localhost
  register: looked

- name: Say what is wrong
  ansible.builtin.debug:
    msg: "{{ looked.wrong | default('nothing', true) }}"
"""

RETURN = r"""
wrong:
  description: What is wrong, for people. Empty when nothing is.
  returned: success
  type: str
  sample: "status checks: instance impaired"
evidence:
  description: What was seen, for people, each at most 1000 characters.
  returned: success
  type: list
  elements: str
instance:
  description: The instance.
  returned: success
  type: dict
  sample:
    instance_id: i-0123456789abcdef0
    state: running
    checks: {system: ok, instance: impaired}
    scheduled_events: []
    instance_type: t3.micro
    root_device: ebs
    public_ip: ""
    auto_scaling_group: web
group:
  description: Its Auto Scaling group, or null.
  returned: success
  type: dict
  sample: {name: web, min_size: 1, max_size: 4, desired_capacity: 2, in_service: [i-0123456789abcdef1], suspended_processes: []}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.eventops.infra.plugins.module_utils.aws.arguments import ACCESS
from ansible_collections.eventops.infra.plugins.module_utils.aws.client import client
from ansible_collections.eventops.infra.plugins.module_utils.aws.ec2.arguments import mistakes
from ansible_collections.eventops.infra.plugins.module_utils.aws.ec2.health import console_tail, look_at_health
from ansible_collections.eventops.infra.plugins.module_utils.aws.errors import AWSError


def main():
    options = {"instance_id": {"type": "str", "required": True}, "console_lines": {"type": "int", "default": 0}}
    module = AnsibleModule(argument_spec={**ACCESS, **options}, supports_check_mode=True)
    wrong = mistakes(module.params)
    if wrong:
        module.fail_json(msg="; ".join(wrong))
    ec2 = client(module, "ec2")
    try:
        health = look_at_health(ec2, client(module, "autoscaling"), module.params["instance_id"])
    except AWSError as error:
        module.fail_json(msg=str(error), code=error.code)
    evidence = health.evidence
    if module.params["console_lines"]:
        evidence.append(console_tail(ec2, module.params["instance_id"], module.params["console_lines"]))
    group = health.group.as_dict() if health.group else None
    module.exit_json(changed=False, wrong=health.wrong, evidence=evidence, instance=health.instance.as_dict(), group=group)


if __name__ == "__main__":
    main()
