# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: onboarding_info
short_description: Read what NetBox asks for on a host, and refuse what is not allowed
version_added: 0.1.0
description:
  - Finds the object that NetBox has of the host of the play, in the event that the run is for, and reads from its config context which roles are to be run,
    with which variables.
  - In a run for several hosts, each has an object of its own. What was too long for the event is fetched from the router O(ignore:eventops.infra.router).
  - By hand, or for an event that is not NetBox's, it reads the variables of the host instead. Those of P(netbox.netbox.nb_inventory#inventory) are as they
    should be.
  - Fails, with all mistakes at once, when a role or a variable is not allowed or is of a wrong type.
  - The event and these variables are read as data. No template in them is evaluated.
options:
  roles:
    description:
      - Names of roles, in place of those in the config context. For runs by hand, and for hosts that NetBox does not know.
      - They must be allowed like any.
    type: raw
  roles_key:
    description: The key in the config context that has the list of names of roles.
    type: str
    default: ansible_roles
  variables_key:
    description: The key in the config context that has the mapping of variables for them.
    type: str
    default: ansible_vars
  allowed_roles:
    description: The only names of roles that may be asked for, exactly. None by default.
    type: list
    elements: str
    default: []
  allowed_variables:
    description:
      - The only variables that may be set. C(*) stands for any characters.
      - By default those that begin with the name of an allowed role, without its collection, and an underscore.
      - Variables of connections and privileges, and those that Ansible itself and this collection go by, may never be set.
    type: list
    elements: str
  on_update:
    description:
      - What the change of a field of the object asks for, a list of V(baseline) and V(roles).
      - It counts for events that are updates. Everything else asks for both.
    type: dict
    default: {}
  host_key_field:
    description: Where the object has the SSH public keys of the host, one a line.
    type: str
    default: custom_fields.ssh_host_key
  host_key_needed:
    description: Whether it is a mistake when there is no such key.
    type: bool
    default: false
extends_documentation_fragment:
  - eventops.infra.router
attributes:
  check_mode:
    description: Changes nothing.
    support: full
  diff_mode:
    description: Changes nothing.
    support: N/A
seealso:
  - module: eventops.infra.verified_ssh
"""

EXAMPLES = r"""
- name: Read what NetBox asks for
  eventops.infra.onboarding_info:
    allowed_roles: [acme.web.nginx, acme.base.postgresql]
  register: asked

- name: Say it
  ansible.builtin.debug:
    msg: "{{ asked.roles | join(', ') }}"
"""

RETURN = r"""
steps:
  description: What is to be done, of C(baseline) and C(roles). Empty when nothing that changed asks for work.
  returned: success
  type: list
  elements: str
roles:
  description: Names of roles, each once, in their order. Empty unless V(roles) is among RV(steps).
  returned: success
  type: list
  elements: str
variables:
  description: Variables for them.
  returned: success
  type: dict
host_keys:
  description: The public keys of the host, without comments, with O(host_key_needed).
  returned: success
  type: list
  elements: str
changed_fields:
  description: The fields that the update changed, null where it is none.
  returned: success
  type: list
  elements: str
of_event:
  description: Whether an event of NetBox said it. Otherwise the host's variables did.
  returned: success
  type: bool
"""
