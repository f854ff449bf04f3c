#!/usr/bin/python
# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ec2_volume_growth
short_description: Grow an EBS volume of an instance by one step, up to a maximum
version_added: 0.1.0
description:
  - Grows the volume and waits until its instance can use what was added. What is on it is grown by M(eventops.infra.grown_filesystem) afterwards.
  - A volume never exceeds O(max_size), and never shrinks. Only a volume that is attached to the instance is grown.
  - AWS takes only few changes of a volume in some hours. RV(not_done) says so, and the task succeeds.
  - It grows the volume each time that it runs, as it cannot know how full it is.
options:
  instance_id:
    description: The instance that the volume is attached to. It should come from the inventory, never from an event.
    type: str
    required: true
  volume_id:
    description: The volume.
    type: str
  device:
    description: The device that it is attached as, as EC2 has it, such as V(/dev/sdf), in place of O(volume_id).
    type: str
  serial:
    description:
      - The id of the volume as the disk itself has it, in RV(eventops.infra.filesystem_info#module:volume_id). Where another volume is named, the task fails.
      - Alone it chooses the volume.
    type: str
  disk_bytes:
    description:
      - The size of the disk that is meant, in RV(eventops.infra.filesystem_info#module:disk_bytes). Where the volume has another size, the task fails.
      - V(0) does not compare.
    type: int
    default: 0
  step:
    description: How much is added, in GiB, or as a share of its size such as V(20%).
    type: str
    required: true
  max_size:
    description: The size in GiB that it never exceeds, from 1 to 65536.
    type: int
    required: true
  timeout:
    description: Seconds until what was added can be used, from 1 to 3600.
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
    description: Says how large it would become, and changes nothing.
    support: full
seealso:
  - module: eventops.infra.grown_filesystem
"""

EXAMPLES = r"""
- name: Give /var more room
  eventops.infra.ec2_volume_growth:
    instance_id: "{{ instance_id }}"
    region: eu-central-1
    device: /dev/sdf
    step: 20%
    max_size: 200
  delegate_to: localhost
"""

RETURN = r"""
volume_id:
  description: The volume.
  returned: success
  type: str
size_before:
  description: Its size before, in GiB.
  returned: success
  type: int
size:
  description: Its size now, in GiB.
  returned: success
  type: int
not_done:
  description: Why it was not grown. Empty when it was.
  returned: success
  type: str
  sample: the volume vol-0123456789abcdef0 has 200 GiB, and its maximum is 200
"""

import re

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.eventops.infra.plugins.module_utils.aws.arguments import ACCESS
from ansible_collections.eventops.infra.plugins.module_utils.aws.client import client
from ansible_collections.eventops.infra.plugins.module_utils.aws.ec2.arguments import mistakes
from ansible_collections.eventops.infra.plugins.module_utils.aws.ec2.volume import Chosen, Growth, NotInTime, NotTheVolume
from ansible_collections.eventops.infra.plugins.module_utils.aws.errors import AWSError

OPTIONS = {
    "instance_id": {"type": "str", "required": True},
    "volume_id": {"type": "str"},
    "device": {"type": "str"},
    "serial": {"type": "str"},
    "disk_bytes": {"type": "int", "default": 0},
    "step": {"type": "str", "required": True},
    "max_size": {"type": "int", "required": True},
    "timeout": {"type": "int", "default": 600},
    "interval": {"type": "int", "default": 10},
}
_LARGEST = 65_536  # GiB, of any type of volume
_STEP = re.compile(r"[1-9]\d{0,4}|([1-9]\d?|100)%")


def main():
    module = AnsibleModule(argument_spec={**ACCESS, **OPTIONS}, supports_check_mode=True, mutually_exclusive=[("volume_id", "device")])
    given = module.params
    wrong = mistakes(given)
    if not _STEP.fullmatch(given["step"]):
        wrong.append(f"step: must be GiB or a share such as 20%, got {given['step'][:40]!r}")
    if not 1 <= given["max_size"] <= _LARGEST:
        wrong.append(f"max_size: must be from 1 to {_LARGEST}, got {given['max_size']}")
    if wrong:
        module.fail_json(msg="; ".join(wrong))
    chosen = Chosen(*(given[name] or "" for name in ("volume_id", "device", "serial")), disk_bytes=given["disk_bytes"])
    growth = Growth(client(module, "ec2"), given["timeout"], given["interval"])
    try:
        grown = growth.grow(given["instance_id"], chosen, given["step"], given["max_size"], module.check_mode)
    except AWSError as error:
        module.fail_json(msg=str(error), code=error.code)
    except (NotTheVolume, NotInTime) as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=not grown.not_done, volume_id=grown.volume_id, size_before=grown.before, size=grown.after, not_done=grown.not_done)


if __name__ == "__main__":
    main()
