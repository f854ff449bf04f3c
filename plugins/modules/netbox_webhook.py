#!/usr/bin/python
# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: netbox_webhook
short_description: Create, change or delete a webhook of NetBox, without showing its secret
version_added: 0.1.0
description:
  - A webhook says where NetBox sends what an event rule selects, and how it is signed.
  - A webhook is known by its name. What is left out is not touched.
  - M(netbox.netbox.netbox_webhook) is for the webhooks of NetBox before 3.7, which had their own object types, and shows the secret in its result
    and in its difference.
options:
  data:
    description: The webhook.
    type: dict
    required: true
    suboptions:
      name:
        description: The name of the webhook.
        type: str
        required: true
      payload_url:
        description: Where NetBox sends to. NetBox takes it for a Jinja2 template. A new webhook needs it.
        type: str
      http_method:
        description: The method of the request. NetBox's default is C(POST).
        type: str
        choices: [GET, POST, PUT, PATCH, DELETE]
      http_content_type:
        description: The content type of the request. NetBox's default is C(application/json).
        type: str
      secret:
        description:
          - What the request is signed with (C(X-Hook-Signature), HMAC-SHA512 of the body). An empty one switches the signature off.
          - NetBox returns the secret to whoever may read the webhook. So it is compared, and a wrong one is mended.
          - It is never in the result, nor in the difference, which only says that it is another one.
        type: str
      additional_headers:
        description: Further headers, one a line. NetBox takes them for a Jinja2 template. They may be secrets, and are not shown.
        type: str
      body_template:
        description: A Jinja2 template of the body in place of NetBox's own. What it makes is no longer what the adapter of NetBox reads.
        type: str
      ssl_verification:
        description: Whether NetBox checks the certificate of the receiver.
        type: bool
      ca_file_path:
        description: The path, on NetBox, of the CA certificates that it checks with. An empty one means those of the system.
        type: str
      description:
        description: A short description.
        type: str
      tags:
        description: The tags of the webhook, each by its slug or its name. They must exist, and replace those that the webhook has.
        type: list
        elements: str
  state:
    description: Whether the webhook is to be there. NetBox deletes the event rules of a webhook with it.
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
    description: Shows the fields that differ, before and after; of secrets only that they do.
    support: full
"""

EXAMPLES = r"""
- name: Send to the receiver of events
  eventops.infra.netbox_webhook:
    netbox_url: https://netbox.example.com
    netbox_token: "{{ netbox_token }}"
    data:
      name: eventops
      payload_url: https://eventops.example.com:5001/netbox
      secret: "{{ lookup('ansible.builtin.file', '/etc/eventops/netbox.secret') }}"
      ca_file_path: /etc/ssl/certs/internal.pem
"""

RETURN = r"""
webhook:
  description:
    - The webhook as NetBox's API returns it, without its secret and its further headers.
    - In check mode, as far as it is known what it would be. The deleted webhook where it was deleted, nothing where there was none.
  returned: success
  type: dict
  sample:
    id: 1
    name: eventops
    payload_url: https://eventops.example.com:5001/netbox
    ssl_verification: true
msg:
  description: What was done.
  returned: success
  type: str
  sample: webhook eventops created
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.eventops.infra.plugins.module_utils.netbox.arguments import CONNECTION, STATE, connect
from ansible_collections.eventops.infra.plugins.module_utils.netbox.client import NetBoxError
from ansible_collections.eventops.infra.plugins.module_utils.netbox.ensuring import ensure_absent, ensure_present
from ansible_collections.eventops.infra.plugins.module_utils.netbox.webhook import comparable, shown_difference, wanted_webhook, without_secrets

ENDPOINT = "extras/webhooks"
ARGUMENTS = {
    "data": {
        "type": "dict",
        "required": True,
        "options": {
            "name": {"type": "str", "required": True},
            "payload_url": {"type": "str"},
            "http_method": {"type": "str", "choices": ["GET", "POST", "PUT", "PATCH", "DELETE"]},
            "http_content_type": {"type": "str"},
            "secret": {"type": "str", "no_log": True},
            "additional_headers": {"type": "str", "no_log": True},
            "body_template": {"type": "str"},
            "ssl_verification": {"type": "bool"},
            "ca_file_path": {"type": "str"},
            "description": {"type": "str"},
            "tags": {"type": "list", "elements": "str"},
        },
    },
    **STATE,
    **CONNECTION,
}


def main():
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    data = module.params["data"]
    netbox = connect(module)
    try:
        existing = netbox.find_one(ENDPOINT, name=data["name"])
        if module.params["state"] == "absent":
            outcome = ensure_absent(netbox, ENDPOINT, existing, module.check_mode)
        else:
            outcome = ensure_present(netbox, ENDPOINT, existing, wanted_webhook(netbox, data, existing), module.check_mode, comparable)
    except NetBoxError as error:
        module.fail_json(msg=str(error))
    module.exit_json(
        changed=bool(outcome.done),
        webhook=without_secrets(outcome.now),
        diff=shown_difference(outcome.diff),
        msg=f"webhook {data['name']} {outcome.done or 'is as it should be'}",
    )


if __name__ == "__main__":
    main()
