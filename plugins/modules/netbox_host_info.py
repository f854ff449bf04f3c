# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: netbox_host_info
short_description: Read what NetBox documents of hosts
version_added: 0.1.0
description:
  - Finds virtual machines and devices of NetBox by their exact names, 50 with one request, and their IP addresses.
  - What it returns of a host is what M(eventops.infra.netbox_drift) compares with the host's facts.
options:
  hosts:
    description: The hosts to look for.
    type: list
    elements: dict
    required: true
    suboptions:
      host:
        description: The host's name in the inventory, under which it is returned.
        type: str
        required: true
      name:
        description: Its exact name in NetBox. By default O(hosts[].host).
        type: str
      site:
        description: Its site in NetBox, by name or slug, where several objects have that name.
        type: str
        default: ''
      cluster:
        description: Its cluster in NetBox, by name, where several objects have that name.
        type: str
        default: ''
extends_documentation_fragment:
  - eventops.infra.netbox_api
attributes:
  check_mode:
    description: Changes nothing.
    support: full
  diff_mode:
    description: Changes nothing.
    support: N/A
seealso:
  - module: eventops.infra.netbox_drift
"""

EXAMPLES = r"""
- name: Read what NetBox documents of all hosts of the play
  eventops.infra.netbox_host_info:
    url: https://netbox.example.com
    token: "{{ lookup('ansible.builtin.env', 'NETBOX_TOKEN') }}"
    hosts:
      - host: web-01
      - host: db-01.example.com
        name: db-01
        cluster: paris
  run_once: true
  register: netbox
"""

RETURN = r"""
hosts:
  description: What is documented, by host. A host that NetBox does not have is missing.
  returned: success
  type: dict
  sample:
    web-01: {kind: virtualization.virtualmachine, id: 17, name: web-01, vcpus: 2.0, memory_mb: 2048, disk_mb: 20000, addresses: [192.0.2.11/24]}
problems:
  description: Why it cannot be told which object of NetBox a host is, by host.
  returned: success
  type: dict
"""
