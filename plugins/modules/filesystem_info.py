#!/usr/bin/python
# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: filesystem_info
short_description: Say how full a mounted filesystem is, and what fills it
version_added: 0.1.0
description:
  - Looks at the use of a filesystem and of its inodes, as C(df) counts them.
  - Looks for its biggest directories and files, and for deleted files that a process has open, for a limited time, with the lowest priority, and on this
    filesystem alone.
options:
  path:
    description: Where it is mounted.
    type: path
    required: true
  threshold:
    description: The share in percent from which it is full.
    type: float
    default: 85
  inodes:
    description: The share of inodes in percent from which it is full.
    type: float
    default: 90
  biggest:
    description: How many directories and files are told, at most 100. V(0) looks for none.
    type: int
    default: 0
  timeout:
    description: Seconds that are spent on that, from 1 to 300.
    type: int
    default: 20
attributes:
  check_mode:
    description: It changes nothing.
    support: full
author:
  - eventops.infra contributors (@eventops)
requirements:
  - Linux with procfs
"""

EXAMPLES = r"""
- name: See what fills /var
  eventops.infra.filesystem_info:
    path: /var
    biggest: 10
  register: looked
"""

RETURN = r"""
wrong:
  description: What is wrong, for people. Empty when it is not full.
  returned: success
  type: str
  sample: 97.3 % is used, from 85 % on it is too much
evidence:
  description: What was seen, for people, each at most 1000 characters.
  returned: success
  type: list
  elements: str
used_percent:
  description: The share that is used of what users may use.
  returned: success
  type: float
inodes_percent:
  description: The share of inodes that is used. 0 where the filesystem has no fixed number of them.
  returned: success
  type: float
size_bytes:
  description: The size of the filesystem.
  returned: success
  type: int
available_bytes:
  description: What users may still use.
  returned: success
  type: int
type:
  description: The type of the filesystem.
  returned: success
  type: str
  sample: ext4
device:
  description: The disk that it is on. Empty where it is on none, such as tmpfs.
  returned: success
  type: str
  sample: /dev/nvme1n1
disk_bytes:
  description: The size of the disk. 0 where it is on none.
  returned: success
  type: int
volume_id:
  description: The EBS volume, where the disk says that it is one. Empty where it does not.
  returned: success
  type: str
  sample: vol-0123456789abcdef0
directories:
  description: The biggest directories. One that has most of it from one below is left out in favour of that.
  returned: success
  type: list
  elements: dict
  sample: [{path: /var/log/app, bytes: 5368709120}]
busiest:
  description: The directories with most entries, likewise.
  returned: success
  type: list
  elements: dict
  sample: [{path: /var/spool/app, entries: 420000}]
files:
  description: The biggest files.
  returned: success
  type: list
  elements: dict
  sample: [{path: /var/log/app/debug.log, bytes: 5368709120}]
deleted:
  description: The biggest deleted files that a process has open. Their room is free when the process closes them, or is restarted.
  returned: success
  type: list
  elements: dict
  sample: [{path: /var/log/app/old.log, bytes: 1073741824, pid: 4711, process: java}]
is_complete:
  description: Whether everything was looked at before the time was up.
  returned: success
  type: bool
"""

import os

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.eventops.infra.plugins.module_utils.host.filesystem import telling
from ansible_collections.eventops.infra.plugins.module_utils.host.filesystem.biggest import Found, biggest
from ansible_collections.eventops.infra.plugins.module_utils.host.filesystem.deleted import deleted_but_open
from ansible_collections.eventops.infra.plugins.module_utils.host.filesystem.disk import disk_of, size_of
from ansible_collections.eventops.infra.plugins.module_utils.host.filesystem.mounts import NotMounted, filesystem_at, mount_points

OPTIONS = {
    "path": {"type": "path", "required": True},
    "threshold": {"type": "float", "default": 85},
    "inodes": {"type": "float", "default": 90},
    "biggest": {"type": "int", "default": 0},
    "timeout": {"type": "int", "default": 20},
}
_LOWEST_PRIORITY = 19


def main():
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    given = module.params
    for name, least, most in (("threshold", 1, 100), ("inodes", 1, 100), ("biggest", 0, 100), ("timeout", 1, 300)):
        if not least <= given[name] <= most:
            module.fail_json(msg=f"{name}: must be from {least} to {most}, got {given[name]}")
    try:
        seen = filesystem_at(given["path"])
    except (NotMounted, OSError) as error:
        module.fail_json(msg=f"path: must be where a filesystem is mounted, but {error}")
    disk = disk_of(seen.number)
    found, deleted = Found([], [], [], True), []
    if given["biggest"]:
        os.nice(_LOWEST_PRIORITY)
        found = biggest(seen.path, given["biggest"], given["timeout"], mount_points())
        deleted = deleted_but_open(seen.path, given["biggest"], given["timeout"])
    wrong = seen.wrong(given["threshold"], given["inodes"])
    module.exit_json(
        changed=False,
        wrong=wrong,
        evidence=telling.evidence(seen, found, deleted),
        used_percent=seen.used_percent,
        inodes_percent=seen.inodes_percent,
        size_bytes=seen.size_bytes,
        available_bytes=seen.available_bytes,
        type=seen.kind,
        device=disk.device if disk else "",
        disk_bytes=size_of(disk.name) if disk else 0,
        volume_id=disk.volume_id if disk else "",
        **telling.as_dicts(found, deleted),
    )


if __name__ == "__main__":
    main()
