# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: verified_ssh
short_description: Wait for SSH on a host, and verify its host key
version_added: 0.1.0
description:
  - Logs in to the host of the play until that works or time is up, and says what failed, the name, the route, the port, the host key or the authentication.
  - A host whose key is not the expected one is refused at once. Nothing runs on it.
  - Returns the arguments of ssh that make the verification count for all connections that follow. Set them as RV(ssh_args) says.
  - They go before what is configured, and ssh takes the first value of an option. So neither C(host_key_checking) nor arguments of your own undo them.
options:
  host_key:
    description:
      - How the key is verified.
      - V(known_hosts) expects what your own known_hosts file, or O(known_hosts_file), has.
      - V(netbox) expects one of O(keys), which NetBox has of this host.
      - V(ca) expects a certificate for the host's name in the inventory, signed by one of O(keys).
      - V(first_contact) takes any key from a host that was never reached before, and that one from then on. Whoever answers at the first contact is believed.
    type: str
    choices: [known_hosts, netbox, ca, first_contact]
    default: known_hosts
  keys:
    description: Public keys, one a line or an element, as they are in C(/etc/ssh/ssh_host_ed25519_key.pub).
    type: list
    elements: str
    default: []
  known_hosts_file:
    description: The only file that counts for V(known_hosts). By default those that ssh is configured to read.
    type: path
  directory:
    description: The directory on the controller that keeps the keys of first contacts, in a file for each host.
    type: path
    default: ~/.local/state/eventops/known_hosts
  timeout:
    description: Seconds to wait until the host lets us in.
    type: int
    default: 300
  interval:
    description: Seconds between two tries.
    type: int
    default: 2
notes:
  - The connection must be C(ssh), or C(local) where there is nothing to verify.
attributes:
  action:
    description: Runs on the controller, and connects to the host as Ansible does.
    support: full
  async:
    description: Supports being run in the background.
    support: none
  check_mode:
    description: Connects, and verifies. The key of a first contact is forgotten with the run.
    support: full
  diff_mode:
    description: Shows no difference.
    support: none
requirements:
  - python >= 3.11 on the controller
author:
  - eventops.infra contributors (@eventops)
seealso:
  - module: ansible.builtin.wait_for_connection
"""

EXAMPLES = r"""
- name: Wait for the host, and let only the key in that NetBox has
  eventops.infra.verified_ssh:
    host_key: netbox
    keys: "{{ custom_fields.ssh_host_key }}"
  register: connection

- name: Go by it from now on
  ansible.builtin.set_fact:
    ansible_ssh_args: "{{ connection.ssh_args }}"
  when: connection.verified
"""

RETURN = r"""
ssh_args:
  description: What C(ansible_ssh_args) must be for the connections that follow. It ends with what was configured before.
  returned: success
  type: str
verified:
  description: Whether there was a host key to verify. There is none where the connection is C(local).
  returned: success
  type: bool
host_key:
  description: How it was verified.
  returned: when verified
  type: str
new_host_key:
  description: Whether this was the first contact with V(first_contact).
  returned: when verified
  type: bool
what:
  description: What failed, C(host key), C(authentication), C(address), C(refused), C(route), C(time), C(closed) or C(other).
  returned: when the host cannot be reached
  type: str
"""
