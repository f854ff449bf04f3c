# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: netbox_drift
short_description: Compare a host's facts with NetBox, and correct NetBox
version_added: 0.1.0
description:
  - Compares the facts of the task's host with what M(eventops.infra.netbox_host_info) read of it. The facts must have been gathered before.
  - On request it changes NetBox to what was measured, and notes that in the journal of the object.
  - The role P(eventops.infra.netbox_drift#role) does all of it.
options:
  documented:
    description: What M(eventops.infra.netbox_host_info) returned for the host. Without it the host is not documented.
    type: dict
    default: {}
  fields:
    description: What to compare. Devices have no V(vcpus), V(memory) and V(disk) in NetBox.
    type: list
    elements: str
    choices: [name, addresses, primary_address, vcpus, memory, disk, platform]
    default: [name, addresses, primary_address, vcpus, memory, disk, platform]
  correct:
    description: What of it to correct in NetBox.
    type: list
    elements: str
    choices: [vcpus, memory, disk, platform]
    default: []
  memory_tolerance:
    description: Percent by which the memory may differ. The kernel and the firmware keep some to themselves.
    type: float
    default: 10
  disk_tolerance:
    description: Percent by which the sum of the disks may differ.
    type: float
    default: 10
  disk_base:
    description: Whether a MB of NetBox's disks is 1000 or 1024 times 1000 or 1024 bytes, as C(DISK_BASE_UNIT) of NetBox's configuration says.
    type: int
    choices: [1000, 1024]
    default: 1000
  platforms:
    description:
      - From the distribution to the name or slug of the platform in NetBox, where it is called otherwise, such as C(RedHat 9) to C(rhel-9).
      - The key is the fact C(distribution), best with C(distribution_major_version) or C(distribution_version) behind it.
    type: dict
    default: {}
  ignore_interfaces:
    description: Globs of interfaces whose addresses are not documented.
    type: list
    elements: str
    default: [lo, docker*, br-*, veth*, virbr*, cni*, flannel*, cali*, podman*, kube-ipvs*, nodelocaldns*]
  ignore_disks:
    description: Globs of block devices that are not disks of their own.
    type: list
    elements: str
    default: [loop*, ram*, zram*, dm-*, md*, sr*, fd*, nbd*, zd*, drbd*]
extends_documentation_fragment:
  - eventops.infra.netbox_api
attributes:
  check_mode:
    description: Says what it would correct.
    support: full
  diff_mode:
    description: Shows what NetBox has before and after.
    support: full
seealso:
  - module: eventops.infra.netbox_host_info
"""

EXAMPLES = r"""
- name: Compare the host with NetBox, and correct its size there
  eventops.infra.netbox_drift:
    url: https://netbox.example.com
    token: "{{ lookup('ansible.builtin.env', 'NETBOX_TOKEN') }}"
    documented: "{{ netbox.hosts[inventory_hostname] | default({}) }}"
    correct: [vcpus, memory, disk]
"""

RETURN = r"""
host:
  description: The host's name in the inventory.
  returned: success
  type: str
documented:
  description: Whether NetBox has it.
  returned: success
  type: bool
object:
  description: "Its object in NetBox: C(object_type), C(id), C(name), C(url)."
  returned: success
  type: dict
fields:
  description: What came of each field.
  returned: success
  type: list
  elements: dict
  contains:
    field: {description: Which one., type: str}
    state: {description: "C(same), C(differs), or C(unknown) where the facts do not tell.", type: str}
    documented: {description: "What NetBox has: MB for memory and disk.", type: raw}
    measured: {description: What the facts say., type: raw}
    note: {description: What there is to say about it., type: str}
    proposed: {description: What NetBox would have to say. Null where only a person can know., type: raw}
drift:
  description: Whether anything differs, or the host is not documented.
  returned: success
  type: bool
corrected:
  description: What NetBox has now, by field that was corrected. In check mode, what it would have.
  returned: success
  type: dict
left:
  description: Why fields that were to be corrected were not, by field.
  returned: success
  type: dict
remaining:
  description: The fields that still differ.
  returned: success
  type: list
  elements: str
summary:
  description: What is to be known, in lines for people.
  returned: success
  type: list
  elements: str
"""
