#!/usr/bin/python
# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: netbox_token
short_description: Create, change or delete an API token of NetBox, and keep it in a file
version_added: 0.1.0
description:
  - Creates a token for a user, of version 2 where NetBox has it, and writes it to a file that only its owner may read.
  - A token is known by its user and its description. NetBox shows it once, when it is created. So the file must be where it was written, or the
    token is made anew.
  - Whether the file has the token of NetBox is judged by the part of it that NetBox goes on showing.
  - M(netbox.netbox.netbox_token) knows a token by its key, which NetBox 4.5 and later chooses itself; so it makes another token each time, and it
    does not know tokens of version 2.
options:
  data:
    description: The token.
    type: dict
    required: true
    suboptions:
      user:
        description:
          - The name of the user that the token is for.
          - In check mode one that does not exist is only warned of, because a task before this one may be about to make it.
        type: str
        required: true
      description:
        description: By what it is known among the tokens of the user, such as V(eventops on automation-01).
        type: str
        required: true
      version:
        description:
          - Of a new token. By default V(2) where NetBox has it (4.5 and later), else V(1). One that is there is kept, whatever its version.
          - For V(2), NetBox must have C(API_TOKEN_PEPPERS) in its configuration.
        type: int
        choices: [1, 2]
      write_enabled:
        description: Whether something can be changed with the token.
        type: bool
      enabled:
        description: Whether the token can be used. NetBox 4.5 and later.
        type: bool
      allowed_ips:
        description: The networks that the token may be used from. They replace those that it has; an empty list allows all.
        type: list
        elements: str
  path:
    description:
      - The file that gets the token, and a line break. Its directory must be there. Mode 0600, and whoever runs this owns it.
      - Needed for O(state=present). With O(state=absent) it is removed, where it is given.
    type: path
  renew:
    description:
      - What to do when NetBox has the token, but the file does not. V(true) creates another, writes it, and then deletes the one that is lost;
        V(false) fails.
    type: bool
    default: false
  state:
    description: Whether the token is to be there.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - eventops.infra.netbox
attributes:
  check_mode:
    description: Says what would change, and changes nothing. What NetBox would refuse is only found out without it.
    support: full
  diff_mode:
    description: Shows the fields that differ, before and after. The token is never shown.
    support: full
"""

EXAMPLES = r"""
- name: Make a token for the source of events
  eventops.infra.netbox_token:
    netbox_url: https://netbox.example.com
    netbox_token: "{{ netbox_admin_token }}"
    data:
      user: eventops
      description: eventops on automation-01
      write_enabled: true
      allowed_ips: [192.0.2.10/32]
    path: /etc/eventops/netbox.token

- name: Make it anew, because the file was lost
  eventops.infra.netbox_token:
    netbox_url: https://netbox.example.com
    netbox_token: "{{ netbox_admin_token }}"
    data:
      user: eventops
      description: eventops on automation-01
    path: /etc/eventops/netbox.token
    renew: true
"""

RETURN = r"""
token:
  description:
    - What NetBox says of the token, without the token itself.
    - In check mode, as far as it is known what it would be. The deleted token where it was deleted, nothing where there was none.
  returned: success
  type: dict
  sample:
    id: 7
    version: 2
    description: eventops on automation-01
    write_enabled: true
path:
  description: The file that has the token.
  returned: O(state=present)
  type: str
  sample: /etc/eventops/netbox.token
msg:
  description: What was done.
  returned: success
  type: str
  sample: token eventops on automation-01 of eventops created
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.eventops.infra.plugins.module_utils.netbox.arguments import CONNECTION, STATE, connect
from ansible_collections.eventops.infra.plugins.module_utils.netbox.client import NetBoxError
from ansible_collections.eventops.infra.plugins.module_utils.netbox.token_file import TokenFile
from ansible_collections.eventops.infra.plugins.module_utils.netbox.user_token import TokenOfUser

ARGUMENTS = {
    "data": {
        "type": "dict",
        "required": True,
        "options": {
            "user": {"type": "str", "required": True},
            "description": {"type": "str", "required": True},
            "version": {"type": "int", "choices": [1, 2]},
            "write_enabled": {"type": "bool"},
            "enabled": {"type": "bool"},
            "allowed_ips": {"type": "list", "elements": "str"},
        },
    },
    "path": {"type": "path"},
    "renew": {"type": "bool", "default": False},
    **STATE,
    **CONNECTION,
}


def main():
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True, required_if=[("state", "present", ["path"])])
    data, path = module.params["data"], module.params["path"]
    token = TokenOfUser(connect(module), data, TokenFile(path) if path else None, module.check_mode, module.warn)
    try:
        outcome = token.absent() if module.params["state"] == "absent" else token.present(module.params["renew"])
    except (NetBoxError, OSError) as error:
        module.fail_json(msg=str(error))
    result = {} if module.params["state"] == "absent" else {"path": path}
    module.exit_json(
        changed=bool(outcome.done),
        token={name: value for name, value in outcome.now.items() if name not in ("token", "key")},
        diff=outcome.diff,
        msg=f"token {data['description']} of {data['user']} {outcome.done or 'is as it should be'}",
        **result,
    )


if __name__ == "__main__":
    main()
