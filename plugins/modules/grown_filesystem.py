#!/usr/bin/python
# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: grown_filesystem
short_description: Grow a mounted filesystem to the size of its disk
version_added: 0.1.0
description:
  - Grows the partition that the filesystem is on, when it is on one and there is room after it, and then the filesystem. It stays mounted.
  - What is as large as its disk already is left alone.
  - It is for ext2, ext3, ext4 and XFS on a disk or a partition. What LVM, encryption or RAID puts together is not touched, as it is not known how.
options:
  path:
    description: Where it is mounted.
    type: path
    required: true
  disk_bytes:
    description: How large its disk must be before. A kernel takes a moment to see that a volume was grown. V(0) takes it as it is.
    type: int
    default: 0
  timeout:
    description: Seconds to wait for that, from 1 to 3600.
    type: int
    default: 60
attributes:
  check_mode:
    description: Says whether there is anything to grow, and changes nothing.
    support: full
author:
  - eventops.infra contributors (@eventops)
requirements:
  - C(growpart), in the package C(cloud-guest-utils) or C(cloud-utils-growpart), where it is on a partition
  - C(resize2fs) or C(xfs_growfs)
"""

EXAMPLES = r"""
- name: Use what the disk has more
  eventops.infra.grown_filesystem:
    path: /var
"""

RETURN = r"""
size_before:
  description: The size of the filesystem before, in bytes.
  returned: success
  type: int
size:
  description: Its size now.
  returned: success
  type: int
not_done:
  description: Why it was not grown. Empty when it was.
  returned: success
  type: str
  sample: it is as large as its disk /dev/nvme1n1 already
told:
  description: What was done, for people.
  returned: success
  type: str
  sample: from 7.8 GiB to 9.8 GiB
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.eventops.infra.plugins.module_utils.host.filesystem.growing import CannotGrow, Growing
from ansible_collections.eventops.infra.plugins.module_utils.host.filesystem.mounts import NotMounted
from ansible_collections.eventops.infra.plugins.module_utils.host.text import size

OPTIONS = {
    "path": {"type": "path", "required": True},
    "disk_bytes": {"type": "int", "default": 0},
    "timeout": {"type": "int", "default": 60},
}


def main():
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    given = module.params
    if not 1 <= given["timeout"] <= 3600 or given["disk_bytes"] < 0:
        module.fail_json(msg="timeout must be from 1 to 3600 seconds, and disk_bytes at least 0")
    growing = Growing(given["path"], module.run_command, module.get_bin_path)
    try:
        grown = growing.grow(given["disk_bytes"], given["timeout"], module.check_mode)
    except NotMounted as error:
        module.fail_json(msg=f"path: must be where a filesystem is mounted, but {error}")
    except (CannotGrow, OSError) as error:
        module.fail_json(msg=f"{given['path']} was not grown: {error}")
    told = "" if grown.not_done or module.check_mode else f"from {size(grown.before)} to {size(grown.after)}"
    module.exit_json(changed=not grown.not_done, size_before=grown.before, size=grown.after, not_done=grown.not_done, told=told)


if __name__ == "__main__":
    main()
