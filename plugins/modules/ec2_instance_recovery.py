#!/usr/bin/python
# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ec2_instance_recovery
short_description: Bring an EC2 instance back by one step, and wait until it is healthy
version_added: 0.1.0
description:
  - Looks at the instance first, and leaves a healthy one alone.
  - Takes the step only where it cannot lose what nobody has allowed to lose. RV(not_done) says why a step was not taken.
  - Then waits until all status checks are C(ok), or, for V(replace), until its Auto Scaling group has a new instance in service and lacks none.
  - What is under way is written on the instance as the tag C(eventops:remediate), so that a run that is killed in the middle can be finished by the next one.
    The tag counts for an hour, and only where what AWS says of the instance and its group agrees with it.
options:
  instance_id:
    description: The id of the instance. It should come from the inventory, never from an event.
    type: str
    required: true
  step:
    description:
      - V(wait) waits for what goes on already, an instance that starts or status checks that have not decided.
      - >-
        V(reboot) reboots it. Where only the system status check, or the one of its volumes, fails, it is not taken: the instance would stay on the same
        hardware.
      - >-
        V(stop_start) stops and starts it, which moves it to other hardware. Its root device must be EBS. A member of an Auto Scaling group is put on
        standby meanwhile, with the desired capacity lowered for that time, as the group would replace it. So the minimum must allow that.
      - V(replace) has its Auto Scaling group terminate it and launch another one. The desired capacity stays.
    type: str
    required: true
    choices: [wait, reboot, stop_start, replace]
  allow:
    description:
      - What may be lost or done.
      - V(change_public_ip) lets V(stop_start) change a public address that is no Elastic IP.
      - V(lose_instance_store) lets V(stop_start) lose the data on the disks of the instance itself.
      - V(start_stopped) lets V(stop_start) start an instance that somebody else has stopped.
      - V(replace) lets V(replace) terminate the instance.
    type: list
    elements: str
    choices: [change_public_ip, lose_instance_store, start_stopped, replace]
    default: []
  timeout:
    description: Seconds that the step may take until it has helped, from 1 to 3600.
    type: int
    default: 600
  interval:
    description: Seconds between two looks, from 1 to 60.
    type: int
    default: 10
extends_documentation_fragment:
  - eventops.infra.aws
attributes:
  check_mode:
    description: Says whether it would take the step, and changes nothing.
    support: full
seealso:
  - module: eventops.infra.ec2_instance_health_info
"""

EXAMPLES = r"""
- name: Reboot it, and wait for its status checks
  eventops.infra.ec2_instance_recovery:
    instance_id: "{{ instance_id }}"
    region: eu-central-1
    step: reboot
    timeout: 300
  delegate_to: localhost

- name: Have its group replace it
  eventops.infra.ec2_instance_recovery:
    instance_id: "{{ instance_id }}"
    region: eu-central-1
    step: replace
    allow: [replace]
  delegate_to: localhost
"""

RETURN = r"""
wrong:
  description: What is wrong still, for people. Empty when the step has helped, or nothing was wrong.
  returned: success
  type: str
not_done:
  description: Why the step was not taken. Empty when it was.
  returned: success
  type: str
  sample: the instance is in no Auto Scaling group
seconds:
  description: How long it took.
  returned: success
  type: int
new_instances:
  description: The instances that are in service in the group now and were not in it before.
  returned: success
  type: list
  elements: str
instance:
  description: The instance afterwards, as M(eventops.infra.ec2_instance_health_info) has it.
  returned: success
  type: dict
group:
  description: Its Auto Scaling group afterwards, or null.
  returned: success
  type: dict
"""

import time

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.eventops.infra.plugins.module_utils.aws.arguments import ACCESS
from ansible_collections.eventops.infra.plugins.module_utils.aws.client import client
from ansible_collections.eventops.infra.plugins.module_utils.aws.ec2.arguments import mistakes
from ansible_collections.eventops.infra.plugins.module_utils.aws.ec2.recovery import Recovery
from ansible_collections.eventops.infra.plugins.module_utils.aws.ec2.steps import ALLOWANCES, STEPS
from ansible_collections.eventops.infra.plugins.module_utils.aws.errors import AWSError

OPTIONS = {
    "instance_id": {"type": "str", "required": True},
    "step": {"type": "str", "required": True, "choices": list(STEPS)},
    "allow": {"type": "list", "elements": "str", "choices": list(ALLOWANCES), "default": []},
    "timeout": {"type": "int", "default": 600},
    "interval": {"type": "int", "default": 10},
}


def main():
    module = AnsibleModule(argument_spec={**ACCESS, **OPTIONS}, supports_check_mode=True)
    given = module.params
    wrong = mistakes(given)
    if wrong:
        module.fail_json(msg="; ".join(wrong))
    recovery = Recovery(client(module, "ec2"), client(module, "autoscaling"), given["instance_id"], given["timeout"], given["interval"])
    began = time.monotonic()
    try:
        outcome = recovery.take(given["step"], tuple(given["allow"]), module.check_mode)
    except AWSError as error:
        module.fail_json(msg=str(error), code=error.code)
    module.exit_json(
        changed=outcome.changed,
        wrong=outcome.wrong,
        not_done=outcome.not_done,
        seconds=round(time.monotonic() - began),
        new_instances=outcome.new_members,
        instance=outcome.after.instance.as_dict(),
        group=outcome.after.group.as_dict() if outcome.after.group else None,
    )


if __name__ == "__main__":
    main()
